# needs: aiohttp yarl frozenlist multidict uvloop tornado
"""aiohttp and tornado, server and client in one process, on asyncio's loop and on uvloop's; yarl, multidict and frozenlist by themselves."""
import asyncio
import hashlib

import aiohttp
import aiohttp.web
import frozenlist
import multidict
import tornado.httpclient
import tornado.speedups
import tornado.web
import tornado.websocket
import uvloop
import yarl

url = yarl.URL("http://us%20er:pw@exämple.org:8080/a/../b%2Fc/ü?x=1&y=a b#frag")
print(url, url.host, url.raw_host, url.path, url.raw_path, dict(url.query), url / "d", url.with_query(z=[1, 2]), url.join(yarl.URL("../e")))
print(url.parent, url.human_repr(), url == yarl.URL(str(url)), hash(url) == hash(yarl.URL(str(url))))
for job in (lambda: url.with_host(""), lambda: yarl.URL("http://[::1"), lambda: url.with_query(3.5j), lambda: yarl.URL(1)):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, error)
items = frozenlist.FrozenList([3, 1])
items.append(2)
items.freeze()
try:
    items.append(4)
except RuntimeError as error:
    print(type(error).__name__, str(error)[:20], list(items), items == [3, 1, 2], hash(items) == hash((3, 1, 2)))
both = multidict.CIMultiDict([("A", 1), ("a", 2)], b=3)
print(both.getall("A"), both, both.popone("a"), list(both.items()), multidict.CIMultiDictProxy(both)["B"])


async def handle(request):
    if request.method == "POST":
        form = await request.post()
        return aiohttp.web.json_response({"form": {k: v if isinstance(v, str) else v.file.read().decode() for k, v in form.items()}})
    if request.path == "/ws":
        socket = aiohttp.web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data[::-1])
        return socket
    if request.path == "/stream":
        response = aiohttp.web.StreamResponse(headers={"X-Kind": "chunks"})
        response.enable_compression()
        await response.prepare(request)
        for i in range(50):
            await response.write(b"%d," % i * 100)
        return response
    if request.path == "/bad":
        raise aiohttp.web.HTTPForbidden(text="no")
    return aiohttp.web.Response(text=f"{request.match_info['rest']} {request.query.getall('q', [])} {request.headers['X-Own']}")


async def use_aiohttp():
    application = aiohttp.web.Application()
    application.router.add_route("*", "/{rest:.*}", handle)
    runner = aiohttp.web.AppRunner(application)
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    root = yarl.URL(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}")
    async with aiohttp.ClientSession(headers={"X-Own": "ü"}) as session:
        async with session.get(root / "pa th", params=[("q", "1"), ("q", "ä")]) as response:
            print(response.status, await response.text(), response.headers["Content-Type"])
        async with session.post(root / "form", data={"a": "1", "f": b"bytes" * 3}) as response:
            print(await response.json())
        async with session.get(root / "stream") as response:
            data = await response.read()
            print(response.headers["X-Kind"], len(data), hashlib.md5(data).hexdigest())
        async with session.get(root / "bad") as response:
            print(response.status, response.reason, await response.text())
        async with session.ws_connect(root / "ws") as socket:
            for text in ("abc", "ü" * 1000):
                await socket.send_str(text)
                print(len((await socket.receive()).data))
        print(sorted(await asyncio.gather(*(fetch(session, root / str(i)) for i in range(20))))[:3])
        try:
            await session.get(root.with_port(1), timeout=aiohttp.ClientTimeout(5))
        except aiohttp.ClientConnectorError as error:
            print(type(error).__name__, error.os_error.errno)
    await runner.cleanup()


async def fetch(session, url):
    async with session.get(url) as response:
        return await response.text()


class Page(tornado.web.RequestHandler):
    def get(self, word):
        self.set_header("X-Word", word)
        self.write({"word": word, "argument": self.get_argument("a", "none")})


class Echo(tornado.websocket.WebSocketHandler):
    def on_message(self, message):
        self.write_message(message, binary=isinstance(message, bytes))


async def use_tornado():
    server = tornado.web.Application([(r"/page/(\w+)", Page), (r"/echo", Echo)]).listen(0, "127.0.0.1")
    root = f"127.0.0.1:{next(iter(server._sockets.values())).getsockname()[1]}"
    client = tornado.httpclient.AsyncHTTPClient()
    reply = await client.fetch(f"http://{root}/page/word?a=b")
    print(reply.code, reply.body, reply.headers["X-Word"])
    socket = await tornado.websocket.websocket_connect(f"ws://{root}/echo")
    await socket.write_message("hey" * 1000)
    print(len(await socket.read_message()))
    socket.close()
    server.stop()


print(tornado.speedups.websocket_mask(b"abcd", b"some words"))
asyncio.run(use_aiohttp())
asyncio.run(use_tornado())


async def use_loop():
    loop = asyncio.get_running_loop()
    print(type(loop).__module__, await loop.run_in_executor(None, sum, [1, 2]))
    process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
    print((await process.communicate(b"through cat"))[0], process.returncode)
    reader, writer = await asyncio.open_connection(sock=(pair := __import__("socket").socketpair())[0])
    pair[1].send(b"line\nrest")
    print(await reader.readline())
    writer.close()
    try:
        await asyncio.wait_for(asyncio.sleep(9), 0.01)
    except asyncio.TimeoutError:
        print("timed out")
    task = asyncio.ensure_future(asyncio.sleep(9))
    loop.call_later(0.01, task.cancel)
    print(await asyncio.gather(task, return_exceptions=True))
    await use_aiohttp()


uvloop.install()
asyncio.run(use_loop())
