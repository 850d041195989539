"""The same with a protocol in place of streams."""
import asyncio

from _figures import echo_load, report, times


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await asyncio.to_thread(echo_load, port, 32, times(3000))
        report(*await asyncio.to_thread(echo_load, port, 32, times(60_000)))


asyncio.run(main())
print("echoed")
