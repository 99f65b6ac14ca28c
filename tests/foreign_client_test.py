#!/usr/bin/env python3
"""squareoffd and a client that was written from docs/protocol.md alone: work, and each refusal.

After every refusal the same things are checked: the reason is a sentence, a console that watches
has missed nothing (what it folded from events is what a fresh snapshot says), and work goes on.
"""

import asyncio
import json
import os
import sqlite3
import sys
import time
import traceback

from server_bed import DEALER, OTHER, SUPERVISOR, Bed
from foreign_client import LISTS, MESSAGE_MAX, Client, command, square_off

BOOK = "DRL"
FAILED, TESTS = [], []


def test(function):
    TESTS.append(function)
    return function


class World:
    """The bed, and a supervisor who watches all the time."""

    def __init__(self, bed):
        self.bed = bed
        self.uri = f"ws://127.0.0.1:{bed.port}/"
        self.tokens = {}

    async def client(self, user=None, open_book=True, **how):
        client = await Client.connect(self.uri, **how)
        if user is None:
            return client
        how = {"token": self.tokens[user]} if user in self.tokens else self.bed.credentials(user)
        answer = await client.login(**how)
        assert "error" not in answer, answer
        self.tokens[user] = answer["token"]
        assert answer["person"] == user and answer["role"] in LISTS["role"], answer
        assert answer["until"] > time.time() * 1e6 and BOOK in answer["books"], answer
        if open_book:
            assert "error" not in await client.open(BOOK)
        return client

    async def same_book(self):
        """What the watcher has folded is what a fresh snapshot says; nothing was lost."""
        fresh = await self.client(SUPERVISOR)
        ours, theirs = self.watcher.books[BOOK], fresh.books[BOOK]
        end = time.monotonic() + 5
        while ours.rows != theirs.rows and time.monotonic() < end:
            await asyncio.sleep(0.05)  # orders may be on their way
        for name, rows in theirs.rows.items():
            assert ours.rows[name].keys() == rows.keys(), name
            for key, row in rows.items():
                assert ours.rows[name][key] == row, (name, key, ours.rows[name][key], row)
        await fresh.close()

    def position(self, client):
        """One that can be closed without a call reference and is open."""
        book = client.books[BOOK]
        easy = {c["code"] for c in book.list("client") if not c["call_required"]}
        busy = {(c["client"], c["exchange"], c["token"], c["product"])
                for c in book.list("close")}
        for p in book.list("position"):
            key = (p["client"], p["exchange"], p["token"], p["product"])
            if p["client"] in easy and p["net"] and key not in busy and key not in self.taken:
                yield p

    taken = set()

    async def close_one(self, client, person=DEALER):
        """Preview, confirm what may be confirmed, submit: the answer and the message."""
        for p in self.position(client):
            self.taken.add((p["client"], p["exchange"], p["token"], p["product"]))
            answer = await client.ask("preview", book=BOOK, **{"in": [square_off(p, person)]})
            verdict, _, guards = answer["previews"][0][:3]
            if verdict in ("pass", "ASK"):
                message = square_off(p, person, guards)
                return await client.ask("submit", book=BOOK, **{"in": [message]}), message
        raise AssertionError("nothing is left to close")


async def is_refused(who, error, do="submit", **members):
    answer = await who.ask(do, **{"book": BOOK, **members})
    assert answer.get("error") == error, answer
    assert len(answer["why"]) > 8, answer
    return answer


def supervise(what, **fields):
    return command("supervise", what=what, person=SUPERVISOR, reason="a foreign client", **fields)


# ---- work ------------------------------------------------------------------------------------------

@test
async def a_close_is_followed_to_its_end(world):
    dealer = await world.client(DEALER)
    answer, message = await world.close_one(dealer)
    assert "refused" not in answer and "error" not in answer, answer
    book = dealer.books[BOOK]

    def done():
        return [c for c in book.list("close") if c["id"] == message[1] and
                c["state"] in ("DONE", "RESIDUE")]
    await dealer.until(done)
    close = done()[0]
    assert close["state"] == "DONE", close
    fills = [f for f in book.list("fill") if f["order_no"] in
             {o["no"] for o in book.list("order") if o["close_no"] == close["no"]}]
    assert sum(f["qty"] for f in fills) == close["filled"] == abs(close["start"]), close
    await world.watcher.until(lambda: world.watcher.books[BOOK].seq >= answer["seq"])
    pages = await dealer.ask("history", book=BOOK, client=close["client"], count=100)
    assert {f["no"] for f in fills} <= {row[0] for row in pages["rows"]}
    await dealer.close()


@test
async def a_lost_connection_is_resumed_without_gap_or_repeat(world):
    first = await world.client(DEALER)
    seq, epoch = first.books[BOOK].seq, first.books[BOOK].epoch
    rows = first.books[BOOK]
    first.socket.transport.abort()
    acting = await world.client(DEALER)
    answer, _ = await world.close_one(acting)
    await acting.until(lambda: acting.books[BOOK].seq >= answer["seq"])
    back = await world.client(DEALER, open_book=False)
    back.books[BOOK] = rows
    said = await back.open(BOOK, after=seq, epoch=epoch)
    assert said["snapshot"] == 0, said
    await back.until(lambda: rows.seq >= answer["seq"])
    fresh = acting.books[BOOK]
    await acting.until(lambda: fresh.seq >= rows.seq)
    for name in ("position", "order", "close", "fill"):
        assert rows.rows[name] == fresh.rows[name], name
    await acting.close()
    await back.close()


@test
async def an_intent_that_is_sent_again_is_done_once(world):
    dealer = await world.client(DEALER)
    answer, message = await world.close_one(dealer)
    again = await dealer.ask("submit", book=BOOK, **{"in": [message]})
    assert "error" not in again and "refused" not in again, again
    await dealer.until(lambda: dealer.books[BOOK].seq >= answer["seq"])
    assert sum(c["id"] == message[1] for c in dealer.books[BOOK].list("close")) == 1
    await dealer.close()


@test
async def rates_come_conflated(world):
    dealer = await world.client(DEALER)
    answer = await dealer.ask("rates", book=BOOK, on=1, per_s=5, depth=1)
    places = {place for place, _, _ in answer["i"]}
    assert answer["contracts"] == len(places) > 0, answer
    book = dealer.books[BOOK]
    await dealer.until(lambda: len(book.rates) > 3)
    assert set(book.rates) <= places | set(book.places)
    for rate in book.rates.values():
        assert len(rate) == 8 and len(rate[6]) <= 10 and len(rate[7]) <= 10, rate
    await dealer.close()


@test
async def the_server_speaks_to_who_is_silent(world):
    client = await world.client(DEALER, open_book=False)
    await asyncio.sleep(9)
    worst = max(client.silences + [time.monotonic() - client.heard])
    assert len(client.silences) >= 4, client.silences
    assert worst < 3, f"nothing for {worst:.1f} s"  # 2 s, and a busy machine
    await client.close()


# ---- refusals (issue 3, "Shown by" 6) ------------------------------------------------------------

@test
async def a_wrong_password(world):
    stranger = await Client.connect(world.uri)
    for how in ({"user": OTHER, "password": "wrong", "code": "000000"},
                {"user": "NOBODY", "password": "wrong", "code": "000000"}):
        answer = await stranger.login(**how)
        while answer.get("error") == "LOCKED_OUT":
            assert answer["seconds"] >= 1, answer
            await asyncio.sleep(answer["seconds"] + 0.1)
            answer = await stranger.login(**how)
        assert answer["error"] == "WRONG" and answer["why"] and "token" not in answer, answer
    await is_refused(stranger, "LOGIN", do="open", book=BOOK)
    await stranger.close()
    await asyncio.sleep(2.1)


@test
async def a_wrong_role(world):
    dealer = await world.client(DEALER)
    answer = await dealer.ask("submit", book=BOOK, **{"in": [command(
        "supervise", what="resume", person=DEALER, reason="a dealer may not")]})
    assert answer["refused"][0][2] == "this role may not do that", answer
    p = next(world.position(dealer))
    await is_refused(dealer, "ROLE", **{"in": [square_off(p, SUPERVISOR)]})
    for message in (["time"], ["link", 1, 1], ["sent", "X", 1, 1], ["ownership", "take"]):
        answer = await dealer.ask("submit", book=BOOK, **{"in": [message]})
        assert answer["error"] in ("ROLE", "FORMAT") and answer["why"], answer
    auditor = await world.client("AU01")
    answer = await auditor.ask("submit", book=BOOK, **{"in": [square_off(p, "AU01")]})
    assert "refused" in answer or answer.get("error") == "ROLE", answer
    await dealer.close()
    await auditor.close()


@test
async def another_dealers_client(world):
    outsider = await world.client("ZZ09")
    assert not outsider.books[BOOK].rows["position"] and not outsider.books[BOOK].rows["client"]
    p = next(world.position(world.watcher))
    await is_refused(outsider, "SCOPE", do="portfolio", book=BOOK, client=p["client"])
    await is_refused(outsider, "SCOPE", do="history", book=BOOK, client=p["client"])
    await is_refused(outsider, "SCOPE", do="preview", book=BOOK, **{"in": [square_off(p, "ZZ09")]})
    answer = await outsider.ask("submit", book=BOOK, **{"in": [square_off(p, "ZZ09")]})
    assert answer["refused"][0][2] == "not this person's client", answer
    await outsider.close()


@test
async def an_expired_token(world):
    """A session that nobody has used for two hours, and one that was logged out."""
    first = await world.client(OTHER)
    token = world.tokens.pop(OTHER)
    await first.close()
    with sqlite3.connect(os.path.join(world.bed.state, "users.db"), timeout=10) as users:
        aged = users.execute("UPDATE login_token SET seen_us = seen_us - 7200000000 "
                             "WHERE name = ?", (OTHER,)).rowcount
    assert aged >= 1
    client = await Client.connect(world.uri)
    answer = await client.login(token=token)
    assert answer["error"] == "TOKEN" and answer["why"], answer
    await is_refused(client, "LOGIN", do="open", book=BOOK)
    assert (await client.login(token="A" * 43))["error"] == "TOKEN"
    await client.close()


@test
async def a_session_that_was_logged_out(world):
    dealer = await world.client("AU01")
    assert "error" not in await dealer.ask("logout")
    assert (await dealer.closed())[0] == 4001
    client = await Client.connect(world.uri)
    assert (await client.login(token=world.tokens.pop("AU01")))["error"] == "TOKEN"
    await client.close()


@test
async def a_frame_that_is_too_long(world):
    for size, status in ((MESSAGE_MAX, 0), (MESSAGE_MAX + 1, 1009), (20 << 20, 1009)):
        dealer = await world.client(DEALER)
        request = {"do": "open", "id": 99, "book": BOOK, "x": ""}
        request["x"] = "x" * (size - len(json.dumps(request)))
        try:
            await dealer.socket.send(json.dumps(request))
        except Exception:  # it may close before it has taken all  # pylint: disable=broad-except
            pass
        if status:
            assert (await dealer.closed())[0] == status, size
            continue
        future = dealer.waiting[99] = asyncio.get_running_loop().create_future()
        assert (await asyncio.wait_for(future, 10))["error"] == "FORMAT"
        await dealer.close()


@test
async def a_version_from_the_future(world):
    client = await Client.connect(world.uri)
    answer = await client.ask("login", v=2, user=DEALER, password="x", code="000000")
    assert answer["error"] == "VERSION" and answer["versions"] == [1] and answer["why"], answer
    await client.close()
    try:
        await Client.connect(world.uri, subprotocols=["squareoff.v2"])
    except Exception:  # pylint: disable=broad-except
        return
    raise AssertionError("a subprotocol that is not spoken was accepted")


@test
async def what_is_no_request(world):
    dealer = await world.client(DEALER)
    p = next(world.position(dealer))
    good = square_off(p, DEALER)
    for members in ({"book": BOOK, "in": []}, {"book": BOOK, "in": [good], "more": 1},
                    {"book": BOOK}, {"book": BOOK, "in": [["no such kind"]]},
                    {"book": BOOK, "in": [good + [0] * 40]}, {"book": BOOK, "in": [[]]},
                    {"book": BOOK, "in": [["square-off", "ABC", *good[2:]]]},
                    {"book": BOOK, "in": [[*good[:4], -1, *good[5:]]]},
                    {"book": BOOK, "in": [[*good[:2], "D" * 12, *good[3:]]]}):
        await is_refused(dealer, "FORMAT", do="submit", **members)
    await is_refused(dealer, "TOO_MANY", **{"in": [command("cancel", order_no=1,
                                                           person=DEALER)] * 513})
    await is_refused(dealer, "BOOK", do="open", book="XYZ")
    for text in ('{"do":"open"', "[1,2]x", '{"do":"open","do":"open","id":1}', '{"id":1.5}',
                 '{"id":1e2}', '{"id":null}', '{"id":9007199254740992}', '{"a":"\\u0007"}',
                 b"\x00", "[" * 9 + "]" * 9):
        wrong = await world.client(DEALER, open_book=False)
        await wrong.socket.send(text)
        try:
            status = await wrong.closed()
        except asyncio.TimeoutError:
            raise AssertionError(f"{text!r} was taken") from None
        assert status[0] == 1002 and status[1].startswith("protocol"), (text, status)
    await dealer.close()


@test
async def who_is_a_browser(world):
    try:
        await Client.connect(world.uri, origin="https://example.com")
    except Exception:  # pylint: disable=broad-except
        return
    raise AssertionError("a request with an Origin was accepted")


# ---- running -----------------------------------------------------------------------------------------

async def attempt(world, function):
    try:
        await asyncio.wait_for(function(world), 90)
        await world.same_book()
        print(f"ok {function.__name__}", flush=True)
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc()
        print(f"not ok {function.__name__}", flush=True)
        FAILED.append(function.__name__)


async def play(bed, only):
    world = World(bed)
    world.watcher = await world.client(SUPERVISOR)
    for value in (LISTS["control"].index("INVOKED"), LISTS["control"].index("ACTIVE")):
        answer = await world.watcher.ask("submit", book=BOOK,
                                         **{"in": [supervise("control", value=value)]})
        assert "refused" not in answer and "error" not in answer, answer
    for function in TESTS:
        if only in function.__name__:
            await attempt(world, function)
    assert world.watcher.ended is None and world.watcher.error is None, world.watcher.error
    assert world.watcher.books[BOOK].snapshots == 1
    await world.watcher.close()


def main():
    with Bed() as bed:
        bed.start_exchange()
        for name, role in ((DEALER, "DEALER"), (OTHER, "DEALER"), (SUPERVISOR, "SUPERVISOR"),
                           ("AU01", "AUDITOR"), ("ZZ09", "DEALER")):
            bed.add_user(name, role)
        with open(os.path.join(bed.day, "dealers.csv"), "a", encoding="utf-8") as people:
            people.write("ZZ09,Z OUTSIDER,DEALER,MUM-1,40999,20000000,5000000000,instant,Y\n")
        bed.start_server(connections_per_user=40)
        bed.wait_said("server.out", "logged on to")
        asyncio.run(play(bed, os.environ.get("ONLY_TEST", "")))
        if FAILED:
            print(bed.said("server.out")[-3000:])
        assert bed.stop_server() == 0, bed.said("server.out")[-3000:]
    print(f"{len(FAILED)} failed" if FAILED else "all passed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
