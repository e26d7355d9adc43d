using System.Text;

namespace Nova.Drivers.Hypervisor.Fake.Consoles;

/// <summary>A serial console with a getty and a shell behind it, as far as people notice at a glance. Each that is opened is a session of its own.</summary>
internal sealed class FakeTerminal : FakeStream
{
    private const int LongestLine = 1024;

    private readonly string _name;
    private readonly StringBuilder _line = new();
    private bool _isLoggedIn;

    public FakeTerminal(string name)
    {
        _name = name;
        SayFirst(Encoding.UTF8.GetBytes($"\r\n{name} login: "));
    }

    protected override void Take(byte b)
    {
        switch ((char)b)
        {
            case '\r':
                Say("\r\n");
                Enter();
                break;
            case '\n':
                break; // A terminal sends a carriage return alone; a client that adds a line feed means the same.
            case '\b' or '\x7f':
                if (_line.Length > 0)
                {
                    _line.Length--;
                    Say("\b \b");
                }

                break;
            case >= ' ' when _line.Length < LongestLine:
                _line.Append((char)b);
                Say([b]);
                break;
        }
    }

    private void Enter()
    {
        var line = _line.ToString().Trim();
        _line.Clear();
        if (_isLoggedIn)
            Run(line);
        else if (line.Length > 0)
            _isLoggedIn = true;
        Say(_isLoggedIn ? "# " : $"{_name} login: ");
    }

    private void Run(string line)
    {
        switch (line.Split(' ', 2))
        {
            case [""]:
                break;
            case ["echo", .. var words]:
                Say($"{string.Concat(words)}\r\n");
                break;
            case ["hostname"]:
                Say($"{_name}\r\n");
                break;
            case ["exit" or "logout"]:
                _isLoggedIn = false;
                Say("\r\n");
                break;
            case [var command, ..]:
                Say($"-sh: {command}: not found\r\n");
                break;
        }
    }

    private void Say(string text) => Say(Encoding.Latin1.GetBytes(text));
}
