#!/usr/bin/env python3
"""The console over a link of 300 ms each way that takes escape sequences apart, for the terminals
that desks have. Function and cursor keys, keypad and paste arrive as keys or do nothing; nothing of
them ever sends, cancels or closes; Esc works. The journal is the judge."""
import curses, os, subprocess, sys

import terminal_bed
from terminal_bed import Terminal, check, finish

TERMS = ["xterm-256color", "screen-256color", "tmux-256color", "linux", "vt220", "putty"]
DELAY_S = 0.3
APART_S = 0.03   # well within the 200 ms that are waited for the rest of a sequence
TORN_S = 0.25    # beyond them: what comes is an Esc and some letters
NAMES = [f"kf{i}" for i in range(1, 13)] + ["kcuu1", "kcud1", "kcub1", "kcuf1", "khome", "kend",
                                            "kpp", "knp", "kich1", "kdch1"]
CURSOR = [b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"]
KEYPAD = [b"\x1bO" + bytes([c]) for c in b"pqrstuvwxyjklmnoMX"]
SENDING = {"square-off", "bulk-go", "cancel", "settle", "manual-fill", "approve", "withdraw"}


def capabilities(term):
    """Bytes of the keys that terminfo knows; None: it does not know the terminal."""
    try:
        curses.setupterm(term, 1)
    except curses.error:
        return None
    found = {name: curses.tigetstr(name) for name in NAMES}
    return {name: value for name, value in found.items() if value}


def to_row(t):
    t.send("1")
    t.keys(b"\\")
    t.keys(b"\x15")
    t.send("client=C10733\r")
    t.rest(2 * DELAY_S)
    t.send("g/HDFCBANK\r")
    t.rest(2 * DELAY_S)


def press_all(t, keys):
    """Ctrl-G leaves what a key may have opened, as F1 and F2 do."""
    for key in keys:
        t.keys(key)
        t.keys(b"\x07")


def function_keys(t, known):
    if "kf8" in known:
        to_row(t)
        t.keys(known["kf8"])
        check(f"{t.term}: F8 arrives in pieces", t.shows("Trades"), t.last)
    to_row(t)
    press_all(t, list(known.values()) + CURSOR)
    to_row(t)
    press_all(t, KEYPAD)


def torn(t, known):
    to_row(t)
    t.gap_s = TORN_S
    press_all(t, [known[name] for name in ("kf1", "kf6", "kf12", "kcuf1") if name in known])
    t.gap_s = APART_S


def pastes(t):
    to_row(t)
    t.keys(b"\x1b[200~excel X 3\r\x1b[201~")
    t.keys(b"excelXx\r3\r", gap_s=0)
    t.rest(DELAY_S)
    t.keys(b"\x07")


def press(t, key, words):
    """As a person does: a key that a busy console took for a burst ("press again") is pressed again."""
    for _ in range(4):
        t.send(key)
        if t.shows(words):
            return True
        t.rest(1)
    return False


def escapes(t):
    to_row(t)
    check(f"{t.term}: X lists what it would close", press(t, "X", "CLOSE ALL"), t.last)
    t.keys(b"\x1b")
    t.rest(0.4)
    t.send("1")
    check(f"{t.term}: Esc leaves it", t.shows("Positions") and "CLOSE ALL" not in t.last, t.last)


def one(term):
    known = capabilities(term)
    if known is None:
        print(f"[  SKIPPED ] {term}: terminfo does not know it (Debian: ncurses-term)")
        return
    t = Terminal("--no-coach", term=term, delay_s=DELAY_S, gap_s=APART_S)
    t.term = term
    check(f"{term}: the first frame", t.read(b"DRILL"), t.seen)
    t.rest(2)
    escapes(t)
    pastes(t)
    function_keys(t, known)
    torn(t, known)
    sent = [(kind, fields) for kind, fields in t.journal() if kind in SENDING]
    check(f"{term}: nothing of it sent anything", not sent, sent)
    to_row(t)
    check(f"{term}: x by itself does", press(t, "x", "500/500"), t.last)
    check(f"{term}: it leaves with 0", t.end() == 0)
    closes = [f for k, f in t.journal() if k == "square-off"]
    check(f"{term}: one close is on record", len(closes) == 1, closes)


def every():
    running = {}
    for term in TERMS:  # each in a process: curses.setupterm() looks at the first only
        running[term] = subprocess.Popen([sys.executable, __file__, term], stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True)
    for child in running.values():
        told = child.communicate(timeout=300)[0]
        print(told[:told.rfind("# ")], end="")
        terminal_bed.passes += told.count("[       OK ]")
        terminal_bed.failures += max(told.count("[  FAILED  ]"), child.returncode != 0)


if len(sys.argv) > 1:
    one(sys.argv[1])
else:
    every()
finish()
