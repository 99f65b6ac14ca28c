#!/usr/bin/env python3
"""Recomputes every position from the log of squareoff-exchange, and judges what happened.

usage: check_exchange_log.py LOG [POSITIONS.CSV] [--quiet]

The log is described in net/simulator/log.h: one event a line, key=value. This program shares no
code with the exchange and believes none of its nets: it starts from the opening lines, applies
each fill and bust by itself, and compares. It fails when
  - a fill of a member's order increases a position or changes its sign, and the exchange's own
    disturbance (late fill, bust, lost tail) does not excuse it,
  - the exchange's net differs from the recomputed one,
  - a member used a ClOrdID twice, or sent a NewOrderSingle with PossDupFlag=Y,
  - the sum over a client's opening positions in POSITIONS.CSV is not in the log's opening lines
    (trades after the snapshot move them: then only the keys are compared),
  - line numbers do not rise by one.
Lines that an exchange lost with its tail (event=rollback keep=N) did not happen and are dropped;
a ClOrdID that was used in them counts as used all the same.

Exit codes: 0 clean, 1 violations, 2 the log or the file cannot be read.
"""

import csv
import sys


def parse(line, number):
    """One line as a dictionary. Raises ValueError when it is not such a line."""
    event = {}
    for word in line.split():
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise ValueError(f"line {number}: {word!r} is not key=value")
        event[key] = value
    for key in ("n", "time_us", "event"):
        if key not in event:
            raise ValueError(f"line {number}: no {key}")
    event["n"] = int(event["n"])
    return event


def read_runs(path):
    """The log's events by program start: each `event=open` begins a run of its own."""
    runs = []
    with open(path, encoding="ascii") as log:
        for number, line in enumerate(log, 1):
            event = parse(line, number)
            if event["event"] == "open":
                runs.append([])
            if not runs:
                raise ValueError(f"line {number}: the log does not begin with event=open")
            runs[-1].append(event)
    if not runs:
        raise ValueError("the log is empty")
    return runs


def key_of(event):
    return (event["client"], event["segment"], event["token"], event["product"])


class Judge:
    """Goes through one run's events."""

    def __init__(self):
        self.problems = []
        self.opening = {}
        self.net = {}
        self.used = set()
        self.count = {"orders": 0, "fills": 0, "busts": 0, "excused": 0, "lost": 0}
        self.disturbed = set()

    def blame(self, event, text):
        self.problems.append(f"n={event['n']}: {text}")

    def numbers(self, events):
        for before, after in zip(events, events[1:]):
            if after["n"] != before["n"] + 1:
                self.blame(after, f"follows n={before['n']}")

    def surviving(self, events):
        """Without what a rollback took back; ClOrdIDs are looked at before."""
        kept = []
        for event in events:
            if event["event"] == "order-in":
                self.order(event)
            if event["event"] == "rollback":
                keep = int(event["keep"])
                self.count["lost"] += sum(e["n"] > keep for e in kept)
                kept = [e for e in kept if e["n"] <= keep]
            kept.append(event)
        return kept

    def order(self, event):
        self.count["orders"] += 1
        name = (event["session"], event["clord"])
        if name in self.used:
            self.blame(event, f"ClOrdID {name[1]} used twice by {name[0]}")
        self.used.add(name)
        if event["possdup"] != "0":
            self.blame(event, f"order {name[1]} was sent again with PossDupFlag=Y")

    def move(self, event, change):
        """Applies a change and compares with the exchange's own word. Returns net before, after."""
        key = key_of(event)
        before = self.net.get(key, 0)
        after = before + change
        self.net[key] = after
        if int(event["net_before"]) != before or int(event["net"]) != after:
            self.blame(event, f"{key}: exchange says {event['net_before']} to {event['net']}, "
                              f"recomputed {before} to {after}")
        return before, after

    def fill(self, event):
        self.count["fills"] += 1
        sign = 1 if event["side"] == "BUY" else -1
        before, after = self.move(event, sign * int(event["last"]))
        wrong = abs(after) > abs(before) or before * after < 0
        if event["origin"] == "late" or (event["origin"] == "loaded" and wrong):
            self.disturbed.add(key_of(event))
        if event["origin"] != "member" or not wrong:
            return
        excusable = key_of(event) in self.disturbed
        if event["verdict"] == "excused" and excusable:
            self.count["excused"] += 1
        else:
            self.blame(event, f"{key_of(event)}: {before} to {after} by order {event['clord']}")

    def undo(self, event):
        self.count["busts"] += 1
        sign = -1 if event["side"] == "BUY" else 1
        self.move(event, sign * int(event["last"]))
        self.disturbed.add(key_of(event))

    def run(self, events):
        self.numbers(events)
        for event in self.surviving(events):
            kind = event["event"]
            if kind == "opening":
                self.opening[key_of(event)] = event
                self.net[key_of(event)] = int(event["net"])
            elif kind == "fill":
                self.fill(event)
            elif kind == "bust":
                self.undo(event)
            elif kind == "rollback":
                self.disturbed.update(self.net)


def opening_keys(judge):
    """The opening positions as positions.csv can name them: without tokens."""
    return {(e["client"], e["segment"], e["symbol"], e["product"]) for e in judge.opening.values()}


def compare_with_file(judge, path):
    known = opening_keys(judge)
    tokens = {key[:3] + (key[3],) for key in judge.opening}
    with open(path, encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            product = row["product"] or "?prod"
            by_symbol = (row["client"], row["exchange"], row["symbol"], product)
            by_token = (row["client"], row["exchange"], row["token"], product)
            if by_symbol not in known and by_token not in tokens:
                judge.problems.append(f"{path}:{number}: {by_symbol} is not among the opening lines")


def main(arguments):
    quiet = "--quiet" in arguments
    names = [a for a in arguments if a != "--quiet"]
    if not 1 <= len(names) <= 2 or names[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    problems = 0
    try:
        for number, events in enumerate(read_runs(names[0]), 1):
            judge = Judge()
            judge.run(events)
            if len(names) == 2:
                compare_with_file(judge, names[1])
            problems += len(judge.problems)
            for problem in judge.problems:
                print(f"run {number}: {problem}")
            moved = sum(judge.net[k] != int(e["net"]) for k, e in judge.opening.items())
            open_now = sum(net != 0 for net in judge.net.values())
            if not quiet:
                counts = ", ".join(f"{value} {name}" for name, value in judge.count.items())
                print(f"run {number}: {len(events)} events, {counts}; {len(judge.opening)} positions"
                      f" at the start, {moved} moved, {open_now} open now")
    except (OSError, ValueError, KeyError) as error:
        print(f"check_exchange_log: {error}", file=sys.stderr)
        return 2
    if not quiet:
        print("clean" if problems == 0 else f"{problems} violations")
    return 0 if problems == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
