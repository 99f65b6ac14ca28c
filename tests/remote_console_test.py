#!/usr/bin/env python3
"""Consoles on a real squareoffd, on pseudo-terminals: login, a supervisor who sees a dealer's close,
a server that is killed, stopped and started again, the last known book, what was entered meanwhile.
Judged by the screens, the server's journal and the exchange's own log."""
import os
import re
import select
import signal
import subprocess
import sys
import time

from server_bed import DEALER, OTHER, SUPERVISOR, Bed, free_port, totp
from terminal_bed import Terminal, check, finish, folder, run

SEEN_MS, OFFLINE_S, SILENT_S = 100, 1.0, 7.5


def console(bed, user, *words):
    t = Terminal("--log", bed.path(user + ".log"), *words,
                 mode=["--server", f"127.0.0.1:{bed.port}", "--plain", "--user", user])
    t.shows("log in on a backup server") if not words else None
    return t


def log_in(bed, t, user, password=None, code=None):
    secret = bed.users[user]
    t.send(password or secret[0])
    t.keys(b"\t")
    t.send(code or totp(secret[1]))
    t.keys(b"\r")


def pump(terminals, seconds, until):
    """Reads several at once; how long until() took, None: it never held."""
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        ready = select.select([t.fd for t in terminals], [], [], 0.005)[0]
        for t in terminals:
            if t.fd in ready:
                t.seen += os.read(t.fd, 65536)
        if until():
            return time.monotonic() - start
    return None


def on_row(t, client, text):
    t.send("1")
    t.command("client " + client)
    t.rest(0.3)
    t.send("g/" + text + "\r")
    t.rest(0.2)


def seen_by_supervisor(dealer, boss):
    """From the dealer's key to the supervisor's screen: the best of three closes."""
    times = []
    for client, text in [("C10733", "HDFCBANK"), ("C10733", "ICICIBANK"), ("C10812", "RELIANCE")]:
        on_row(dealer, client, text)
        on_row(boss, client, text)
        dealer.rest(0.3)
        boss.rest(0.3)
        dealer.seen = boss.seen = b""
        os.write(dealer.fd, b"x")
        took = pump([dealer, boss], 5, lambda: re.search(rb"CLOS|FLAT", boss.seen))
        if took is not None:
            times.append(took * 1000)
        boss.rest(0.5)
        dealer.rest(0.5)
    print(f"# a supervisor sees a dealer's close after {', '.join(f'{t:.0f}' for t in times)} ms")
    return times


def login(bed, dealer):
    log_in(bed, dealer, DEALER, password="not the one")
    check("a wrong password is told in words", dealer.shows("WRONG") or "wrong" in dealer.last,
          dealer.last)
    check("and the ticket is open again", "log in on a backup server" in dealer.last, dealer.last)
    check("the password is on no screen", "not the one" not in dealer.last, dealer.last)
    log_in(bed, dealer, DEALER)
    check("the dealer is on BACKUP-1", dealer.shows("BACKUP-1") and dealer.shows("px:ok"),
          dealer.last)
    token = os.path.join(dealer.state, "token")
    check("the token lies where nobody else reads it",
          os.path.exists(token) and os.stat(token).st_mode & 0o077 == 0)


def killed(bed, dealer):
    """kill -9: OFFLINE at once, the sheet, a fill by phone; and back."""
    on_row(dealer, "C10733", "BANKNIFTY")
    dealer.seen = b""
    bed.server.kill()
    took = pump([dealer], 5, lambda: b"OFFLINE" in dealer.seen)
    bed.server.wait()
    print(f"# OFFLINE {(took or 9) * 1000:.0f} ms after the server was killed")
    check("OFFLINE within a second", took is not None and took <= OFFLINE_S)
    check("the book is the last known one", dealer.shows("LAST KNOWN, cached"), dealer.last)
    check("totals are hidden, links down",
          "MTM hidden" in dealer.last and "ord:DOWN" in dealer.last, dealer.last)
    check("it says what became of the server", "BACKUP-1 refused" in dealer.last or
          dealer.shows("BACKUP-1 refused"), dealer.last)
    dealer.send("x")
    check("x writes on the call sheet", dealer.shows("x=SHEET (1)"), dealer.last)
    dealer.send("m")
    dealer.keys(b"\t")
    dealer.send("30\t51000\tdesk 3, no 77\r")
    check("a fill by phone is kept, marked", dealer.shows("MANUAL +30"), dealer.last)


def started_without_a_server(bed, dealer):
    """The next start: the book within a second, and what was entered is there."""
    dealer.end()
    begin = time.monotonic()
    t = Terminal("--log", bed.path("again.log"), "--state", dealer.state,
                 mode=["--server", f"127.0.0.1:{bed.port}", "--plain", "--user", DEALER])
    shown = t.read(b"LAST KNOWN", 5)
    took = time.monotonic() - begin
    print(f"# the last known book {took * 1000:.0f} ms after the start of a console")
    check("started without a server: OFFLINE within a second", shown and took <= OFFLINE_S)
    check("what was entered is there", t.shows("x=SHEET (1)") and t.shows("1 MANUAL"), t.last)
    return t


def back_online(bed, t):
    bed.start_server(log="second.out")
    check("the server is back without another login", t.shows("BACKUP-1 ", 20) and
          t.shows("px:ok", 20), t.last)
    fills = manual_fills(bed)
    check("nothing was submitted by itself", fills == 0, f"{fills} fills")
    t.send("9")
    check("the differences are listed", t.shows("not in the server's book") and
          t.shows("open as it was"), t.last)
    t.send("g\r")
    check("a kept fill is opened by a person", t.shows("S1 submits it"), t.last)
    t.send("S1\r")
    t.rest(1)
    check("and submitted by his act, once", manual_fills(bed) == 1, f"{manual_fills(bed)} fills")
    check("it is kept no longer", "MANUAL" not in t.frame(), t.last)


def manual_fills(bed):
    """Fills in the server's book that the dealer was told by phone."""
    console_ = bed.console(SUPERVISOR)
    _, rows = console_.open()
    bed.close_consoles()
    return sum(DEALER in row for row in rows.get("fill", []))


def stopped(bed, t):
    """SIGSTOP: silent, and the connection stays. The console says so and goes on looking."""
    t.seen = b""
    bed.server.send_signal(signal.SIGSTOP)
    took = pump([t], 15, lambda: b"OFFLINE" in t.seen)
    print(f"# OFFLINE {took or 99:.1f} s after the server was stopped")
    check("a silent server is given up", took is not None and took <= SILENT_S)
    check("in words", t.shows("no word for 6 s", 3) or "is being tried" in t.last, t.last)
    bed.server.send_signal(signal.SIGCONT)
    check("it goes on where it was", t.shows("px:ok", 20) and "BACKUP-1" in t.last, t.last)


def intent_without_an_answer(bed, t):
    """Pressed while the server was stopped, which then died: not sent, said so, sent by nobody."""
    on_row(t, "C10733", "CIPLA")
    before = t.frame()
    bed.server.send_signal(signal.SIGSTOP)
    t.send("x")
    t.rest(0.5)
    bed.server.kill()
    bed.server.wait()
    t.shows("OFFLINE")
    bed.start_server(log="third.out")
    check("NOT SENT, in words", t.shows("NOT SENT: C10733 CIPLA", 20), t.last)
    t.rest(2)
    row = next(line for line in before.split("C10733") if "CIPLA " in line)
    net = re.search(r"-?[\d,]+", row.split("M", 1)[1]).group(0)
    check("the position is as it was", net in t.frame() and "CLOSING" not in t.frame(), t.frame())
    t.send("9")
    check("and it is listed as left", t.shows("NOT INCLUDED"), t.last)


def another_person(bed, t):
    """He sees another part of the book: nothing of his predecessor's is resumed from."""
    t.command("logout")
    check("who logs out is asked to log in", t.shows("log in on a backup server"), t.last)
    t.keys(b"\x1b")
    t.rest(0.5)
    t.command("login " + OTHER)
    log_in(bed, t, OTHER)
    check("another person is on the same console", t.shows("px:ok", 10), t.last)
    t.send("8")
    check("and it is his book", t.shows(f"{OTHER} at book DRL"), t.last)


def whose_book_is_kept(bed, state):
    """What was kept is shown to him who was logged in, without a server, and to nobody else."""
    bed.server.kill()
    bed.server.wait()
    for user, shown in ((DEALER, False), (OTHER, True)):
        t = Terminal("--state", state,
                     mode=["--server", f"127.0.0.1:{bed.port}", "--plain", "--user", user])
        t.read(b"log in on a backup server", 2)
        t.rest(0.3)
        check(f"{user} {'sees' if shown else 'does not see'} the book that was kept",
              ("LAST KNOWN" in t.frame()) == shown and ("NO SERVER" in t.frame()) != shown,
              t.frame())
        t.end()


def fail_over(bed):
    """A standby on the same state: the screen goes on there, and so does the next close."""
    bed.start_server(log="first.out")
    first = bed.server
    ports = bed.port, free_port()
    bed.start_server("--standby", log="standby.out", name="BACKUP-2",
                     listen=f"127.0.0.1:{ports[1]}", http_listen=f"127.0.0.1:{free_port()}")
    file = bed.path("console.conf")
    with open(file, "w", encoding="utf-8") as out:
        out.write(f"[servers]\nlist = 127.0.0.1:{ports[0]}, 127.0.0.1:{ports[1]}\nplain = yes\n"
                  f"user = {DEALER}\nbook = DRL\nrates_per_second = 10\n")
    t = Terminal("--log", bed.path("fail-over.log"), mode=["--remote", "--config", file])
    t.shows("log in on a backup server")
    log_in(bed, t, DEALER)
    check("the first of the list", t.shows("px:ok", 10) and "BACKUP-1" in t.last, t.last)
    t.command("client C10733")
    first.kill()
    first.wait()
    check("then the standby, without a login", t.shows("BACKUP-2 ", 20) and t.shows("px:ok", 20),
          t.last)
    check("its order link is ready", t.shows("ord:ok", 20), t.last)
    check("the screen is where it was", "client=C10733" in t.last, t.last)
    t.send("g/AXISBANK\r")
    t.send("x")
    check("and the next close goes out", t.shows("FLAT", 10), t.last)
    t.end()


def wrong_use():
    for words, exit_, said in [(["--remote"], 5, "which servers must be said"),
                               (["--server", "nowhere"], 5, "HOST:PORT"),
                               (["--server", "h:1", "--headless"], 6, "nobody is logged in"),
                               (["--server", "h:1", "--ca", "/nonexistent"], 5, "CA file")]:
        got, _, told = run("--user", "X", "--state", folder(), *words)
        check(f"{' '.join(words)}: refused with words", got == exit_ and said in told, f"{got} {told}")


def judge(bed):
    done = subprocess.run([sys.executable, "scripts/check_exchange_log.py", bed.path("exchange.log")],
                          capture_output=True, text=True, check=False)
    check("the exchange saw no order twice and no flip", done.returncode == 0,
          done.stdout + done.stderr)


def not_tls(bed):
    """A server that speaks otherwise is told apart from one that is not there."""
    t = Terminal(mode=["--server", f"127.0.0.1:{bed.port}", "--server", "127.0.0.1:1", "--user",
                       DEALER])
    t.shows("log in on a backup server")
    log_in(bed, t, DEALER)
    check("not there: refused", t.shows("refused", 10), t.last)
    check("there, but not as we speak: another word",
          re.search(r"speak TLS|handshake|certificate", t.last) is not None, t.last)
    t.end()


def main():
    wrong_use()
    with Bed() as bed:
        bed.start_exchange()
        for user, role in ((DEALER, "dealer"), (OTHER, "dealer"), (SUPERVISOR, "supervisor")):
            bed.add_user(user, role)
        bed.start_server()
        began = time.monotonic()
        dealer, boss, idle = (console(bed, u) for u in (DEALER, SUPERVISOR, OTHER))
        login(bed, dealer)
        log_in(bed, boss, SUPERVISOR)
        log_in(bed, idle, OTHER)
        boss.shows("px:ok")
        boss.command("invoke a test of the fail-over")
        boss.command("activate a test of the fail-over")
        check("what a supervisor does is on the dealer's screen", dealer.shows("ACTIVE"),
              dealer.last)
        times = seen_by_supervisor(dealer, boss)
        check("a supervisor sees a dealer's close within 100 ms",
              len(times) == 3 and min(times) <= SEEN_MS, str(times))
        not_tls(bed)
        # A console that nobody touches stays: the server's ping is answered (30 s and 10 s).
        while time.monotonic() < began + 48:
            for t in (dealer, boss, idle):
                t.rest(0.3)
        with open(bed.path(OTHER + ".log"), encoding="utf-8") as file:
            words = file.read()
        check("an idle console keeps its connection", "ping" not in words and
              words.count("live BACKUP-1") == 1, words)
        idle.end()
        killed(bed, dealer)
        again = started_without_a_server(bed, dealer)
        back_online(bed, again)
        stopped(bed, again)
        intent_without_an_answer(bed, again)
        check("the supervisor's console has gone the same way", boss.shows("px:ok"), boss.last)
        another_person(bed, again)
        for t in (again, boss):
            check("it ends in order", t.end() == 0)
        whose_book_is_kept(bed, dealer.state)
        fail_over(bed)
        judge(bed)
    finish()


if __name__ == "__main__":
    main()
