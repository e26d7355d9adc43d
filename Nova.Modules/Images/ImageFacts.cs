namespace Nova.Modules.Images;

/// <summary>What the bytes of an image say about it.</summary>
/// <param name="Format">raw, qcow2, vmdk, vdi, vhd, vhdx or iso: the declared format, confirmed by the bytes.</param>
/// <param name="VirtualSize">Bytes that a guest sees.</param>
public sealed record ImageFacts(string Format, long VirtualSize);
