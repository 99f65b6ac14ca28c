#!/usr/bin/env python3
"""A book changes hands between real processes: squareoffd, a console on a terminal, and the simulated
exchange, whose log is judged at the end. There and back; then the server is stopped in mid-send, two
people break the glass, and the server goes on: it sends nothing, and says that it is fenced."""

import signal
import subprocess
import sys
import time
import uuid

from server_bed import DEALER, SUPERVISOR, Bed
from terminal_bed import Terminal, check, finish
from totp import totp

BOOK = "DRL"
CONSOLE = "DESK-7"


class House(Bed):
    """A server that hands its book over, users, and the file of the console that may have it."""

    def __init__(self):
        super().__init__()
        self.codes = {}
        self.book = {"heartbeat_s": 1, "replicas": f"{SUPERVISOR} {DEALER}", "consoles": CONSOLE,
                     "orders_per_second": 20, "orders_burst": 1}

    def open(self):
        self.start_exchange()
        self.add_user(DEALER, "dealer", desk="MUM-1")
        self.add_user(SUPERVISOR, "supervisor")
        self.start_server()
        self.key = self.said("server.out").split("grant_key = ")[1].split()[0]
        self.file = self.path("console.conf")
        with open(self.file, "w", encoding="utf-8") as out:
            out.write(f"[console]\nperson = {SUPERVISOR}\nname = {CONSOLE}\n"
                      f"[servers]\nbook = {BOOK}\ngrant_key = {self.key}\n"
                      f"[exchange]\nhost = 127.0.0.1\nport = {self.exchange_port}\n"
                      "sender_comp_id = SQDRILL\ntarget_comp_id = SQXCHG\nheartbeat_s = 1\n")

    def sit_down(self, user, state=None):
        """A console, and this user logged in on it."""
        terminal = Terminal("--server", f"127.0.0.1:{self.port}", "--plain", "--user", user,
                            "--config", self.file, "--log", self.path("console.log"),
                            *(["--state", state] if state else []), mode=["--remote"])
        password = self.users[user][0]
        assert terminal.shows("log in on a backup server", 20), terminal.last
        terminal.rest(1)
        terminal.send(password + "\t" + self.code(user) + "\r")
        return terminal

    def code(self, user):
        """One that was not used yet: a code is good once, and the next one comes by itself."""
        while totp(self.users[user][1]) == self.codes.get(user):
            time.sleep(0.5)
        self.codes[user] = totp(self.users[user][1])
        return self.codes[user]

    def credentials(self, user):
        return {"user": user, "password": self.users[user][0], "code": self.code(user)}

    def orders(self):
        """NewOrderSingles that the exchange has taken."""
        with open(self.path("exchange.log"), encoding="utf-8") as log:
            return sum(" event=order-in " in line for line in log)

    def judged(self):
        done = subprocess.run([sys.executable, "scripts/check_exchange_log.py",
                               self.path("exchange.log")], capture_output=True, text=True,
                              check=False)
        return done.returncode == 0, done.stdout[-2000:] + done.stderr


def supervise(value):
    return ["supervise", "control", value, SUPERVISOR, "", "-", 0, "?prod", "", "a test"]


def open_positions(rows):
    easy = {row[0] for row in rows["client"] if len(row) < 8 or row[7] == 0}
    return [row for row in rows["position"] if row[0] in easy and len(row) > 4 and row[4] != 0]


def square_off(position, guards):
    return ["square-off", uuid.uuid4().hex, SUPERVISOR, *position[:4], 0, position[4], 0,
            int(time.time() * 1e6), guards, 0, 1]


def press(console, positions, count):
    """Closes in one turn, each confirmed as its preview asks; how many."""
    shown = console.ask("preview", book=BOOK, **{"in": [square_off(p, "") for p in positions]})
    pairs = zip(positions, shown["previews"])
    closes = [square_off(p, v[2]) for p, v in pairs if v[0] in ("pass", "ASK")][:count]
    answer = console.ask("submit", book=BOOK, **{"in": closes})
    assert len(answer.get("refused", [])) < len(closes), answer
    return len(closes)


def until(condition, seconds=20):
    end = time.time() + seconds
    while not condition() and time.time() < end:
        time.sleep(0.05)
    return condition()


def get_ready(house):
    """A supervisor at another console of the server makes squareoff active."""
    console = house.console(SUPERVISOR)
    _, rows = console.open(BOOK)
    for value in (1, 2):
        answer = console.ask("submit", book=BOOK, **{"in": [supervise(value)]})
        assert "refused" not in answer and "error" not in answer, answer
    return console, rows


def there_and_back(house, terminal):
    terminal.keys(b"8")
    check("the replica follows the server", terminal.shows("follows the server", 20), terminal.last)
    terminal.command("handover")
    check("without a reason nothing happens", terminal.shows("a reason is needed"), terminal.last)
    before = house.orders()
    terminal.command("handover the server room is hot")
    check("the console stands alone", terminal.shows("STANDALONE", 40), terminal.last)
    status, body = house.get("/readyz")
    check("the server says who has the book", status == 503 and CONSOLE in body, body)
    terminal.keys(b"8")
    check("it is logged on", terminal.shows(f"{CONSOLE} owns it", 10) and
          terminal.shows("reconciled", 20), terminal.last)
    check("nothing was sent by itself", house.orders() == before)
    terminal.command("handback the room is cool")
    check("the server has it again", until(lambda: house.get("/readyz")[0] == 200, 40),
          house.said("server.out")[-2000:])
    check("the console is on the server again", terminal.shows("BACKUP-1", 20), terminal.last)
    terminal.keys(b"8")
    check("and follows it", terminal.shows("follows the server", 20), terminal.last)
    fine, told = house.judged()
    check("the exchange has nothing to say against it", fine, told)


def glass(house, terminal):
    """The server is stopped in mid-send; two people take the book; the server goes on."""
    console, rows = get_ready(house)
    before = house.orders()
    pressed = press(console, open_positions(rows)[:200], 60)
    check("the server sends", until(lambda: house.orders() > before + 4),
          house.said("server.out")[-1000:])
    house.server.send_signal(signal.SIGSTOP)
    time.sleep(5)  # the exchange logs it out
    stopped = house.orders()
    print(f"  stopped after {stopped - before} orders of {pressed} closes")
    check("it is stopped in mid-send", stopped - before < pressed)
    check("the console is offline", terminal.shows("OFFLINE", 15), terminal.last)
    terminal.command("breakglass ref 4711, A. Shah of the exchange")
    terminal.send(house.users[SUPERVISOR][0] + "\t" + DEALER + "\t" + "wrong password\t\r")
    check("a wrong password takes nothing", terminal.shows("wrong, or a person", 10), terminal.last)
    terminal.send(house.users[SUPERVISOR][0] + "\t\t" + house.users[DEALER][0] + "\t\r")
    check("the console stands alone", terminal.shows("STANDALONE", 30), terminal.last)
    terminal.keys(b"8")
    check("it has reconciled", terminal.shows("reconciled", 30), terminal.last)
    check("nothing was sent by itself", house.orders() == stopped)
    house.server.send_signal(signal.SIGCONT)
    time.sleep(4)
    check("the server that goes on sends nothing", house.orders() == stopped,
          house.said("server.out")[-2000:])
    terminal.end()
    check("the server says that it is fenced", until(
        lambda: "FENCED" in house.get("/readyz")[1], 40),
        house.get("/readyz")[1] + house.said("server.out")[-2000:])
    check("and still nothing was sent", house.orders() == stopped)
    fine, told = house.judged()
    check("the exchange has nothing to say against it", fine, told)


def main():
    with House() as house:
        house.open()
        first = house.sit_down(DEALER)
        check("a dealer logs in", first.shows("BACKUP-1", 20), first.last)
        first.command("logout")
        first.rest(1)
        first.end()
        console = house.sit_down(SUPERVISOR, first.state)
        check("a supervisor logs in on the same console", console.shows("BACKUP-1", 20),
              console.last)
        there_and_back(house, console)
        glass(house, console)
        house.close_consoles()
    finish()


if __name__ == "__main__":
    main()
