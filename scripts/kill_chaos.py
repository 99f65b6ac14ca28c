#!/usr/bin/env python3
"""Kills the console in mid-close, again and again, and lets others judge what came of it.

usage: kill_chaos.py [--times N] [--seed S] [--build DIR] [--keep]

One squareoff-exchange runs all the time; a headless console is started, told to close some
positions, and killed with SIGKILL at a random moment, N times. At the end the console is started
once more, reconciles, and then
  - its positions must be equal to the exchange's own account, every one of them,
  - the exchange's log, read by scripts/check_exchange_log.py, must show no flip, no increase and no
    ClOrdID twice,
  - squareoff-admin must verify the journal's chain.
The day is the shipped sample day, moved to today with a market that never shuts.
Exit status: 0 clean, 1 something was lost, doubled or differs, 2 it could not be run.
"""
import argparse
import csv
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from open_day import move_day

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def ask(path, line, seconds=5):
    """One request to a control socket: its lines and the last one. None: nobody answered."""
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(seconds)
            s.connect(path)
            s.sendall(line.encode() + b"\n")
            got = b""
            while not ends(got):
                piece = s.recv(65536)
                if not piece:
                    return None
                got += piece
    except OSError:
        return None
    lines = got.decode().splitlines()
    return lines[:-1], lines[-1]


def ends(got):
    last = got.rstrip(b"\n").rpartition(b"\n")[2]
    return got.endswith(b"\n") and (last == b"ok" or last.startswith(b"error"))


class World:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.day = os.path.join(folder, "day")
        self.state = os.path.join(folder, "state")
        self.log = os.path.join(folder, "exchange.log")
        self.exchange_control = os.path.join(folder, "x")
        self.control = os.path.join(self.state, "control")
        self.console = None
        move_day(self.day)
        self.start_exchange()
        self.write_config()

    def program(self, name):
        return os.path.join(self.build, name)

    def start_exchange(self):
        self.exchange = subprocess.Popen(
            [self.program("squareoff-exchange"), "--listen", "127.0.0.1:0", "--day", self.day,
             "--log", self.log, "--control", self.exchange_control, "--seed", "7"],
            stdout=subprocess.PIPE, text=True)
        self.port = self.exchange.stdout.readline().strip().rpartition(":")[2]
        if not self.port.isdigit():
            sys.exit("the exchange did not start")

    def write_config(self):
        self.config = os.path.join(self.folder, "squareoff.ini")
        with open(self.config, "w", encoding="utf-8") as ini:
            ini.write(f"[exchange]\nhost = 127.0.0.1\nport = {self.port}\n"
                      "sender_comp_id = SQDRILL\ntarget_comp_id = SQXCHG\nheartbeat_s = 10\n")

    def start_console(self):
        with open(os.path.join(self.folder, "console.out"), "a", encoding="utf-8") as out:
            self.console = subprocess.Popen(
                [self.program("squareoff"), "--standalone", "--config", self.config, "--state",
                 self.state, "--book", self.day, "--person", "RK07", "--headless"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        for _ in range(400):
            if self.console.poll() is not None:
                sys.exit(f"the console ended with {self.console.returncode}: see console.out")
            if ask(self.control, "orders csv"):
                return
            time.sleep(0.05)
        sys.exit("the console does not answer")

    def kill_console(self):
        self.console.send_signal(signal.SIGKILL)
        self.console.wait()

    def submit(self, line):
        answer = ask(self.control, "submit " + line)
        return answer is not None and answer[1] == "ok"

    def activate(self):
        for value in ("INVOKED", "ACTIVE"):
            self.submit(f'supervise what=control value={CONTROL[value]} person=SV02 reason="chaos"')
        if not wait_for(self, "control=ACTIVE"):
            sys.exit("the book does not become active")

    def table(self, what):
        answer = ask(self.control, what + " csv")
        return list(csv.DictReader(answer[0])) if answer else []

    def stop(self):
        for process in (self.console, self.exchange):
            if process and process.poll() is None:
                process.terminate()
                process.wait(30)  # the console waits 10 s for orders that are out


CONTROL = {"INVOKED": 1, "ACTIVE": 2}


def wait_for(world, words):
    """Until the book's row says so."""
    for _ in range(200):
        answer = ask(world.control, "book")
        if answer and any(words in line for line in answer[0]):
            return True
        time.sleep(0.05)
    return False


def close_some(world, rng, count):
    rows = [r for r in world.table("positions") if int(r["net"]) != 0]
    rng.shuffle(rows)
    for row in rows[:count]:
        line = (f"close confirmed dealer=RK07 target=0 seen_net={row['net']} "
                f"client={row['client']} exchange={row['exchange']} product={row['product']} "
                f"symbol={row['symbol']}")
        yield line


def round_of_death(world, rng):
    """Starts, presses, kills. The presses go out one after another; death comes in between."""
    world.start_console()
    wait_for(world, "link=ok")
    deadline = time.monotonic() + rng.uniform(0.0, 0.4)
    sent = 0
    for line in close_some(world, rng, 12):
        if time.monotonic() >= deadline:
            break
        ask(world.control, line, 0.05)
        sent += 1
    time.sleep(max(0.0, deadline - time.monotonic()))
    world.kill_console()
    return sent


def exchange_positions(world):
    answer = ask(world.exchange_control, "positions", 10)
    nets = {}
    for line in answer[0] if answer else []:
        cells = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if "net" in cells:
            key = (cells["client"], cells["segment"], cells["token"], cells["product"])
            nets[key] = int(cells["net"])
    return nets


def compare(world):
    theirs = exchange_positions(world)
    differ = 0
    rows = world.table("positions")
    for row in rows:
        key = (row["client"], row["exchange"], row["token"], row["product"])
        if theirs.get(key, 0) != int(row["net"]):
            differ += 1
            print(f"DIFFERS {key}: we hold {row['net']}, the exchange says {theirs.get(key, 0)}")
    print(f"positions compared: {len(rows)}, differing: {differ}")
    return differ if rows and theirs else 1


def settle(world):
    """Time for every answer; then nothing may be UNKNOWN."""
    for _ in range(300):
        states = [r["state"] for r in world.table("orders")]
        if states and not any(s in ("UNKNOWN", "SENT", "JOURNALLED") for s in states):
            return 0
        time.sleep(0.1)
    print("orders still without an answer:", sum(s == "UNKNOWN" for s in states))
    return 1


def judge(world):
    bad = settle(world) + compare(world)
    orders = world.table("orders")
    ours = [r for r in orders if r["order"].startswith("#sq-")]
    print(f"orders of ours: {len(ours)}, filled: {sum(r['state'] == 'FILLED' for r in ours)}")
    if not ours:
        print("no order was sent: nothing has been tested")
        bad += 1
    world.stop()
    check = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "check_exchange_log.py"),
                            world.log, os.path.join(world.day, "positions.csv")])
    verify = subprocess.run([world.program("squareoff-admin"), "journal", "verify", "--state",
                             world.state])
    return bad + (check.returncode != 0) + (verify.returncode != 0)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--times", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--build", default=os.path.join(ROOT, "build"))
    options.add_argument("--keep", action="store_true")
    options = options.parse_args()
    rng = random.Random(options.seed)
    folder = tempfile.mkdtemp(prefix="sq")
    world = World(os.path.abspath(options.build), folder)
    try:
        world.start_console()
        world.activate()
        sent = sum(round_of_death(world, rng) if i else first_death(world)
                   for i in range(options.times))
        print(f"killed {options.times} times, {sent} closes asked for")
        world.start_console()
        wait_for(world, "link=ok")
        bad = judge(world)
    finally:
        world.stop()
        if not options.keep:
            shutil.rmtree(folder)
        else:
            print("kept in", folder)
    print("clean" if bad == 0 else "NOT CLEAN")
    return 1 if bad else 0


def first_death(world):
    world.kill_console()
    return 0


if __name__ == "__main__":
    sys.exit(main())
