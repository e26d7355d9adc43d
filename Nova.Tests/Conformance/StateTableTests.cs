using System.Text;
using Nova.Modules.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Conformance;

/// <summary>The table of states in the code against the published one, and the page that shows it.</summary>
public sealed class StateTableTests
{
    // Published in other words: the vm_states of tags stand among the other rules, and the states of shares too.
    private static readonly string[] StatesInWords = [Transitions.ChangeTags.Operation, Transitions.AttachShare.Operation, Transitions.DetachShare.Operation];

    [NeedsFact(Need.Reference)]
    public void Every_published_row_is_in_the_code()
    {
        var ours = Transitions.All.ToDictionary(r => r.Operation);
        var wrong = new List<string>();
        foreach (var row in ApiReference.Table("compute-api/server-action-states.tsv").Where(r => r["operation"] != "servers.action.createImage (volume-backed)"))
        {
            if (!ours.Remove(row["operation"], out var rule))
            {
                wrong.Add($"{row["operation"]} is not there");
                continue;
            }

            Compare("vm_states", StatesInWords.Contains(rule.Operation) ? "any" : States(rule.From), Sorted(row["allowed_vm_states"]));
            Compare("task_states", Tasks(rule), row["allowed_task_states"].StartsWith("any", StringComparison.Ordinal) ? row["allowed_task_states"] : Sorted(row["allowed_task_states"]));
            Compare("launched", rule.NeedsLaunched ? "yes" : "no", row["needs_launched"]);
            Compare("locked", rule.IsRefusedWhenLocked ? "yes" : "no", row["refused_when_locked"]);
            Compare("host", rule.Host switch { HostNeed.None => "no", HostNeed.Assigned => "assigned", _ => "up" }, row["needs_host"]);
            Compare("task", rule.Task ?? "none", row["task_state_set"].Split(',', ' ')[0] is "(keeps" or "cleared" ? "none" : row["task_state_set"].Split(',', ' ')[0]);
            foreach (var to in rule.To)
                if (!row["resulting_vm_state"].Contains(to, StringComparison.Ordinal))
                    wrong.Add($"{rule.Operation}: leads to {to} instead of {row["resulting_vm_state"]}");

            void Compare(string what, string our, string published)
            {
                if (our != published)
                    wrong.Add($"{rule.Operation}: {what} are {our} instead of {published}");
            }
        }

        Assert.Empty(wrong);
        Assert.Empty(ours.Keys);
    }

    [NeedsFact(Need.Reference)]
    public void Every_published_status_is_shown()
    {
        foreach (var row in ApiReference.Table("compute-api/server-states.tsv").Where(r => r["kind"] == "status" && !r["vm_state"].StartsWith('(')))
            Assert.Equal(row["api_status"], ServerStates.Status(row["vm_state"], row["task_state"].StartsWith('(') ? null : row["task_state"]));
    }

    [Fact]
    public void The_page_shows_what_the_code_says() => Snapshot.Compare("docs/states.md", Page());

    private static string Tasks(StateRule rule) => rule switch
    {
        { During: null, NotDuring: [] } => "any",
        { During: null } => "any except " + string.Join(' ', rule.NotDuring),
        { During: [] } => "none",
        _ => States(rule.During!.Contains("migrating") ? rule.During : ["none", .. rule.During!]),
    };

    private static string States(IReadOnlyList<string>? states) => states is null ? "any" : string.Join(' ', states.Order(StringComparer.Ordinal));

    private static string Sorted(string states) => string.Join(' ', states.Split(' ').Order(StringComparer.Ordinal));

    private static string Page()
    {
        var page = new StringBuilder(
            """
            # States of servers

            Generated from `Nova.Modules/Servers/States` by `./test.sh StateTableTests` (`UPDATE_SNAPSHOTS=1` writes it anew). An action in a state that is
            not in its row is answered with 409.

            ```mermaid
            stateDiagram-v2

            """);
        foreach (var rule in Transitions.All.Where(r => r.From is not null && r.To.Count > 0))
            foreach (var from in rule.From!)
                foreach (var to in rule.To.Where(to => rule.To.Count == 1 || rule.Task is null || !rule.From.Contains(to) || to == from))
                    page.Append("    ").Append(Node(from)).Append(" --> ").Append(Node(to)).Append(": ").Append(rule.Name).Append('\n');
        page.Append("```\n\n## Actions\n\n| operation | vm_states | task_states | has run | locked | host | task meanwhile | leads to |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var rule in Transitions.All)
            page.Append("| ").AppendJoin(
                " | ", rule.Operation, States(rule.From), Tasks(rule), rule.NeedsLaunched ? "yes" : "", rule.IsRefusedWhenLocked ? "refused" : "",
                rule.Host switch { HostNeed.None => "", HostNeed.Assigned => "assigned", _ => "up" }, rule.Task ?? "", rule.To.Count == 0 ? "as it was" : string.Join(' ', rule.To)).Append(" |\n");
        page.Append("\n## Statuses\n\n| vm_state | task_state | status |\n|---|---|---|\n");
        foreach (var (vmState, task, status) in ServerStates.All)
            page.Append("| ").AppendJoin(" | ", vmState, task ?? "any other", status).Append(" |\n");
        return page.ToString();
    }

    private static string Node(string state) => state.Replace("-", "_", StringComparison.Ordinal);
}
