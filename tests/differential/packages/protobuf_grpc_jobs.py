# needs: google.protobuf grpc
"""Protocol Buffers (built at run time) and a gRPC call of each shape to a server in the same process."""
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, struct_pb2, text_format, timestamp_pb2

file = descriptor_pb2.FileDescriptorProto(name="t.proto", package="t", syntax="proto3")
kind = file.message_type.add(name="Item")
for number, (name, type_, label) in enumerate([("id", 3, 1), ("name", 9, 1), ("tags", 9, 3), ("weight", 1, 1), ("data", 12, 1)], 1):
    kind.field.add(name=name, number=number, type=type_, label=label)
kind.field.add(name="parts", number=9, type=11, label=3, type_name=".t.Item")
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Item = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("t.Item"))

item = Item(id=-5, name="ü", tags=["a", "b"], weight=1.5, data=b"\x00", parts=[Item(id=1), Item(name="x")])
data = item.SerializeToString()
print(data.hex(), Item.FromString(data) == item, item.ByteSize())
print(text_format.MessageToString(item), json_format.MessageToJson(item, sort_keys=True))
print(text_format.Parse('id: 3 tags: "q"', Item()), json_format.ParseDict({"parts": [{"id": "7"}]}, Item()).parts[0].id)
item.parts.add(id=9)
item.tags.extend("cd")
del item.tags[0]
print([part.id for part in item.parts], list(item.tags), item.ListFields()[0][0].name, len(item.parts))
other = Item()
other.CopyFrom(item)
other.MergeFrom(Item(id=8, tags=["z"]))
print(other.id, list(other.tags), other != item)
for job in (lambda: Item(id="x"), lambda: setattr(item, "nothing", 1), lambda: Item.FromString(b"\x09"), lambda: Item(id=2 ** 70)):
    try:
        job()
    except Exception as error:
        print(type(error).__name__, error)
struct = struct_pb2.Struct()
struct.update({"a": 1, "b": [True, None, {"c": "d"}]})
print(sorted(json_format.MessageToDict(struct).items()), timestamp_pb2.Timestamp(seconds=1600000000).ToDatetime())


class Service(grpc.GenericRpcHandler):
    def service(self, call):
        make = {"one": (grpc.unary_unary_rpc_method_handler, self.one), "many": (grpc.unary_stream_rpc_method_handler, self.many),
                "fold": (grpc.stream_unary_rpc_method_handler, self.fold), "bad": (grpc.unary_unary_rpc_method_handler, self.bad)}
        handler, function = make[call.method.rsplit("/", 1)[1]]
        return handler(function, Item.FromString, Item.SerializeToString)

    def one(self, request, context):
        return Item(id=request.id * 2, name=dict(context.invocation_metadata()).get("key", ""))

    def many(self, request, context):
        for i in range(request.id):
            yield Item(id=i)

    def fold(self, requests, context):
        return Item(id=sum(request.id for request in requests))

    def bad(self, request, context):
        context.abort(grpc.StatusCode.NOT_FOUND, "not here")


server = grpc.server(futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((Service(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    codec = dict(request_serializer=Item.SerializeToString, response_deserializer=Item.FromString)
    print(channel.unary_unary("/s/one", **codec)(Item(id=21), metadata=[("key", "value")], timeout=20))
    print([reply.id for reply in channel.unary_stream("/s/many", **codec)(Item(id=4), timeout=20)])
    print(channel.stream_unary("/s/fold", **codec)(iter([Item(id=i) for i in range(5)]), timeout=20).id)
    try:
        channel.unary_unary("/s/bad", **codec)(Item(), timeout=20)
    except grpc.RpcError as error:
        print(error.code(), error.details())
server.stop(None).wait()
