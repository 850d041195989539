"""An aiohttp application under wrk."""
import asyncio

from aiohttp import web

from _figures import report, web_load


async def user(request):
    number = int(request.match_info["number"])
    return web.json_response({"number": number, "name": f"user {number}", "tags": ["a", "b"]})


async def main():
    application = web.Application()
    application.router.add_get("/user/{number}", user)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    report(*await asyncio.to_thread(web_load, f"http://127.0.0.1:{port}/user/7"))
    await runner.cleanup()


asyncio.run(main())
print("served")
