#!/usr/bin/env python3
"""squareoffd and those who mean it harm: whatever one connection does, the process lives, and
everybody else goes on."""

import json
import os
import signal
import socket
import sys
import time

from server_bed import DEALER, SUPERVISOR, Bed
from server_test import prepare

FAILED, TESTS = [], []


def test(function):
    TESTS.append(function)
    return function


class Raw:
    """A WebSocket by hand, which sends frames as no library would."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(5)
        self.socket.sendall((
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: squareoff.v1\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1)
        assert b"101" in head, head

    def frame(self, opcode, body=b"", final=True):
        size = bytes([0x80 | len(body)]) if len(body) < 126 else \
            b"\xfe" + len(body).to_bytes(2, "big")
        self.socket.sendall(bytes([(0x80 if final else 0) | opcode]) + size + b"\0\0\0\0" + body)

    def until(self, words):
        heard = b""
        while words not in heard:
            more = self.socket.recv(65536)
            assert more, heard[-200:]
            heard = heard[-len(words):] + more

    def ended(self):
        """One word of the server's, the close, is enough."""
        assert self.socket.recv(4096), "cut without a word"
        self.socket.close()


def lives(bed):
    assert bed.server.poll() is None, bed.said("server.out")[-3000:]
    bed.console(DEALER).open()
    bed.close_consoles()


# ---- frames -------------------------------------------------------------------------------------

@test
def fragments_of_nothing(bed):
    """Before any login: a message in fragments that are empty, which are never whole."""
    for pieces in ([b"", b"", b""], [b"x", b"", b""], [b"", b"x", b""]):
        raw = Raw(bed.port)
        raw.frame(1, pieces[0], final=False)
        for piece in pieces[1:]:
            raw.frame(0, piece, final=False)
            time.sleep(0.05)
        raw.frame(0, b"", final=True)
        raw.ended()
    raw = Raw(bed.port)
    raw.frame(1, b"", final=True)
    raw.ended()
    lives(bed)


@test
def a_flood_before_any_login(bed):
    """Whoever has not logged in has not much to ask: he is closed, not answered for ever."""
    raw = Raw(bed.port)
    try:
        for number in range(1, 200):
            raw.frame(1, json.dumps({"do": "nonsense", "id": number}).encode())
    except ConnectionError:
        pass
    heard = b""
    try:
        while b"too many requests before" not in heard:
            more = raw.socket.recv(65536)
            assert more, heard[-200:]
            heard += more
    finally:
        raw.socket.close()
    assert heard.count(b'"error"') < 120
    lives(bed)


@test
def no_core_holds_what_is_secret(bed):
    with open(f"/proc/{bed.server.pid}/limits", encoding="utf-8") as limits:
        core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"], core


# ---- hand-over ----------------------------------------------------------------------------------

@test
def a_return_by_a_dealer(bed):
    """He may hold a replica, and bring nothing back: what comes back is what the server will own."""
    raw = Raw(bed.port)
    for number, (heard, request) in enumerate((
            (b'"token":', {"do": "login", "v": 1, "token": bed.tokens[DEALER]}),
            (b'"at":', {"do": "open", "book": "DRL"}),
            (b'a supervisor brings', {"do": "return", "book": "DRL", "log": [], "done": 1}))):
        raw.frame(1, json.dumps({"id": number + 1, **request}).encode())
        raw.until(heard)
    raw.socket.close()
    lives(bed)


@test
def a_hand_over_of_a_console_that_shut_the_book_and_went(bed):
    """The answer comes when nobody is there to hear it: the exchange is slow to log out."""
    raw = Raw(bed.port)
    bed.exchange.send_signal(signal.SIGSTOP)
    for number, (heard, request) in enumerate((
            (b'"token":', {"do": "login", "v": 1, "token": bed.tokens[SUPERVISOR]}),
            (b'"at":', {"do": "open", "book": "DRL"}),
            (b"", {"do": "hand-over", "book": "DRL", "owner": "DESK-7", "reason": "a test"}),
            (b'{"id":4}', {"do": "shut", "book": "DRL"}))):
        raw.frame(1, json.dumps({"id": number + 1, **request}).encode())
        raw.until(heard)
    raw.socket.close()
    bed.wait_said("server.out", "handed over")
    bed.exchange.send_signal(signal.SIGCONT)
    lives(bed)


# ---- size ---------------------------------------------------------------------------------------

CONTRACTS = 14000


def enlarge(folder):
    """One client has a position in each of so many contracts that no frame holds them all."""
    with open(os.path.join(folder, "positions.csv"), encoding="utf-8") as file:
        as_of = file.read().splitlines()[1].split(",")[-1]
    instruments, positions = [], []
    for i in range(CONTRACTS):
        token = 40000000 + i
        instruments.append(f"{50000000 + i},{token},Z{i},Z{i},100.00,,0,0.05,1,EQ,NSE,NSE\n")
        positions.append(f"C10421,NSE,{token},Z{i},EQ,,,,MIS,10,0,100.00,100.00,,{as_of}\n")
    for name, lines in (("instruments.csv", instruments), ("positions.csv", positions)):
        with open(os.path.join(folder, name), "a", encoding="utf-8") as file:
            file.writelines(lines)


def rates_of_more_contracts_than_a_frame_holds(bed):
    console = bed.console(SUPERVISOR)
    console.open()
    answer = console.ask("rates", book="DRL", on=1)
    places = answer["i"]
    while len(places) < answer["contracts"]:
        places += console.until(lambda f: "i" in f)["i"]
    assert len(places) > CONTRACTS and len({place[0] for place in places}) == len(places)
    lives(bed)


def attempt(function, bed):
    began = time.time()
    try:
        function(bed)
        print(f"ok {function.__name__} ({time.time() - began:.1f} s)", flush=True)
    except Exception as error:  # pylint: disable=broad-except
        print(f"not ok {function.__name__}: {error!r}\n{bed.said('server.out')[-3000:]}", flush=True)
        FAILED.append(function.__name__)
    bed.close_consoles()


def main():
    only = os.environ.get("ONLY_TEST", "")
    with Bed() as bed:
        bed.book.update(replicas=f"{SUPERVISOR} {DEALER}", consoles="DESK-7")
        prepare(bed)
        for function in TESTS:
            if only in function.__name__:
                attempt(function, bed)
        if not FAILED:
            assert bed.stop_server() == 0, bed.said("server.out")[-3000:]
    with Bed() as bed:
        enlarge(bed.day)
        bed.add_user(SUPERVISOR, "SUPERVISOR")
        bed.add_user(DEALER, "DEALER")
        bed.start_server()
        attempt(rates_of_more_contracts_than_a_frame_holds, bed)
    print(f"{len(FAILED)} failed" if FAILED else "all passed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
