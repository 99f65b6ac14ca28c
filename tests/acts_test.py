#!/usr/bin/env python3
"""The rarer keys, each from the finger to its record in the journal: e with a percentage, m, K, the
armed policy with its PIN, u; and what rings and what changes colour on the way."""
import re

from terminal_bed import Terminal, check, finish


def find(t, client, text):
    """The cursor on the first row of a client with that text."""
    t.send("1")
    t.command("client " + client)
    t.rest(0.3)
    t.send("g/" + text + "\r")
    t.rest(0.2)


def records(journal, kind, **wanted):
    return [r for k, r in journal if k == kind and all(r.get(n) == v for n, v in wanted.items())]


def first(journal, kind, **wanted):
    return (records(journal, kind, **wanted) or [{}])[0]


def filter_by(t, text):
    t.keys(b"\\")
    t.keys(b"\x15")  # Ctrl-U: whatever stands in the field
    t.send(text + "\r")
    t.rest(0.3)


def part_of_a_close(t):
    find(t, "C10733", "HDFCBANK")
    t.send("e")
    t.send("50%\r")
    check("e and a percentage open the preview", t.shows("SELL 250 of +500"), t.last)
    t.send("\r")
    check("its Enter sends that part", t.shows("250/250"), t.last)


def fill_by_phone(t):
    find(t, "C10733", "ICICIBANK")
    t.send("m")
    t.keys(b"\x15")
    t.send("sell\t100\t1420.50\tdesk 3, exchange no 77\r")
    check("a fill by phone is in the book", t.shows("+600"), t.last)


def cancel_shown(t):
    t.send("2")
    filter_by(t, "client=C10421")
    t.send("K")
    check("K lists what it would cancel", t.shows("CANCEL ALL"), t.last)
    count = re.search(r"\[ (\d+) \]", t.last)
    t.send((count.group(1) if count else "0") + "\r")
    t.rest(1)


def arm(t):
    t.command("drill person SV02")
    t.command("policy armed a trial")
    t.rest(0.3)
    t.command("drill person RK07")
    t.rest(0.3)
    find(t, "C10733", "ICICIBANK")
    t.send("x")
    check("not armed, x asks", t.shows("x=ASKS (! arms)"), t.last)
    t.keys(b"\x1b")
    t.rest(0.4)
    t.send("!")
    t.send("pin-9x9q\r")
    check("! and the PIN arm", t.shows("x=ARMED"), t.last)
    t.send("x")
    check("armed, x sends at once", t.shows("600/600"), t.last)


def settle(t):
    t.command("drill cut")
    t.rest(1)
    t.send("2")
    filter_by(t, "client=C11340")
    t.send("gu")
    check("u opens on an UNKNOWN order", t.shows("settle an UNKNOWN"), t.last)
    t.send("0\t\tn\tdesk 3, 10:44\r")
    for _ in range(20):  # a busy machine may be slow to write it down
        t.rest(0.5)
        if first(t.journal(), "settle"):
            break


def on_record(t):
    journal = t.journal()
    close = first(journal, "square-off", token="1333")
    check("the close is on record with target and who", close.get("target") == "250" and
          close.get("dealer") == "RK07" and close.get("seen_net") == "500", close)
    fill = first(journal, "manual-fill")
    check("the fill is on record with who said it", fill.get("qty") == "100" and
          fill.get("price") == "142050" and fill.get("side") == "SELL" and
          fill.get("reason") == "desk 3, exchange no 77", fill)
    policy = first(journal, "supervise", what="policy")
    check("the policy is on record with its reason",
          policy.get("person") == "SV02" and policy.get("reason") == "a trial", policy)
    closes = records(journal, "square-off", token="4963")
    check("the close of an armed x says so, the refused one does not",
          [c.get("armed") for c in closes] == [None, "1"], closes)
    check("the PIN is nowhere on record", "pin-9x9q" not in str([r for k, r in journal if k not in (
        "instrument", "trade", "order", "position", "report", "day", "client")]))
    cancels = records(journal, "cancel", person="RK07")
    check("K's cancels are on record", len(cancels) > 0, [k for k, _ in journal][-20:])
    told = first(journal, "settle")
    check("what was told of an UNKNOWN is on record with who and why",
          told.get("person") == "RK07" and told.get("reason") == "desk 3, 10:44", told)
    check("the journal verifies", t.verified())


def main():
    t = Terminal("--no-coach")
    t.read(b"DRILL")
    t.rest(2)
    part_of_a_close(t)
    fill_by_phone(t)
    arm(t)
    cancel_shown(t)
    settle(t)
    check("it leaves with 0", t.end() == 0)
    on_record(t)


main()
finish()
