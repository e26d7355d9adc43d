using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Compute;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

[Collection(nameof(ServerCloud))]
public class ServerCreateTests(ServerCloud cloud)
{
    [Fact]
    public async Task A_create_is_accepted_and_the_server_runs()
    {
        var ada = cloud.NewMember().At("2.90");
        var answer = (await ada.Post("/v2.1/servers", cloud.Body("one", """, "metadata": {"a": "b"}, "adminPass": "secret" """))).Is(202);
        var id = answer["server", "id"].GetString()!;

        Assert.Equal($"{cloud.Url}/v2.1/servers/{id}", answer.Headers["Location"]);
        Assert.Equal("secret", answer["server", "adminPass"].GetString());
        Assert.Equal("default", answer["server", "security_groups"][0].GetProperty("name").GetString());
        await cloud.Settled(id);
        var server = await ServerCloud.Show(ada, id);
        Assert.Equal("ACTIVE", server.GetProperty("status").GetString());
        Assert.Equal("one", server.GetProperty("OS-EXT-SRV-ATTR:hostname").GetString());
        Assert.Equal("b", server.GetProperty("metadata").GetProperty("a").GetString());
        Assert.Equal(1, server.GetProperty("OS-EXT-STS:power_state").GetInt32());
        Assert.Equal("nova", server.GetProperty("OS-EXT-AZ:availability_zone").GetString());
    }

    [Fact]
    public async Task A_server_on_a_network_has_an_address_and_the_default_group()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada, networks: "\"auto\"");
        var server = await ServerCloud.Show(ada, id);

        var (network, addresses) = server.GetProperty("addresses").EnumerateObject().Select(p => (p.Name, p.Value)).Single();
        Assert.Equal("fixed", addresses[0].GetProperty("OS-EXT-IPS:type").GetString());
        Assert.Equal("default", server.GetProperty("security_groups")[0].GetProperty("name").GetString());
        var shown = (await ada.Get($"/v2.1/servers/{id}/ips/{network}")).Is(200);
        Assert.Equal(addresses[0].GetProperty("addr").GetString(), shown[network][0].GetProperty("addr").GetString());
        Assert.Equal(2, (await ada.Get($"/v2.1/servers/{id}/ips")).Is(200)["addresses", network][0].EnumerateObject().Count());
        (await ada.Get($"/v2.1/servers/{id}/ips/other")).Is(404, "Instance is not a member of specified network");
    }

    [Fact]
    public async Task Several_servers_of_one_request_share_a_reservation()
    {
        var ada = cloud.NewMember().At("2.90");
        var answer = (await ada.Post("/v2.1/servers", cloud.Body("many", """, "min_count": 2, "max_count": "3", "return_reservation_id": true"""))).Is(202);
        var reservation = answer["reservation_id"].GetString();

        var names = (await ada.Get($"/v2.1/servers?reservation_id={reservation}&sort_key=display_name&sort_dir=asc")).Is(200)["servers"];
        Assert.Equal(["many-1", "many-2", "many-3"], names.EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.False(answer.Headers.ContainsKey("Location"));
    }

    [Fact]
    public async Task A_repeated_key_answers_as_before_and_makes_nothing()
    {
        var ada = cloud.NewMember().At("2.90").With("Idempotency-Key", "key-1");
        var first = (await ada.Post("/v2.1/servers", cloud.Body("once"))).Is(202);
        var second = (await ada.Post("/v2.1/servers", cloud.Body("once"))).Is(202);

        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Headers["Location"], second.Headers["Location"]);
        Assert.Equal(1, (await ada.Get("/v2.1/servers")).Is(200)["servers"].GetArrayLength());
        (await ada.Post("/v2.1/servers", cloud.Body("other"))).Is(409, "The Idempotency-Key was used before with another request: use a new key for a new request.");
        (await (ada with { Token = "bob:" + ada.Token.Split(':')[1] }).Post("/v2.1/servers", cloud.Body("other"))).Is(202);
    }

    [Fact]
    public async Task The_same_key_at_the_same_time_makes_one_server()
    {
        var ada = cloud.NewMember().At("2.90").With("Idempotency-Key", "key-2");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ada.Post("/v2.1/servers", cloud.Body("once"))));

        Assert.Single(answers.Select(a => a.Is(202).Text).Distinct());
        Assert.Equal(1, (await ada.Get("/v2.1/servers")).Is(200)["servers"].GetArrayLength());
    }

    [Fact]
    public async Task Personality_files_reach_the_host_within_their_limits_until_2_56()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada.At("2.56"), more: """, "config_drive": true, "personality": [{"path": "/etc/motd", "contents": "aGVsbG8="}]""");
        var guest = Assert.Single(cloud.Services.GetRequiredService<HostJournal>().AllGuests(), entry => entry.ServerId == Guid.Parse(id)).Guest!;
        Assert.Equal(("/etc/motd", "aGVsbG8="), Assert.Single(guest.Metadata.Files.Select(file => (file.Path, file.Contents.Reveal))));

        await Refused("""[{"path": "/a", "contents": "%%%"}]""", 400, "Invalid input for field/attribute contents. Value: %%%. '%%%' is not a 'base64'");
        await Refused("""[{"path": "/a"}]""", 400, "Bad personality format: missing contents");
        await Refused($$"""[{{string.Join(',', Enumerable.Repeat("""{"path": "/a", "contents": ""}""", 6))}}]""", 403, "Personality file limit exceeded");
        await Refused($$"""[{"path": "/{{new string('a', 255)}}", "contents": ""}]""", 403, "Personality file path exceeds maximum 255");
        await Refused($$"""[{"path": "/a", "contents": "{{Convert.ToBase64String(new byte[10241])}}"}]""", 403, "Personality file content exceeds maximum 10240");

        async Task Refused(string files, int status, string message) =>
            (await ada.At("2.56").Post("/v2.1/servers", cloud.Body(more: $$""", "personality": {{files}}"""))).Is(status, message);
    }

    public static TheoryData<string, string> BadRequests => new()
    {
        { """, "min_count": 3, "max_count": 2""", "min_count must be <= max_count" },
        { """, "key_name": "nope" """, "Invalid key_name provided." },
        { """, "availability_zone": "mars" """, "The requested availability zone is not available" },
        { """, "user_data": "%%%" """, "Invalid input for field/attribute user_data. Value: %%%. '%%%' is not a 'base64'" },
        { """, "config_drive": "maybe" """, "Invalid input for field/attribute config_drive. Value: maybe. 'maybe' is not one of [True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no']" },
        { """, "block_device_mapping": [{"volume_id": "70a599e0-31e7-49b7-b260-868f441e862b"}]""", "Block Device Mapping is Invalid: servers with volumes or further disks are not supported by this cloud." },
        { """, "tags": ["a,b"]""", "Invalid input for field/attribute 0. Value: a,b. 'a,b' does not match '^[^,/]*$'" },
        { """, "personality": []""", "Additional properties are not allowed ('personality' was unexpected)" },
        { """, "imageRef": "" """, "Missing imageRef attribute" },
        { """, "imageRef": "70a599e0-31e7-49b7-b260-868f441e862b" """, "Can not find requested image" },
        { """, "flavorRef": "nope" """, "Flavor nope could not be found." },
        { """, "security_groups": [{"name": "nope"}], "networks": "auto" """, "Security group nope not found." },
        { """, "networks": [{"uuid": "70a599e0-31e7-49b7-b260-868f441e862b"}]""", "Network 70a599e0-31e7-49b7-b260-868f441e862b could not be found." },
        { """, "networks": [{}]""", "Bad network format: missing 'uuid'" },
        { """, "networks": [{"port": "70a599e0-31e7-49b7-b260-868f441e862b", "fixed_ip": "10.0.0.1"}]""", "Specified Fixed IP '10.0.0.1' cannot be used with port '70a599e0-31e7-49b7-b260-868f441e862b': the two cannot be specified together." },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task What_cannot_be_made_is_400(string more, string sentence)
    {
        var answer = (await cloud.NewMember().At("2.90").Post("/v2.1/servers", cloud.Body(more: more))).Is(400);
        Assert.EndsWith(sentence, answer.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_policy_or_quota_refuses_is_403()
    {
        var ada = cloud.NewMember().At("2.90");

        (await ada.Post("/v2.1/servers", cloud.Body(more: """, "availability_zone": "nova:fake-00001" """))).Is(403, "Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.");
        (await ada.Post("/v2.1/servers", cloud.Body(more: """, "host": "fake-00001" """))).Is(403, "Policy doesn't allow compute:servers:create:requested_destination to be performed.");
        (await ada.Post("/v2.1/servers", cloud.Body(more: """, "flavorRef": "f-none" """))).Is(403, "Only volume-backed servers are allowed for flavors with zero disk.");
        (await ada.Post("/v2.1/servers", cloud.Body(more: """, "min_count": 11"""))).Is(403, "Quota exceeded for instances: Requested 11, but already used 0 of 10 instances");
        (await ada.Post("/v2.1/servers", cloud.Body(more: """, "flavorRef": "f-huge" """))).Is(403, "Quota exceeded for cores: Requested 100, but already used 0 of 20 cores");
        (await ada.With("x-roles", "reader").Post("/v2.1/servers", cloud.Body())).Is(403, "Policy doesn't allow os_compute_api:servers:create to be performed.");
        Assert.Equal(0, (await ada.Get("/v2.1/servers")).Is(200)["servers"].GetArrayLength());
    }

    [Fact]
    public async Task An_administrator_chooses_the_host()
    {
        var admin = cloud.As("admin").At("2.90");

        var forced = await cloud.Boot(admin, more: """, "availability_zone": "nova:fake-00001:fake-00001" """);
        Assert.Equal("fake-00001", (await ServerCloud.Show(admin, forced)).GetProperty("OS-EXT-SRV-ATTR:host").GetString());
        var wanted = await cloud.Boot(admin, more: """, "host": "fake-00001" """);
        Assert.Equal("fake-00001", (await ServerCloud.Show(admin, wanted)).GetProperty("OS-EXT-SRV-ATTR:hypervisor_hostname").GetString());
        (await admin.Post("/v2.1/servers", cloud.Body(more: """, "host": "nope" """))).Is(400, "Compute host nope could not be found.");
        (await admin.Post("/v2.1/servers", cloud.Body(more: """, "host": "x", "availability_zone": "nova:y" """)))
            .Is(400, "One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.");
        (await admin.Post("/v2.1/servers", cloud.Body(more: """, "availability_zone": "a:b:c:d" """))).Is(400, "Invalid input received: Unable to parse availability_zone");
    }

    [Theory]
    [InlineData("2.36", "2.37", "\"none\"")]
    [InlineData("2.18", "2.19", "\"none\", \"description\": \"words\"", "description")]
    [InlineData("2.51", "2.52", "\"none\", \"tags\": [\"a\"]", "tags")]
    [InlineData("2.62", "2.63", "\"none\", \"trusted_image_certificates\": [\"a\"]", "trusted_image_certificates")]
    [InlineData("2.89", "2.90", "\"none\", \"hostname\": \"guest\"", "hostname")]
    [InlineData("2.93", "2.94", "\"none\", \"hostname\": \"guest.example.org\"")]
    public async Task Each_version_knows_its_members(string before, string since, string networks, string? member = null)
    {
        var ada = cloud.NewMember();
        var old = networks.Replace("\"none\"", string.CompareOrdinal(before, "2.37") < 0 && before.Length == 4 && since != "2.37" ? "[]" : "\"none\"", StringComparison.Ordinal);
        var refused = (await ada.At(before).Post("/v2.1/servers", cloud.Body(networks: old))).Is(400);
        if (member is not null)
            Assert.EndsWith($"Additional properties are not allowed ('{member}' was unexpected)", refused.Fault, StringComparison.Ordinal);

        var made = string.CompareOrdinal(since, "2.37") < 0 ? old : networks;
        (await ada.At(since).Post("/v2.1/servers", cloud.Body(networks: made))).Is(202);
    }

    [Fact]
    public async Task Networks_may_be_left_out_until_236()
    {
        var body = $$$"""{"server": {"name": "vm", "flavorRef": "{{{cloud.Flavor}}}", "imageRef": "{{{cloud.Image}}}"}}""";

        (await cloud.NewMember().At("2.36").Post("/v2.1/servers", body)).Is(202);
        Assert.EndsWith("'networks' is a required property", (await cloud.NewMember().At("2.37").Post("/v2.1/servers", body)).Is(400).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_219_the_name_is_the_description_and_hints_are_shown_from_2100()
    {
        var ada = cloud.NewMember();
        var body = $$$"""{"server": {"name": "old", "flavorRef": "{{{cloud.Flavor}}}", "imageRef": "{{{cloud.Image}}}"}, "os:scheduler_hints": {"cidr": "/24", "mine": [1]}}""";
        var id = (await ada.At("2.1").Post("/v2.1/servers", body)).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(id);

        var server = await ServerCloud.Show(ada.At("2.100"), id);
        Assert.Equal("old", server.GetProperty("description").GetString());
        Assert.Equal("/24", server.GetProperty("scheduler_hints").GetProperty("cidr").GetString());
        Assert.Equal(1, server.GetProperty("scheduler_hints").GetProperty("mine")[0].GetInt32());
        Assert.False((await ServerCloud.Show(ada.At("2.99"), id)).TryGetProperty("scheduler_hints", out _));
    }

    [Fact]
    public async Task A_key_pair_and_a_deleted_flavor_are_seen_at_once()
    {
        var ada = cloud.NewMember().At("2.90");
        var key = (await ada.At("2.91").Post("/v2.1/os-keypairs", """{"keypair": {"name": "mine"}}""")).Is(201);
        var id = await cloud.Boot(ada, more: """, "key_name": "mine" """);
        Assert.Equal("mine", (await ServerCloud.Show(ada, id)).GetProperty("key_name").GetString());
        (await ada.Delete("/v2.1/os-keypairs/mine")).Is(204);
        (await ada.Post("/v2.1/servers", cloud.Body(more: """, "key_name": "mine" """))).Is(400, "Invalid key_name provided.");

        (await cloud.As("admin").Post("/v2.1/flavors", """{"flavor": {"id": "gone", "name": "gone", "ram": 64, "vcpus": 1, "disk": 1}}""")).Is(200);
        await cloud.Boot(ada, more: """, "flavorRef": "gone" """);
        (await cloud.As("admin").Delete("/v2.1/flavors/gone")).Is(202);
        (await ada.Post("/v2.1/servers", cloud.Body(more: """, "flavorRef": "gone" """))).Is(400, "Flavor gone could not be found.");
        Assert.Equal("ssh-rsa", key["keypair", "public_key"].GetString()!.Split(' ')[0]);
    }

    [Fact]
    public async Task An_image_that_does_not_fit_is_400()
    {
        var ada = cloud.NewMember().At("2.90");
        var wide = await cloud.MakeImage("""{"name": "w", "disk_format": "raw", "container_format": "bare", "visibility": "public", "min_disk": 5}""");
        var fat = await cloud.MakeImage("""{"name": "f", "disk_format": "raw", "container_format": "bare", "visibility": "public", "min_ram": 4096}""");
        var empty = (await cloud.As("admin").Post("/image/v2/images", """{"name": "e", "disk_format": "raw", "container_format": "bare", "visibility": "public"}""")).Is(201)["id"].GetString();

        (await ada.Post("/v2.1/servers", cloud.Body(more: $""", "imageRef": "{wide}" """)))
            .Is(400, "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is 1073741824 bytes, minimum size is 5368709120 bytes.");
        (await ada.Post("/v2.1/servers", cloud.Body(more: $""", "imageRef": "{fat}" """))).Is(400, "Flavor's memory is too small for requested image.");
        (await ada.Post("/v2.1/servers", cloud.Body(more: $""", "imageRef": "{empty}" """))).Is(400, $"Image {empty} is not active.");
    }
}
