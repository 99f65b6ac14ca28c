#!/usr/bin/env python3
"""squareoff-exchange as a program: options and exit codes, TCP, the control line, the log."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.join(os.environ.get("BUILD", "build"), "squareoff-exchange")
DAY = "tests/exchange/day"


class Member:
    """A FIX member that is just good enough: numbers rise, nothing is checked."""

    def __init__(self, port, comp_id):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.comp_id = comp_id
        self.number = 0
        self.bytes = b""

    def send(self, kind, fields):
        self.number += 1
        now = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
        body = (f"35={kind}|49={self.comp_id}|56=SQXCHG|34={self.number}|52={now}|"
                + fields.replace("NOW", now) + "|").replace("|", "\x01").encode()
        message = b"8=FIX.4.4\x019=%d\x01" % len(body) + body
        self.socket.sendall(message + b"10=%03d\x01" % (sum(message) % 256))

    def next(self, kind):
        """The fields of the next message of that type; other types are skipped."""
        while True:
            end = self.bytes.find(b"\x0110=")
            if end < 0 or len(self.bytes) < end + 8:
                more = self.socket.recv(65536)
                assert more, "the exchange closed the connection"
                self.bytes += more
                continue
            message, self.bytes = self.bytes[:end], self.bytes[end + 8:]
            fields = dict(f.split("=", 1) for f in message.decode().split("\x01"))
            if fields["35"] == kind:
                return fields


class Exchange:
    started = []

    def __init__(self, folder, *options):
        self.control = os.path.join(folder, "control")
        self.log = os.path.join(folder, "log")
        self.process = subprocess.Popen(
            [PROGRAM, "--listen", "127.0.0.1:0", "--day", DAY, "--control", self.control,
             "--log", self.log, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        Exchange.started.append(self.process)
        line = self.process.stdout.readline()
        assert line.startswith("listening 127.0.0.1:"), line
        self.port = int(line.rsplit(":", 1)[1])

    def ask(self, *lines):
        """Commands on one connection; the answers as one text."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(5)
            peer.connect(self.control)
            peer.sendall("".join(line + "\n" for line in lines).encode())
            text = ""
            while sum(a == "ok" or a.startswith("error ") for a in text.split("\n")) < len(lines):
                text += peer.recv(65536).decode()
            return text

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.said = self.process.communicate(timeout=5)[1]
        return self.process.returncode


def exit_code(*options):
    done = subprocess.run([PROGRAM, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=10, check=False)
    assert done.returncode == 0 or done.stderr, options
    return done.returncode, done.stdout


def log_is_clean(path):
    return subprocess.run([sys.executable, "scripts/check_exchange_log.py", path,
                           DAY + "/positions.csv", "--quiet"], stdout=subprocess.DEVNULL,
                          check=False).returncode == 0


def test_options(folder):
    bad = os.path.join(folder, "bad.ini")
    with open(bad, "w", encoding="ascii") as file:
        file.write("[faults]\nno_such_fault = 1\n")
    taken = socket.create_server(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % taken.getsockname()[1]
    assert exit_code("--help")[0] == 0 and "--listen HOST:PORT" in exit_code("--help")[1]
    assert exit_code("--version")[1].startswith("squareoff-exchange ")
    assert exit_code("--no-such-option")[0] == 2
    assert exit_code("--listen", "nowhere")[0] == 2
    assert exit_code("--seed", "x")[0] == 2
    assert exit_code("argument")[0] == 2
    assert exit_code("--config", bad, "--day", DAY)[0] == 3
    assert exit_code("--config", os.path.join(folder, "none.ini"), "--day", DAY)[0] == 3
    assert exit_code("--day", folder)[0] == 4
    assert exit_code("--listen", address, "--day", DAY)[0] == 5
    assert exit_code("--day", DAY, "--log", os.path.join(folder, "no", "log"))[0] == 5
    taken.close()


def test_trading(folder):
    exchange = Exchange(folder, "--seed", "7")
    assert oct(os.stat(exchange.control).st_mode & 0o777) == "0o600"
    member = Member(exchange.port, "SQDRILL")
    member.send("A", "98=0|108=30")
    assert member.next("A")["98"] == "0"
    member.send("D", "11=T1|1=C2|55=HDFCBANK|48=1333|22=8|207=NSE|54=2|60=NOW|38=500|40=2|44=990.00"
                     "|59=0|5001=MIS")
    assert member.next("8")["150"] == "0"
    assert member.next("8")["150"] == "F"
    rates = Member(exchange.port, "SQDRILL-MD")
    rates.send("A", "98=0|108=30|141=Y")
    rates.send("V", "262=1|263=1|264=5|265=1|267=1|269=0|146=1|55=HDFCBANK|48=1333|22=8|207=NSE")
    assert rates.next("W")["48"] == "1333"
    assert rates.next("X")["262"] == "1"
    assert rates.next("h")["336"] == "NSE"
    text = exchange.ask("alarms", "fault no_such 1", "positions", "kick SQDRILL")
    assert "alarms 0\n" in text and "error no such fault\n" in text, text
    assert "segment=NSE token=1333 symbol=HDFCBANK product=MIS opening=500 net=0" in text, text
    assert member.socket.recv(1) == b"", "a kicked session is closed"
    assert "state=disconnected" in exchange.ask("sessions").lower()
    assert exchange.end() == 0 and exchange.said == "", exchange.said
    assert not os.path.exists(exchange.control)
    assert log_is_clean(exchange.log)


def test_alarm_is_said_aloud(folder):
    exchange = Exchange(folder)
    member = Member(exchange.port, "SQDRILL")
    member.send("A", "98=0|108=30")
    member.send("D", "11=B1|1=C2|55=HDFCBANK|48=1333|22=8|207=NSE|54=1|60=NOW|38=1|40=2|44=1010.00"
                     "|59=0|5001=MIS")
    while member.next("8")["150"] != "F":
        pass
    assert "alarms 1\noverworked 1\n" in exchange.ask("alarms").replace("excused 0\n", "")
    assert exchange.end() == 0
    assert exchange.said.count("ALARM ") == 2 and "net_before=500 net=501" in exchange.said
    assert not log_is_clean(exchange.log)


def test_control_by_standard_input(folder):
    del folder
    with subprocess.Popen([PROGRAM, "--listen", "127.0.0.1:0", "--day", DAY, "--control", "-"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        Exchange.started.append(program)
        assert program.stdout.readline().startswith("listening ")
        program.stdin.write("quote NFO:1002\nnonsense\n")
        program.stdin.flush()
        assert "low=30.00 high=70.00" in program.stdout.readline()
        assert program.stdout.readline() == "ok\n"
        assert program.stdout.readline().startswith("error no such command")
        program.stdin.close()
        time.sleep(0.2)
        assert program.poll() is None, "the end of the input does not end the exchange"
        program.send_signal(signal.SIGTERM)
        assert program.wait(5) == 0


def test_log_after_kill(folder):
    exchange = Exchange(folder)
    member = Member(exchange.port, "SQDRILL")
    member.send("A", "98=0|108=30")
    member.send("D", "11=K1|1=C2|55=HDFCBANK|48=1333|22=8|207=NSE|54=2|60=NOW|38=1|40=2|44=990.00"
                     "|59=0|5001=MIS")
    while member.next("8")["150"] != "F":
        pass
    exchange.process.kill()
    exchange.process.communicate()
    with open(exchange.log, encoding="ascii") as log:
        assert " event=fill " in log.read(), "what was told to a member is in the log"
    os.unlink(exchange.control)
    again = Exchange(folder)
    assert again.end() == 0
    assert log_is_clean(again.log), "a log of two runs"


def main():
    if not os.access(PROGRAM, os.X_OK):
        print(f"# skipped: no {PROGRAM}")
        return 77
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            with tempfile.TemporaryDirectory() as folder:
                test(folder)
            print("ok", name)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        for left in Exchange.started:
            if left.poll() is None:
                left.kill()
