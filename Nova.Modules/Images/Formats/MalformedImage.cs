namespace Nova.Modules.Images.Formats;

/// <summary>Why a header is refused, as the end of a sentence; <see cref="ImageInspector"/> turns it into a fault.</summary>
internal sealed class MalformedImage(string reason) : Exception(reason);
