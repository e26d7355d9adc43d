"""The messages of echo.proto, built from the descriptor that the test passes: no protoc is needed."""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def said(descriptor_hex):
    """The class of nova.tests.Said."""
    file = descriptor_pb2.FileDescriptorProto.FromString(bytes.fromhex(descriptor_hex))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("nova.tests.Said"))
