using System.Text;

namespace Nova.Host.Logging;

/// <summary>
/// A log file of bounded size: when it is full it becomes FILE.1, that FILE.2, and so on, and the oldest goes. What cannot be
/// written (no space, no directory) is lost rather than ending the process or its logging; the next line tries again.
/// </summary>
/// <param name="path">Its path; lines are appended to a file that is there.</param>
/// <param name="maxBytes">How large one file becomes at most, unless a single line is larger.</param>
/// <param name="kept">How many older files are kept, 0 or more.</param>
public sealed class LogFile(string path, long maxBytes, int kept) : TextWriter
{
    private FileStream? _file;

    /// <inheritdoc />
    public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <inheritdoc />
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc />
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc />
    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;

        try
        {
            Append(Encoding.GetBytes(value));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <inheritdoc />
    public override void WriteLine(string? value) => Write(value + "\n");

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        base.Dispose(disposing);
    }

    private void Append(byte[] bytes)
    {
        _file ??= new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (_file.Length > 0 && _file.Length + bytes.Length > maxBytes)
            Roll();
        _file!.Write(bytes);
    }

    private void Roll()
    {
        _file!.Dispose();
        _file = null;
        for (var older = kept; older > 0; older--)
            if (File.Exists(Name(older - 1)))
                File.Move(Name(older - 1), Name(older), overwrite: true);
        _file = new(path, kept > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    private string Name(int older) => older == 0 ? path : $"{path}.{older}";
}
