#!/usr/bin/env python3
"""Two servers, consoles that close a thousand positions, and what may happen to a server meanwhile.

usage: server_chaos.py [--minutes N | --rounds WHAT,...] [--seed S] [--dealers N] [--positions N]
                       [--pause SECONDS] [--lease MS] [--build DIR] [--keep]

A round is a world of its own: one squareoff-exchange, two squareoffd on one store (PostgreSQL, or
SQLite and --standby), scripted consoles by python3-websockets (tests/foreign_client.py). While they
close their positions the active server is
  kill   killed with SIGKILL, and started again as the standby of its successor,
  pause  stopped with SIGSTOP for --pause seconds, then continued: what it was about to send must
         not go out,
  end    ended with SIGTERM.
WHAT is STORE:ACT, as postgres:kill. --minutes goes on with rounds of all kinds by turns.

A console that loses its server goes on to the next one, resumes, and looks for what it had sent and
had no answer to: an intent that is not in the book of the new owner was NOT SENT; it is counted,
and pressed again as a person would. At the end everything must be flat, and
  - each position is equal to the exchange's own account,
  - each order that arrived at the exchange is in the book, once; each that the book calls sent
    arrived; check_exchange_log.py finds no flip, no increase, no ClOrdID twice,
  - each close that a console was told to be durable is in the book,
  - squareoff-admin verifies the journal's chain.
Exit status: 0 clean, 1 something was lost, doubled or differs, 2 it could not be run.
"""
import argparse
import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests"))

import server_bed  # noqa: E402  (it goes on in Debian's python3 when this one has no websockets)
from check_exchange_log import read_runs  # noqa: E402
from foreign_client import LISTS, Book, Client, Closed, command, square_off  # noqa: E402
from kill_chaos import exchange_positions  # noqa: E402
from load_day import dealer_name, make_day  # noqa: E402
from postgres_bed import Postgres, programs as postgres_programs  # noqa: E402
from server_bed import SUPERVISOR, Bed, free_port  # noqa: E402
from websockets.exceptions import WebSocketException  # noqa: E402

BOOK = "DRL"
ENDED = ("DONE", "RESIDUE")
KEY = ("client", "exchange", "token", "product")
LOST = (Closed, OSError, EOFError, asyncio.TimeoutError, TimeoutError, WebSocketException)
STEP_S = 30  # a code is good once in it


def key_of(row):
    return tuple(row[name] for name in KEY)


# ---- the house ------------------------------------------------------------------------------------

class House(Bed):
    """An exchange and two servers; which of them is active is for the consoles to find out."""

    def __init__(self, store, database, options):
        super().__init__(lease_ms=options.lease, connections_per_address=1000)
        shutil.rmtree(self.day)
        make_day(self.day, options.dealers, options.positions)
        self.kind = store
        if store == "postgres":
            self.settings.update(store="postgres", conninfo_file=self.path("conninfo"))
            self.store = f"postgres:{database.conninfo}"
            with open(self.path("conninfo"), "w", encoding="utf-8") as file:
                file.write(database.conninfo + "\n")
            os.chmod(self.path("conninfo"), 0o600)
        self.exchange_control = self.path("x")
        self.servers = [{"name": f"BACKUP-{i}", "log": f"server-{i}.out", "port": free_port(),
                         "http": free_port()} for i in (1, 2)]
        self.uris = [f"ws://127.0.0.1:{s['port']}/" for s in self.servers]

    def configuration(self, **more):
        return super().configuration(**more) + "orders_per_second = 150\norders_burst = 50\n" \
            "heartbeat_s = 2\n"

    def start_exchange(self):
        self.exchange_port = free_port()
        self.exchange = self.start(
            os.path.join(server_bed.BUILD, "squareoff-exchange"), "--listen",
            f"127.0.0.1:{self.exchange_port}", "--day", self.day, "--log",
            self.path("exchange.log"), "--control", self.exchange_control, "--seed", "7",
            log="exchange.out")
        self.wait_said("exchange.out", "listening")

    def start_one(self, number):
        server = self.servers[number]
        self.port, self.http = server["port"], server["http"]
        state = self.state if self.kind == "sqlite" else self.path(f"state-{number}")
        server["process"] = self.start_server("--standby", log=server["log"], name=server["name"],
                                              state=state)

    def ready(self):
        """The number of the server that is ready, or None."""
        for number, server in enumerate(self.servers):
            try:
                if self.get("/readyz", server["http"])[0] == 200:
                    return number
            except OSError:
                continue
        return None

    def admin(self, *words):
        where = ["--store", self.store, "--book", BOOK] if self.store else \
            ["--state", os.path.join(self.state, BOOK)]
        return subprocess.run([os.path.join(server_bed.BUILD, "squareoff-admin"), *words, *where],
                              capture_output=True, text=True, check=False)


# ---- consoles -------------------------------------------------------------------------------------

class Desk:
    """A console of one dealer, and the dealer in front of it."""

    def __init__(self, house, name, rng):
        self.house, self.name, self.rng = house, name, rng
        self.book = Book()
        self.client = None
        self.token = None
        self.server = 0
        self.open_intent = None      # submitted, not answered
        self.durable = set()         # ids that were answered as durable
        self.not_sent = []           # ids that the next owner does not know
        self.refused = []
        self.lost = 0                # connections
        self.resumed = self.snapshots = 0
        self.latency = []
        self.inside = asyncio.Event()

    async def log_in(self):
        how = {"token": self.token} if self.token else self.house.credentials(self.name)
        answer = await self.client.login(**how)
        error = answer.get("error")
        if error == "TOKEN":
            self.token = None
        if error == "WRONG" and not self.token:
            await asyncio.sleep(STEP_S - time.time() % STEP_S)
        if error is None:
            self.token = answer["token"]
        return error is None

    async def connect(self):
        """One try on one server; the next try is on the next one."""
        uri = self.house.uris[self.server]
        self.server = (self.server + 1) % len(self.house.uris)
        self.client = await Client.connect(uri)
        if not await self.log_in():
            await self.client.close()
            return False
        self.client.books[BOOK] = self.book
        answer = await self.client.open(BOOK, after=self.book.seq, epoch=self.book.epoch)
        if "error" in answer:
            await self.client.close()
            return False
        self.resumed += answer["snapshot"] == 0
        self.snapshots += answer["snapshot"]
        self.look_for_intent()
        return True

    def look_for_intent(self):
        """What had no answer when the server went is in the book, or was not sent."""
        if self.open_intent is None:
            return
        if any(c["id"] == self.open_intent for c in self.book.list("close")):
            self.durable.add(self.open_intent)
        else:
            self.not_sent.append(self.open_intent)
        self.open_intent = None

    def open_positions(self):
        busy = {key_of(c) for c in self.book.list("close") if c["state"] not in ENDED}
        mine = [p for p in self.book.list("position") if p["net"]]
        return mine, [p for p in mine if key_of(p) not in busy]

    async def press(self, position):
        answer = await self.client.ask("preview", book=BOOK,
                                       **{"in": [square_off(position, self.name)]})
        verdict, _, guards = answer.get("previews", [["STOP", "", answer.get("why")]])[0][:3]
        if verdict not in ("pass", "ASK"):
            await asyncio.sleep(0.2)
            return
        message = square_off(position, self.name, guards)
        self.open_intent = message[1]
        began = time.monotonic()
        answer = await self.client.ask("submit", book=BOOK, **{"in": [message]})
        self.open_intent = None
        if "refused" in answer or "error" in answer:
            self.refused.append(str(answer.get("refused", answer.get("why"))))
            await asyncio.sleep(0.2)
            return
        self.latency.append(time.monotonic() - began)
        self.durable.add(message[1])
        # the book of this console has it now, or will: do not press again before
        await self.client.until(lambda: any(c["id"] == message[1]
                                            for c in self.book.list("close")))

    async def work(self):
        """Until everything is flat, in its own view."""
        while True:
            everything, free = self.open_positions()
            if not everything:
                return
            if free:
                await self.press(self.rng.choice(free))
                await asyncio.sleep(self.rng.uniform(0.0, 0.15))
            else:
                await asyncio.sleep(0.05)
                if self.client.ended:
                    raise self.client.error or self.client.ended

    async def run(self, bell):
        """From the first login to the last position; nobody presses before the bell."""
        while True:
            try:
                if await self.connect():
                    self.inside.set()
                    await bell.wait()
                    await self.work()
                    return
            except LOST:
                self.lost += 1
            if self.client and self.client.error:
                raise self.client.error
            await asyncio.sleep(self.rng.uniform(0.05, 0.3))


async def supervisor(house):
    desk = Desk(house, SUPERVISOR, random.Random(1))
    desk.server = house.ready() or 0
    desk.token = house.tokens.get(SUPERVISOR)
    assert await desk.connect()
    return desk


async def activate(house):
    desk = await supervisor(house)
    for value in ("INVOKED", "ACTIVE"):
        answer = await desk.client.ask("submit", book=BOOK, **{"in": [command(
            "supervise", what="control", value=LISTS["control"].index(value), person=SUPERVISOR,
            reason="chaos")]})
        assert "refused" not in answer and "error" not in answer, answer
    await desk.client.close()
    house.tokens[SUPERVISOR] = desk.token


# ---- what happens to the active server ------------------------------------------------------------

async def wait_flat(desks, share):
    """Until that share of all positions is flat."""
    while True:
        total = sum(len(d.book.rows["position"]) for d in desks)
        flat = sum(1 for d in desks for p in d.book.list("position") if not p["net"])
        if total and flat >= share * total:
            return
        await asyncio.sleep(0.02)


async def disturb(house, desks, act, options, story):
    await wait_flat(desks, random.Random(options.seed).uniform(0.2, 0.5))
    active = house.ready()
    assert active is not None, "no server is ready"
    process = house.servers[active]["process"]
    story["active"], story["at"] = active, time.time()
    process.send_signal({"kill": signal.SIGKILL, "pause": signal.SIGSTOP,
                         "end": signal.SIGTERM}[act])
    if act == "pause":
        await asyncio.sleep(options.pause)
        process.send_signal(signal.SIGCONT)
        story["continued"] = time.time()
        return
    await asyncio.to_thread(process.wait)
    await asyncio.sleep(1)
    await asyncio.to_thread(house.start_one, active)


def first_order_after(house, at):
    """Seconds from a moment to the first order that arrived at the exchange after it and after the
    next logon. None: there was none."""
    logon = False
    for event in read_runs(house.path("exchange.log"))[0]:
        when = int(event["time_us"]) / 1e6
        logon = logon or (when > at and event["event"] == "logon" and
                          not event["session"].endswith("-MD"))
        if logon and event["event"] == "order-in":
            return when - at
    return None


# ---- judgement ------------------------------------------------------------------------------------

def arrived(house):
    return [e["clord"] for e in read_runs(house.path("exchange.log"))[0]
            if e["event"] == "order-in"]


def judge_orders(house, orders, problems):
    """The exchange's account of orders against the book's."""
    clords = arrived(house)
    known = {o["clord"]: o for o in orders if o["origin"] == "close"}
    for clord in clords:
        if clord not in known:
            problems.append(f"order {clord} arrived at the exchange and is in no book")
    at_exchange = set(clords)
    for clord, order in known.items():
        sent = order["state"] != "NOT SENT"
        if sent and clord not in at_exchange:
            problems.append(f"order {clord} is {order['state']} here and never arrived")
        if not sent and clord in at_exchange:
            problems.append(f"order {clord} is NOT SENT here and arrived")
        if order["state"] in ("JOURNALLED", "SENT", "UNKNOWN"):
            problems.append(f"order {clord} is still {order['state']}")


def judge_positions(house, positions, problems):
    theirs = exchange_positions(house)
    for p in positions:
        key = (p["client"], p["exchange"], str(p["token"]), p["product"])
        if theirs.get(key, 0) != p["net"]:
            problems.append(f"position {key}: {p['net']} here, {theirs.get(key, 0)} there")
        if p["net"]:
            problems.append(f"position {key}: not flat")
    if not positions or not theirs:
        problems.append("no positions to compare")


def judge_desks(desks, closes, problems):
    ids = {c["id"] for c in closes}
    for desk in desks:
        for intent in desk.durable - ids:
            problems.append(f"{desk.name}: {intent} was durable and is not in the book")
        for intent in set(desk.not_sent) & ids:
            problems.append(f"{desk.name}: {intent} was shown NOT SENT and is in the book")


def judge_files(house, problems):
    check = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "check_exchange_log.py"),
                            house.path("exchange.log"), os.path.join(house.day, "positions.csv")],
                           capture_output=True, text=True, check=False)
    print("  exchange:", check.stdout.strip().replace("\n", "; ")[:400])
    if check.returncode:
        problems.append("check_exchange_log.py: " + check.stdout[-400:] + check.stderr)
    verify = house.admin("journal", "verify")
    if verify.returncode:
        problems.append("journal verify: " + verify.stdout[-300:] + verify.stderr[-300:])


def say(house, desks, closes, orders, story):
    after = first_order_after(house, story["at"])
    print(f"  first order on the new owner: {after:.2f} s after the blow" if after else
          "  no order after the blow")
    latency = sorted(t for d in desks for t in d.latency)
    print(f"  submits: {len(latency)} durable, p50 {latency[len(latency) // 2] * 1e3:.1f} ms, p99 "
          f"{latency[len(latency) * 99 // 100] * 1e3:.1f} ms; refused {sum(len(d.refused) for d in desks)}")
    print(f"  consoles: {len(desks)}, {sum(d.lost for d in desks)} connections lost or refused, "
          f"{sum(d.resumed for d in desks)} resumes, {sum(d.snapshots for d in desks)} snapshots")
    print(f"  no answer and not in the new owner's book (NOT SENT): "
          f"{sum(len(d.not_sent) for d in desks)} intents; orders NOT SENT: "
          f"{sum(o['state'] == 'NOT SENT' for o in orders)}; closes that ended with a residue: ",
          end="")
    reasons = {}
    for c in closes:
        if c["state"] == "RESIDUE":
            reasons[c["residue"]] = reasons.get(c["residue"], 0) + 1
    print(reasons or "none")


async def settled(desk):
    """Every order has its answer."""
    await desk.client.until(lambda: not any(
        o["state"] in ("JOURNALLED", "SENT", "UNKNOWN") for o in desk.book.list("order")), 60)


# ---- a round --------------------------------------------------------------------------------------

async def play(house, act, options, rng):
    story = {}
    await activate(house)
    desks = [Desk(house, dealer_name(i), random.Random(rng.random()))
             for i in range(options.dealers)]
    bell = asyncio.Event()
    work = [asyncio.create_task(d.run(bell)) for d in desks]
    await asyncio.wait_for(asyncio.gather(*(d.inside.wait() for d in desks)), 120)
    bell.set()
    await asyncio.wait_for(
        asyncio.gather(disturb(house, desks, act, options, story), *work), 240 + options.pause)
    if act == "pause":
        await asyncio.sleep(3)  # whatever the paused server still wants to send
    watcher = await supervisor(house)
    await settled(watcher)
    book, problems = watcher.book, []
    say(house, desks, book.list("close"), book.list("order"), story)
    judge_orders(house, book.list("order"), problems)
    judge_positions(house, book.list("position"), problems)
    judge_desks(desks, book.list("close"), problems)
    if act == "pause" and house.kind == "postgres" and \
            "is lost" not in house.said(house.servers[story["active"]]["log"]):
        problems.append("the paused server does not know that it lost the book")
    for desk in [*desks, watcher]:
        await desk.client.close()
    return problems


def play_round(what, database, options, rng):
    store, act = what.split(":")
    print(f"{what}, seed {options.seed}: {options.dealers} consoles, "
          f"{options.dealers * options.positions} positions", flush=True)
    with House(store, database, options) as house:
        house.start_exchange()
        house.add_user(SUPERVISOR, "SUPERVISOR")
        for i in range(options.dealers):
            house.add_user(dealer_name(i), "DEALER")
        house.start_one(0)
        house.wait_said(house.servers[0]["log"], "logged on to")
        house.start_one(1)
        try:
            problems = asyncio.run(play(house, act, options, rng))
        except (AssertionError, asyncio.TimeoutError, TimeoutError) as error:
            problems = [f"the round did not end: {error!r}"]
        for server in house.servers:
            if server["process"].poll() is None:
                server["process"].terminate()
                server["process"].wait(20)
        judge_files(house, problems)
        for problem in problems[:20]:
            print("  PROBLEM", problem)
        if problems:
            print(f"  {len(problems)} problems")
            for server in house.servers:
                print(house.said(server["log"])[-1500:])
        if options.keep:
            kept = f"{house.root}-kept"
            shutil.copytree(house.root, kept, ignore=shutil.ignore_patterns("x", "control"))
            print("  kept in", kept)
    return len(problems)


def kinds(options):
    if options.rounds:
        return options.rounds.split(",")
    stores = ["sqlite"] + (["postgres"] if postgres_programs() else [])
    return [f"{store}:{act}" for act in ("kill", "pause", "end") for store in stores]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--minutes", type=float, default=0)
    options.add_argument("--rounds", default="")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--dealers", type=int, default=50)
    options.add_argument("--positions", type=int, default=20)
    options.add_argument("--pause", type=float, default=10)
    options.add_argument("--lease", type=int, default=2000)
    options.add_argument("--build", default=os.environ.get("BUILD", os.path.join(ROOT, "build")))
    options.add_argument("--keep", action="store_true")
    options = options.parse_args()
    server_bed.BUILD = os.path.abspath(options.build)
    if any(k.startswith("postgres") for k in kinds(options)) and postgres_programs() is None:
        print("PostgreSQL is not installed")
        return 2
    end = time.monotonic() + options.minutes * 60
    bad = 0
    while True:
        for what in kinds(options):
            rng = random.Random(options.seed)
            if what.startswith("postgres"):
                with Postgres() as database:
                    bad += play_round(what, database, options, rng)
            else:
                bad += play_round(what, None, options, rng)
            options.seed += 1
            if options.minutes and time.monotonic() >= end:
                break
        if time.monotonic() >= end:
            break
    print("clean" if bad == 0 else "NOT CLEAN")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
