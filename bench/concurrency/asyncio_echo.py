"""An echo server of asyncio's streams under load from another process."""
import asyncio

from _figures import echo_load, report, times


async def echo(reader, writer):
    while text := await reader.read(4096):
        writer.write(text)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await asyncio.to_thread(echo_load, port, 32, times(3000))
        report(*await asyncio.to_thread(echo_load, port, 32, times(40_000)))


asyncio.run(main())
print("echoed")
