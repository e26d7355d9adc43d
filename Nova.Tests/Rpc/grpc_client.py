"""A stock gRPC client against the server under test: grpc_client.py PORT DESCRIPTOR. Prints one JSON object."""
import json
import sys

import grpc

from echo_messages import said

PORT, Said = sys.argv[1], said(sys.argv[2])
BYTES = dict(request_serializer=Said.SerializeToString, response_deserializer=Said.FromString)
channel = grpc.insecure_channel("127.0.0.1:" + PORT)
say = channel.unary_unary("/nova.tests.Echo/Say", **BYTES)
repeat = channel.unary_stream("/nova.tests.Echo/Repeat", **BYTES)
join = channel.stream_unary("/nova.tests.Echo/Join", **BYTES)
chat = channel.stream_stream("/nova.tests.Echo/Chat", **BYTES)
nothing = channel.unary_unary("/nova.tests.Echo/Nothing", **BYTES)


def failure(call):
    """Code, message and trailers of a call that fails."""
    try:
        call()
    except grpc.RpcError as error:
        trailers = {k: v.hex() if isinstance(v, bytes) else v for k, v in error.trailing_metadata() or ()}
        return dict(code=error.code().name, message=error.details(), trailers=trailers)
    return dict(code="OK")


def metadata():
    response, call = say.with_call(Said(text="metadata"), metadata=(("asked", "what"), ("asked-bin", b"\x00\xff\x07")))
    return dict(
        headers={k: v for k, v in call.initial_metadata() if k == "seen"},
        trailers={k: v.hex() for k, v in call.trailing_metadata() if k == "seen-bin"})


def cancelled():
    call = repeat(Said(text="wait", count=1))
    next(call)
    call.cancel()
    return failure(lambda: next(call))["code"]


json.dump(dict(
    unary=say(Said(text="grüß dich", count=7)).text,
    empty=say(Said()).text,
    large=len(say(Said(payload=bytes(4_000_000))).payload),
    server_stream=[s.count for s in repeat(Said(text="x", count=500))],
    client_stream=join(iter([Said(text=t) for t in "abc"])).text,
    duplex=[s.text for s in chat(iter([Said(text=t) for t in "abc"]))],
    metadata=metadata(),
    fault=failure(lambda: say(Said(text="fault"))),
    fault_in_stream=failure(lambda: list(repeat(Said(text="fault", count=3)))),
    fault_in_duplex=failure(lambda: list(chat(iter([Said(text="a"), Said(text="fault")])))),
    refused=failure(lambda: say(Said(text="refuse"))),
    bug=failure(lambda: say(Said(text="bug"))),
    unknown=failure(lambda: nothing(Said())),
    too_large=failure(lambda: say(Said(payload=bytes(5_000_000)))),
    compressed=failure(lambda: say(Said(text="z" * 1000), compression=grpc.Compression.Gzip)),
    deadline=failure(lambda: say(Said(text="wait"), timeout=0.2)),
    deadline_of_stream=failure(lambda: list(repeat(Said(text="wait", count=1), timeout=0.2))),
    cancelled=cancelled(),
), sys.stdout)
