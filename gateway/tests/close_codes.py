"""Walks through the close codes of a running gateway, and prints what a client sees of each, as JSON.

Started by close_codes.rs, with the URLs of its gateways in JSON as the only argument.
"""

import asyncio
import json
import sys
import urllib.request

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

URLS = json.loads(sys.argv[1])
# The gateways are on this machine: a proxy in the environment is not asked.
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def opened(case, gateway="usual"):
    """A client of one of the gateways; the query tells its events from the others'."""
    return await connect(f"{URLS[gateway]}/dev?case={case}".replace("http", "ws", 1), proxy=None)


async def seen(client):
    """How the client sees its end: the close frame that it got, or 1006 and null if there was none."""
    try:
        while True:
            await asyncio.wait_for(client.recv(), 20)
    except ConnectionClosed as closed:
        frame = closed.rcvd
        return [frame.code, frame.reason] if frame else [1006, None]


async def connection_id(client):
    """No route is for this message: the error frame names the connection."""
    await client.send("{}")
    return json.loads(await client.recv())["connectionId"]


async def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URLS["usual"] + path, data=data, method=method)
    await asyncio.to_thread(lambda: HTTP.open(request).close())


async def deleted(client):
    await call("DELETE", f"/dev/@connections/{await connection_id(client)}")


async def reserved_opcode(client):
    # An empty frame with opcode 3, masked.
    client.transport.write(bytes([0x83, 0x80, 0, 0, 0, 0]))


async def binary(client):
    await client.send(b"binary")


async def close_without_code(client):
    async with client.send_context():
        client.protocol.send_close()


async def vanish(client):
    client.transport.abort()


async def not_utf8(client):
    await client.send(b"\xff\xfe", text=True)


async def large_frame(client):
    await client.send("x" * (32 * 1024 + 1))


async def large_message(client):
    await client.send(["x" * 32 * 1024] * 4 + ["x"])


async def own_code(client):
    await client.close(4321, "my own")


async def leave(client):
    await client.close()


def fault(**fields):
    async def ask(client):
        await call("POST", "/faults", {**fields, "connection": await connection_id(client)})

    return ask


async def flood(client):
    try:
        for _ in range(50):
            await client.send("{}")
    except ConnectionClosed:
        pass


CASES = {
    "deleted": deleted,
    "reserved opcode": reserved_opcode,
    "binary": binary,
    "closed without a code": close_without_code,
    "vanished": vanish,
    "cut": fault(fault="drop"),
    "not UTF-8": not_utf8,
    "large frame": large_frame,
    "large message": large_message,
    "internal error": fault(fault="close", code=1011, reason="Internal server error"),
    "bad gateway": fault(fault="close", code=1014),
    "application's code": fault(fault="close", code=4001, reason="on purpose"),
    "client's own code": own_code,
    "left": leave,
}


async def main():
    report = {}
    stopping = {case: await opened(case, case) for case in ("shutdown", "restart")}
    print("ready", flush=True)
    for case, client in stopping.items():
        report[case] = await seen(client)
    for case in ("idle", "lifetime"):
        report[case] = await seen(await opened(case, case))
    client = await opened("flood", "throttled")
    await flood(client)
    report["flood"] = await seen(client)
    for case, act in CASES.items():
        client = await opened(case.replace(" ", "+"))
        await act(client)
        report[case] = await seen(client)
    print(json.dumps(report), flush=True)


asyncio.run(main())
