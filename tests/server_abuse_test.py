#!/usr/bin/env python3
"""A thousand consoles, ten of them abusive: what the honest ones notice, and what the server keeps.

The abusers are a reader that reads nothing, a dribbled handshake, frames that are too long, frames
that are no protocol, an endless message in pieces, a storm of pings, a flood of requests, of logins,
of connections, and of half-open ones. Honest consoles ask for portfolios all the time; an operator
comes in while it lasts. Figures are printed; what is asserted is that every honest answer comes,
that memory has a bound, and that the operator is let in.

CONSOLES and SECONDS in the environment, by default a short run of 200 for 8 s; ONLY_ABUSE=WORD: only
the abusers with WORD in their names.
"""

import asyncio
import json
import os
import socket
import sys
import time

from server_bed import DEALER, OTHER, SUPERVISOR, Bed
from foreign_client import MESSAGE_MAX, Client

BOOK = "DRL"
COUNT = int(os.environ.get("CONSOLES", "200"))
SECONDS = float(os.environ.get("SECONDS", "8"))
ACTIVE = 50
ABUSERS = max(10, COUNT // 100)
MEMORY_MIB = 32  # beyond what the honest consoles took: of ten abusers, 1 MiB each and some buffers
UPGRADE = (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Protocol: squareoff.v1\r\n\r\n")


def frame(opcode, body, final=True):
    size = len(body)
    head = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([0x80 | 127]) + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + body


class Abuser:
    """One connection after the other, for as long as it lasts; each does one thing."""

    def __init__(self, port, token):
        self.port, self.token = port, token
        self.done = 0

    async def connect(self, upgrade=True, log_in=True, buffer=0):
        sock = socket.socket()
        sock.setblocking(False)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=sock, limit=4096)
        if upgrade:
            writer.write(UPGRADE)
            await reader.readuntil(b"\r\n\r\n")
        if upgrade and log_in:
            self.request(writer, "login", v=1, token=self.token)
            await reader.read(1)
        return reader, writer

    def request(self, writer, do, **members):
        self.done += 1
        writer.write(frame(1, json.dumps({"do": do, "id": self.done, **members}).encode()))

    async def slow_reader(self):
        _, writer = await self.connect(buffer=4096)
        while True:
            self.request(writer, "open", book=BOOK)
            self.request(writer, "portfolio", book=BOOK, client="C10421")
            await asyncio.wait_for(writer.drain(), 1)
            await asyncio.sleep(0.01)

    async def dribbled_handshake(self):
        _, writer = await self.connect(upgrade=False)
        for byte in UPGRADE[:40] + b"X" * 4000:
            writer.write(bytes([byte]))
            await writer.drain()
            self.done += 1
            await asyncio.sleep(0.05)

    async def too_long(self):
        reader, writer = await self.connect()
        writer.write(frame(1, b"[" + b" " * (4 * MESSAGE_MAX)))
        self.done += 1
        await asyncio.wait_for(reader.read(), 2)

    async def no_protocol(self):
        for body in (b"{", b"\xff\xfe", b"[" * 4000, b'{"id":1e999}'):
            reader, writer = await self.connect()
            writer.write(frame(1, body))
            self.done += 1
            await asyncio.wait_for(reader.read(), 2)

    async def endless_message(self):
        _, writer = await self.connect()
        writer.write(frame(1, b"[" + b" " * 100, final=False))
        while True:
            writer.write(frame(0, b" " * 100, final=False))
            await writer.drain()
            self.done += 1

    async def ping_storm(self):
        reader, writer = await self.connect()
        while True:
            writer.write(frame(9, b"x" * 125) * 50)
            await writer.drain()
            await reader.read(65536)
            self.done += 50

    async def request_flood(self):
        reader, writer = await self.connect()
        while True:
            for _ in range(50):
                self.request(writer, "portfolio", book=BOOK, client="C10421")
            await writer.drain()
            await reader.read(65536)

    async def login_flood(self):
        reader, writer = await self.connect(log_in=False)
        for _ in range(50):
            self.request(writer, "login", v=1, user=OTHER + "X", password="x", code="000000")
            await asyncio.wait_for(reader.read(65536), 2)

    async def connection_flood(self):
        _, writer = await self.connect(log_in=False)
        self.done += 1
        writer.close()

    async def half_open(self):
        writers = [(await self.connect(upgrade=False))[1] for _ in range(20)]
        self.done += len(writers)
        await asyncio.sleep(0.5)
        for writer in writers:
            writer.close()

    async def keep_on(self, how, end):
        while time.monotonic() < end:
            try:
                await asyncio.wait_for(how(), max(0.1, end - time.monotonic()))
            except (OSError, EOFError, asyncio.TimeoutError, TimeoutError, ValueError):
                await asyncio.sleep(0.01)


async def abuse_on(port, token):
    """In a process of its own: what the honest consoles wait for is the server, not this one."""
    end = time.monotonic() + SECONDS
    abusers = [Abuser(port, token) for _ in range(ABUSERS)]
    kinds = [KINDS[i % len(KINDS)] for i in range(ABUSERS)]
    await asyncio.gather(*(a.keep_on(getattr(a, kind), end) for a, kind in zip(abusers, kinds)))
    print(json.dumps({kind: sum(a.done for a, of in zip(abusers, kinds) if of == kind)
                      for kind in KINDS}))


KINDS = ("slow_reader", "dribbled_handshake", "too_long", "no_protocol", "endless_message",
         "ping_storm", "request_flood", "login_flood", "connection_flood", "half_open")
KINDS = tuple(kind for kind in KINDS if os.environ.get("ONLY_ABUSE", "") in kind)


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


async def ask_on(client, end, times):
    """An honest console: a portfolio now and then; each must be answered."""
    while time.monotonic() < end:
        began = time.monotonic()
        answer = await client.ask("portfolio", book=BOOK, client="C10421", count=20)
        assert "error" not in answer, answer
        times.append(time.monotonic() - began)
        await asyncio.sleep(0.1)


def told(name, times):
    times.sort()
    print(f"  {name}: {len(times)} answers, p50 {times[len(times) // 2] * 1e3:.1f} ms, p99 "
          f"{times[len(times) * 99 // 100] * 1e3:.1f} ms", flush=True)


async def honest_work(clients, seconds):
    times, end = [], time.monotonic() + seconds
    await asyncio.gather(*(ask_on(c, end, times) for c in clients[:ACTIVE]))
    return times


async def play(bed):
    uri = f"ws://127.0.0.1:{bed.port}/"
    clients = []
    for _ in range(COUNT):
        client = await Client.connect(uri)
        assert "error" not in await client.login(token=bed.tokens[DEALER])
        assert "error" not in await client.open(BOOK)
        clients.append(client)
    before = resident_mib(bed.server.pid)
    quiet = await honest_work(clients, SECONDS / 2)
    abuse = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "abuse", str(bed.port), bed.tokens[OTHER],
        stdout=asyncio.subprocess.PIPE)
    work = asyncio.create_task(honest_work(clients, SECONDS))
    await asyncio.sleep(SECONDS / 2)
    began = time.monotonic()
    operator = await Client.connect(uri)
    assert "error" not in await operator.login(token=bed.tokens[SUPERVISOR])
    assert "error" not in await operator.open(BOOK)
    entered = time.monotonic() - began
    most = resident_mib(bed.server.pid)
    noisy = await work
    abused = json.loads((await abuse.communicate())[0])
    most = max(most, resident_mib(bed.server.pid))
    told(f"{COUNT} consoles, nobody abusive", quiet)
    told(f"{COUNT} consoles, {ABUSERS} abusive", noisy)
    print(f"  an operator was in after {entered * 1e3:.0f} ms; resident {before:.1f} MiB, then "
          f"{most:.1f} MiB")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in abused.items()))
    assert most - before < MEMORY_MIB, f"{most - before:.1f} MiB more"
    assert all(abused.values()), "an abuser never came to anything"
    for client in clients:
        assert client.ended is None and client.error is None, (client.ended, client.error)


def main():
    if sys.argv[1:2] == ["abuse"]:
        asyncio.run(abuse_on(int(sys.argv[2]), sys.argv[3]))
        return 0
    with Bed(connections_per_user=19000, connections_per_address=19000,
             connections=COUNT + 40) as bed:
        bed.start_exchange()
        for name, role in ((DEALER, "DEALER"), (OTHER, "DEALER"), (SUPERVISOR, "SUPERVISOR")):
            bed.add_user(name, role)
        bed.start_server()
        bed.wait_said("server.out", "logged on to")
        for name in (DEALER, OTHER, SUPERVISOR):
            bed.console(name).close()
        asyncio.run(play(bed))
        assert bed.stop_server() == 0, bed.said("server.out")[-2000:]
    print("all passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
