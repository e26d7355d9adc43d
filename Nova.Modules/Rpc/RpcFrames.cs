using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Nova.Modules.Rpc;

/// <summary>
/// Messages on a stream: one byte that says whether the message is compressed (never, with us), four bytes of length in
/// network order, the message.
/// </summary>
internal static class RpcFrames
{
    private const int HeaderSize = 5;

    /// <summary>The next message, or null at the end of the stream.</summary>
    /// <exception cref="RpcException">Too large, compressed, cut off, or not a message of this type.</exception>
    public static async ValueTask<T?> Read<T>(PipeReader reader, int limit, CancellationToken ct) where T : class, IMessage<T>, new()
    {
        while (true)
        {
            var result = await reader.ReadAsync(ct);
            var rest = result.Buffer;
            var message = Parse<T>(ref rest, limit, out var failure);

            // Told to the pipe before throwing: a pipe left in the middle of a read cannot be drained by its owner.
            reader.AdvanceTo(rest.Start, message is null ? rest.End : rest.Start);
            if (failure is not null)
                throw failure;
            if (message is not null)
                return message;
            if (result.IsCompleted)
                return rest.IsEmpty ? null : throw new RpcException(RpcCode.Internal, "The stream ended inside a message.");
        }
    }

    /// <summary>The one message of a stream that holds exactly one, or null when it is empty.</summary>
    public static async ValueTask<T?> ReadOnly<T>(PipeReader reader, int limit, CancellationToken ct) where T : class, IMessage<T>, new()
    {
        var message = await Read<T>(reader, limit, ct);
        if (message is not null && await Read<T>(reader, limit, ct) is not null)
            throw new RpcException(RpcCode.Internal, "There was more than one message where one is expected.");
        return message;
    }

    /// <summary>Puts a message into the pipe's own memory; flushing is the caller's.</summary>
    public static void Write(PipeWriter writer, IMessage message, int limit)
    {
        var size = CheckedSize(message, limit);
        var frame = writer.GetSpan(HeaderSize + size)[..(HeaderSize + size)];
        Fill(frame, message, size);
        writer.Advance(frame.Length);
    }

    /// <summary>Sends a message as one write of a pooled buffer.</summary>
    public static async ValueTask Write(Stream stream, IMessage message, int limit, CancellationToken ct)
    {
        var size = CheckedSize(message, limit);
        var buffer = ArrayPool<byte>.Shared.Rent(HeaderSize + size);
        try
        {
            Fill(buffer.AsSpan(0, HeaderSize + size), message, size);
            await stream.WriteAsync(buffer.AsMemory(0, HeaderSize + size), ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Fill(Span<byte> frame, IMessage message, int size)
    {
        frame[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(frame[1..], (uint)size);
        message.WriteTo(frame[HeaderSize..]);
    }

    private static int CheckedSize(IMessage message, int limit)
    {
        var size = message.CalculateSize();
        return size <= limit ? size : throw TooLarge("sent", (uint)size, limit);
    }

    // Null without a failure: more bytes are needed.
    private static T? Parse<T>(ref ReadOnlySequence<byte> buffer, int limit, out RpcException? failure) where T : class, IMessage<T>, new()
    {
        failure = null;
        if (buffer.Length < HeaderSize)
            return null;

        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        var size = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        failure = Refusal(header[0], size, limit);
        if (failure is not null || buffer.Length - HeaderSize < size)
            return null;

        var message = Decode<T>(buffer.Slice(HeaderSize, size), out failure);
        buffer = buffer.Slice(HeaderSize + (long)size);
        return message;
    }

    private static T? Decode<T>(in ReadOnlySequence<byte> bytes, out RpcException? failure) where T : class, IMessage<T>, new()
    {
        failure = null;
        try
        {
            var message = new T();
            message.MergeFrom(bytes);
            return message;
        }
        catch (InvalidProtocolBufferException e)
        {
            failure = new(RpcCode.Internal, $"What arrived is not a message of type {new T().Descriptor.FullName}.", e);
            return null;
        }
    }

    private static RpcException? Refusal(byte flag, uint size, int limit) => flag switch
    {
        1 => new(RpcCode.Unimplemented, "Compressed messages are not supported; the encoding is identity."),
        > 1 => new(RpcCode.Internal, "The stream is not made of gRPC messages."),
        _ => size > (uint)limit ? TooLarge("received", size, limit) : null,
    };

    private static RpcException TooLarge(string direction, uint size, int limit) =>
        new(RpcCode.ResourceExhausted, $"A message of {size} bytes cannot be {direction}; the limit is {limit}.");
}
