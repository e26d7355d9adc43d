using System.CommandLine;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary>
/// <c>nova-host completion SHELL</c>: a script that completes commands, options and their values. It asks the program
/// itself, by the directive <c>[suggest:POSITION]</c> of System.CommandLine, so it never is behind the options.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash =
        """
        # nova-host completion bash > /etc/bash_completion.d/nova-host, or: eval "$(nova-host completion bash)"
        _nova_host() {
          local word=${COMP_WORDS[COMP_CWORD]} IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _nova_host nova-host
        """;

    private const string Zsh =
        """
        #compdef nova-host
        # nova-host completion zsh > a directory of $fpath, as _nova-host; or: source <(nova-host completion zsh)
        _nova_host() {
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
          if (( ${#found} )) && [[ -n ${found[1]} ]]; then compadd -- "${found[@]}"; else _files; fi
        }
        if [[ ${funcstack[1]} == _nova-host ]]; then _nova_host "$@"; else compdef _nova_host nova-host; fi
        """;

    private const string Fish =
        """
        # nova-host completion fish > ~/.config/fish/completions/nova-host.fish
        function __nova_host_complete
          set -l line (commandline -cp)
          nova-host "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c nova-host -a '(__nova_host_complete)'
        """;

    private static readonly Dictionary<string, string> Scripts = new() { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var completion = new Command("completion", "Prints a script by which a shell completes nova-host's commands, options and values.") { shell };
        completion.SetAction(line =>
        {
            line.InvocationConfiguration.Output.WriteLine(Scripts[line.GetRequiredValue(shell)]);
            return (int)ExitCode.Done;
        });
        return completion;
    }
}
