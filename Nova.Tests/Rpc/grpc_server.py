"""A stock gRPC server for the client under test: grpc_server.py DESCRIPTOR. Prints its port; ends when its input ends."""
import sys
import threading
from concurrent import futures

import grpc

from echo_messages import said

Said = said(sys.argv[1])


def obey(request, context):
    if request.text == "refuse":
        context.set_trailing_metadata((("why-bin", b"\x01\xff"),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "line one\nline two: 100 % Größe")
    if request.text == "bug":
        raise ValueError("bug")
    if request.text == "wait":
        over = threading.Event()
        context.add_callback(over.set)
        over.wait(30)
    if request.text == "metadata":
        asked = dict(context.invocation_metadata())
        context.send_initial_metadata((("seen", asked["asked"]),))
        context.set_trailing_metadata((("seen-bin", asked["asked-bin"]),))


def say(request, context):
    if request.text == "time left":
        return Said(count=int(context.time_remaining()))
    obey(request, context)
    return Said(payload=bytes(request.count)) if request.text == "huge" else request


def repeat(request, context):
    for i in range(request.count):
        yield Said(text=request.text, count=i, payload=request.payload)
    obey(request, context)


def join(requests, context):
    joined = Said()
    for request in requests:
        obey(request, context)
        joined.text += request.text
        joined.count += len(request.payload)
    return joined


def chat(requests, context):
    for request in requests:
        obey(request, context)
        yield request


BYTES = dict(request_deserializer=Said.FromString, response_serializer=Said.SerializeToString)
server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=(("grpc.max_send_message_length", -1),))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("nova.tests.Echo", dict(
    Say=grpc.unary_unary_rpc_method_handler(say, **BYTES),
    Repeat=grpc.unary_stream_rpc_method_handler(repeat, **BYTES),
    Join=grpc.stream_unary_rpc_method_handler(join, **BYTES),
    Chat=grpc.stream_stream_rpc_method_handler(chat, **BYTES),
)),))
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()
server.stop(0).wait()
