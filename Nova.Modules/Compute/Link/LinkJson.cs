using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Nova.Modules.Compute.Live;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Images;
using Nova.Modules.Operations;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>
/// Commands and reports as the host link carries them. Unlike in rows, secrets are in clear text: conductor and host have no
/// key in common, and the channel is what protects them (rpc.certificate in the settings).
/// </summary>
internal static class LinkJson
{
    private static readonly JsonSerializerOptions Options = new(StateJson.Options) { Converters = { new OpenSecretConverter() } };

    public static CommandName NameOf(HostCommand command) =>
        new() { OperationId = command.OperationId.ToString(), Step = command.Step, Epoch = command.Epoch };

    public static CommandOrder Write(HostCommand command)
    {
        var (kind, body) = command switch
        {
            SpawnGuest spawn => ("spawn", new Body { Guest = spawn.Guest }),
            SetGuestPower power => ("power", new Body { Change = power.Change }),
            RebuildGuest rebuild => ("rebuild", new Body { Guest = rebuild.Guest, Power = rebuild.To }),
            RescueGuest rescue => ("rescue", new Body { Rescue = rescue.Rescue, Timeout = rescue.Timeout }),
            SetGuestPassword password => ("password", new Body { Password = password.Password }),
            CrashGuest => ("crash", new Body()),
            SnapshotGuest => ("snapshot", new Body()),
            UploadSnapshot upload => ("upload_snapshot", new Body { ImageId = upload.ImageId, Target = new(upload.Target) }),
            DropSnapshot => ("drop_snapshot", new Body()),
            AttachNic attach => ("attach_nic", new Body { Nic = attach.Nic }),
            DetachNic detach => ("detach_nic", new Body { PortId = detach.PortId, Force = detach.Force }),
            DestroyGuest => ("destroy", new Body()),
            CacheImage cache => ("cache_image", new Body { Image = cache.Image }),
            _ => throw new ArgumentException($"{command.GetType().Name} has no form on the wire.", nameof(command)),
        };
        return new()
        {
            Name = NameOf(command), ServerId = command.ServerId.ToString(), Kind = kind,
            Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(body, Options)),
        };
    }

    /// <summary>The command again.</summary>
    /// <exception cref="Fault">501: a newer release sent a kind that this one does not know.</exception>
    public static HostCommand Read(CommandOrder order)
    {
        var body = JsonSerializer.Deserialize<Body>(order.Body.Span, Options)!;
        var (server, operation) = (Guid.Parse(order.ServerId), Guid.Parse(order.Name.OperationId));
        return (order.Kind, body) switch
        {
            ("rebuild", { Guest: { } guest }) => new RebuildGuest(guest, body.Power) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("rescue", _) => new RescueGuest(body.Rescue, body.Timeout) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("password", { Password: { } password }) => new SetGuestPassword(password) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("crash", _) => new CrashGuest { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("attach_nic", { Nic: { } nic }) => new AttachNic(nic) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("detach_nic", { PortId: { } port }) => new DetachNic(port, body.Force) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("spawn", { Guest: { } guest }) => new SpawnGuest(guest) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("power", { Change: { } change }) => new SetGuestPower(change) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("cache_image", { Image: { } image }) => new CacheImage(image) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("snapshot", _) => new SnapshotGuest { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("upload_snapshot", { ImageId: { } image, Target: { } target }) => new UploadSnapshot(image, target.Reveal) { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("drop_snapshot", _) => new DropSnapshot { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            ("destroy", _) => new DestroyGuest { ServerId = server, Epoch = order.Name.Epoch, OperationId = operation, Step = order.Name.Step },
            _ => throw Fault.NotImplemented($"The host does not know this command; it may be of an older release."),
        };
    }

    public static PictureNews Write(HostPicture picture) => new() { Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(picture, Options)) };

    public static HostPicture Read(PictureNews news) => JsonSerializer.Deserialize<HostPicture>(news.Body.Span, Options)!;

    public static WantedGroups Write(IEnumerable<GroupKey> wanted)
    {
        var groups = new WantedGroups();
        groups.Groups.AddRange(wanted.Select(key => new WantedGroups.Types.Group { NetworkId = key.NetworkId.ToString(), GroupId = key.GroupId.ToString() }));
        return groups;
    }

    public static IEnumerable<GroupKey> Read(WantedGroups wanted) => wanted.Groups.Select(group => new GroupKey(Guid.Parse(group.NetworkId), Guid.Parse(group.GroupId)));

    public static CommandResult Write(CommandName name, HostResult result) =>
        new() { Name = name, Power = (int)result.Power, Fault = WriteFault(result.Fault), Answer = result.Snapshot is { } facts ? WriteBody(new CommandAnswer(facts)) : ByteString.Empty };

    public static HostResult Read(CommandResult result) =>
        new(ReadFault(result.Fault), (Power)result.Power) { Snapshot = result.Answer.IsEmpty ? null : JsonSerializer.Deserialize<CommandAnswer>(result.Answer.Span, Options)!.Snapshot };

    public static ByteString WriteBody<T>(T body) => ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(body, Options));

    public static GuestDiagnostics Read(ByteString body) => JsonSerializer.Deserialize<GuestDiagnostics>(body.Span, Options)!;

    public static string WriteFault(Fault? fault) => fault is null ? "" : FaultJson.Write(fault);

    public static Fault? ReadFault(string json) => json.Length == 0 ? null : FaultJson.Read(json);

    public static HostFacts Write(string name, HostInventory inventory, IEnumerable<string> abilities)
    {
        var facts = new HostFacts
        {
            Name = name, Release = Release.Version, WireLevel = Release.WireLevel, SchemaLevel = Release.SchemaLevel,
            Inventory = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(inventory, Options)),
        };
        facts.Abilities.AddRange(abilities);
        return facts;
    }

    public static HostInventory ReadInventory(HostFacts facts) => JsonSerializer.Deserialize<HostInventory>(facts.Inventory.Span, Options)!;

    public static GuestFact Write(GuestStatus status, long epoch) =>
        new() { ServerId = status.ServerId.ToString(), Power = (int)status.Power, Known = status.Known, Name = status.Name, Epoch = epoch };

    public static GuestStatus Read(GuestFact fact) => new(Guid.Parse(fact.ServerId), (Power)fact.Power, fact.Known, fact.Name);

    private sealed record Body
    {
        public GuestSpec? Guest { get; init; }
        public PowerChange? Change { get; init; }
        public Power Power { get; init; }
        public RescueSpec? Rescue { get; init; }
        public TimeSpan Timeout { get; init; }
        public Secret? Password { get; init; }
        public GuestImage? Image { get; init; }
        public string? ImageId { get; init; }
        public Secret? Target { get; init; }
        public NicSpec? Nic { get; init; }
        public Guid? PortId { get; init; }
        public bool Force { get; init; }
    }

    // What a command answers beside its success.
    private sealed record CommandAnswer(SnapshotFacts? Snapshot);

    private sealed class OpenSecretConverter : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetString() ?? throw new JsonException("A secret is a string."));

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(value.Reveal);
    }
}
