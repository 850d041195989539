async def inner():
    return 1 / 0
async def outer():
    await inner()
c = outer()
c.send(None)
