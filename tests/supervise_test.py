#!/usr/bin/env python3
"""A supervisor's work on a drill, from the finger to the journal and to the pack that goes back: a close
on a call, one that a second person approves, and commands with their reasons."""
import subprocess

from terminal_bed import ADMIN, Terminal, check, finish


def cursor_on(t, client, text):
    t.send("1")
    t.command("client " + client)
    t.rest(0.3)
    t.send("g/" + text + "\r")
    t.rest(0.2)


def sit(t, person):
    t.command("drill person " + person)
    t.rest(0.3)


def close_on_a_call(t):
    t.send("v")
    t.send("C10733\t1184\r")
    check("the call is pinned", t.shows("CALL C10733"), t.last)
    cursor_on(t, "C10733", "HDFCBANK")
    t.send("x")
    check("it closes", t.shows("500/500"), t.last)
    t.send("v")
    t.send("\r")
    t.rest(0.2)


def ask_for_approval(t):
    cursor_on(t, "P00001", "NIFTY 29DEC FUT")
    t.send("x")
    check("over the limit, x asks", t.shows("APPROVE: over the dealer's order limit"), t.last)
    t.rest(0.3)
    t.send("\r")
    t.rest(0.3)


def decide(t):
    t.send("0")
    t.send("g")
    check("it waits in the queue", t.shows("RK07 asks: "), t.last)
    t.send("\r")
    check("Enter opens it", t.shows("A approves: type the number"), t.last)
    t.send("A1\r")
    t.send("on the phone with the client\r")
    check("approved, it is sent", t.shows("FILLED"), t.last)


def command(t):
    t.send("6")
    check("the monitor has the desk", t.shows("MUM-1 RK07"), t.last)
    t.command("lock C10421 two callers say they are he")
    t.rest(0.3)
    t.send("0")
    check("the lock is in the queue", t.shows("locked by a supervisor"), t.last)
    t.command("take MUM-1 SV05 RK07 is ill")
    t.command("give back MUM-1 RK07 is well")
    t.command("standdown the main system is back")
    check("what is open is shown first", t.shows("STAND DOWN?"), t.last)
    t.send("\r")
    check("HANDING BACK is on the first line", t.shows("HANDING BACK"), t.last)
    t.command("dormant all is in the main system")
    check("and DORMANT in the end", t.shows("DORMANT"), t.last)


def on_record(t):
    journal = t.journal()
    approval = [r for k, r in journal if k == "approve"]
    check("the approval is on record with person and reason, bound to what was seen",
          len(approval) == 1 and approval[0].get("person") == "SV02" and
          approval[0].get("reason") == "on the phone with the client" and
          int(approval[0].get("digest", 0)) > 0, approval)
    said = [(r.get("what"), r.get("person"), r.get("reason")) for k, r in journal if k == "supervise"]
    for what, reason in [("lock", "two callers say they are he"), ("assign", "RK07 is ill"),
                         ("assign", "RK07 is well"), ("control", "the main system is back"),
                         ("control", "all is in the main system")]:
        check(f"{what} is on record: {reason}", (what, "SV02", reason) in said, said)
    check("the journal verifies", t.verified())


def pack(t):
    done = subprocess.run([ADMIN, "report", "--state", t.state], capture_output=True, text=True,
                          timeout=60)
    check("the pack has the call behind an order", ", by RK07, call 1184\n" in done.stdout,
          done.stdout[:2000])
    check("and the second person", ", by RK07, approved by SV02\n" in done.stdout, done.stdout[:2000])


def main():
    t = Terminal("--no-coach")
    t.read(b"DRILL")
    t.rest(2)
    close_on_a_call(t)
    ask_for_approval(t)
    sit(t, "SV02")
    decide(t)
    command(t)
    check("it leaves with 0", t.end() == 0)
    on_record(t)
    pack(t)


main()
finish()
