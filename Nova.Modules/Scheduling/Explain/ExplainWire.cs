using System.IO.Compression;
using System.Text.Json;
using Google.Protobuf;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.Scheduling.Wire;

namespace Nova.Modules.Scheduling.Explain;

/// <summary>Questions and answers between roles: compressed JSON in pieces, because a picture is larger than a message may be.</summary>
internal static class ExplainWire
{
    public const string DryRun = "dry-run", Room = "capacity", WhatIf = "what-if", Record = "record";

    private const int PieceBytes = 512 * 1024;

    /// <summary>More is refused: no role fills another's memory.</summary>
    private const int MostBytes = 512 * 1024 * 1024;

    public static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), SchedulerJson.Options);

    public static T Of<T>(byte[] json) => JsonSerializer.Deserialize<T>(json, SchedulerJson.Options)!;

    public static IEnumerable<ExplainPiece> Pieces(string kind, byte[] json)
    {
        using var packed = new MemoryStream();
        using (var zip = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(json);

        var all = packed.GetBuffer().AsMemory(0, (int)packed.Length);
        for (var at = 0; at == 0 || at < all.Length; at += PieceBytes)
            yield return new() { Kind = kind, Data = ByteString.CopyFrom(all.Span[at..Math.Min(all.Length, at + PieceBytes)]) };
    }

    public static async Task<(string Kind, byte[] Json)> Read(IAsyncEnumerable<ExplainPiece> pieces, CancellationToken ct)
    {
        using var packed = new MemoryStream();
        var kind = "";
        await foreach (var piece in pieces.WithCancellation(ct))
        {
            kind = piece.Kind;
            Add(packed, piece.Data.Span);
        }

        packed.Position = 0;
        using var json = new MemoryStream();
        await using var zip = new BrotliStream(packed, CompressionMode.Decompress);
        var buffer = new byte[81_920];
        for (var read = await zip.ReadAsync(buffer, ct); read > 0; read = await zip.ReadAsync(buffer, ct))
            Add(json, buffer.AsSpan(0, read));
        return (kind, json.ToArray());
    }

    private static void Add(MemoryStream to, ReadOnlySpan<byte> data)
    {
        if (to.Length + data.Length > MostBytes)
            throw new RpcException(RpcCode.ResourceExhausted, "The question or its answer is too large.");
        to.Write(data);
    }
}
