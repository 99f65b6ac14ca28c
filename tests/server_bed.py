"""A squareoffd of a test's own: exchange, users, configuration, and consoles by python3-websockets.

Consoles are synchronous: each has a queue of what came, and `until` waits for a frame.
Debian's python3-websockets belongs to Debian's python3, which need not be the first on the path.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

try:
    import websockets
    from websockets.exceptions import InvalidHandshake
except ImportError:
    if sys.executable != "/usr/bin/python3" and os.access("/usr/bin/python3", os.X_OK):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skipped: python3-websockets is not installed")
    sys.exit(77)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scripts"))
from open_day import move_day  # noqa: E402
from totp import totp  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
DEALER, OTHER, SUPERVISOR = "RK07", "AS11", "SV02"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Bed:
    """One exchange and one server in a directory that goes away with them."""

    def __init__(self, **settings):
        self.root = tempfile.mkdtemp(prefix="squareoff-server-")
        self.day = os.path.join(self.root, "day")
        move_day(self.day)
        self.settings = settings
        self.processes = []
        self.book = {}  # settings of its book besides
        self.store = None  # of users; None: the server's state
        self.users = {}
        self.tokens = {}
        self.consoles = []
        self.state = os.path.join(self.root, "state")
        os.mkdir(self.state, 0o700)
        self.port = free_port()
        self.http = free_port()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.root, name)

    def start(self, *command, log):
        out = open(self.path(log), "ab")
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        out.close()
        self.processes.append(process)
        return process

    def said(self, log):
        with open(self.path(log), encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_said(self, log, words, seconds=20, count=1):
        end = time.time() + seconds
        while self.said(log).count(words) < count:
            assert time.time() < end, f"{log} never said {words!r}:\n{self.said(log)[-3000:]}"
            time.sleep(0.02)

    def start_exchange(self):
        self.exchange_port = free_port()
        self.exchange = self.start(
            os.path.join(BUILD, "squareoff-exchange"), "--listen",
            f"127.0.0.1:{self.exchange_port}", "--day", self.day, "--log",
            self.path("exchange.log"), log="exchange.out")
        self.wait_said("exchange.out", "listening")

    def add_user(self, name, role, books="DRL", desk=None):
        """The password lies in a file; the code's secret is told once."""
        password = f"correct horse {name}"
        secret_file = self.path(f"{name}.password")
        with open(secret_file, "w", encoding="utf-8") as file:
            file.write(password + "\n")
        os.chmod(secret_file, 0o600)
        command = [os.path.join(BUILD, "squareoff-admin"), "user", "add", name, "--role", role,
                   "--books", books, "--password-file", secret_file]
        command += ["--store", self.store] if self.store else ["--state", self.state]
        if desk:
            command += ["--desk", desk]
        out = subprocess.run(command, capture_output=True, text=True, check=False)
        assert out.returncode == 0, out.stdout + out.stderr
        secret = next(word for word in out.stdout.replace("&", " ").replace("=", " ").split()
                      if len(word) == 32 and word.isupper())
        self.users[name] = (password, secret)

    def configuration(self, **more):
        settings = {"name": "BACKUP-1", "listen": f"127.0.0.1:{self.port}",
                    "http_listen": f"127.0.0.1:{self.http}", "state": self.state,
                    "password_kib": 8, "password_passes": 1, **self.settings, **more}
        book = {"day": self.day, "sender_comp_id": "SQDRILL", "accepted_by": "SV02",
                "accepted_why": "a test's day", "host": "127.0.0.1",
                "port": getattr(self, "exchange_port", 1), "target_comp_id": "SQXCHG", **self.book}
        lines = ["[server]"] + [f"{k} = {v}" for k, v in settings.items()]
        lines += ["[book DRL]"] + [f"{k} = {v}" for k, v in book.items()]
        return "\n".join(lines) + "\n"

    def start_server(self, *options, log="server.out", **more):
        file = self.path(f"{log}.conf")
        with open(file, "w", encoding="utf-8") as out:
            out.write(self.configuration(**more))
        self.server = self.start(os.path.join(BUILD, "squareoffd"), "--config", file, *options,
                                 log=log)
        self.wait_said(log, "listens on")
        return self.server

    def stop_server(self, number=signal.SIGTERM):
        self.server.send_signal(number)
        return self.server.wait(timeout=20)

    def get(self, page, port=None):
        """Status and body of a page of the status port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.http}{page}",
                                        timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def console(self, user=None, port=None, **how):
        """A console, logged in when a user is named."""
        console = Console(port or self.port, **how)
        self.consoles.append(console)
        if user in self.tokens:
            answer = console.ask("login", v=1, token=self.tokens[user])
        elif user:
            answer = console.ask("login", v=1, **self.credentials(user))
        if user:
            assert "error" not in answer, answer
            self.tokens[user] = console.token = answer["token"]
        return console

    def close_consoles(self):
        consoles, self.consoles = self.consoles, []
        for console in consoles:
            console.close()

    def credentials(self, user):
        """A code is good once."""
        password, secret = self.users[user]
        return {"user": user, "password": password, "code": totp(secret)}


_loop = asyncio.new_event_loop()
threading.Thread(target=_loop.run_forever, daemon=True).start()


def run(awaitable, seconds=30):
    async def wait():
        return await awaitable
    return asyncio.run_coroutine_threadsafe(wait(), _loop).result(seconds)


class Closed(Exception):
    """The server has closed: status and reason."""


class Console:
    """One WebSocket: requests by number, frames in order."""

    def __init__(self, port, scheme="ws", **how):
        how.setdefault("subprotocols", ["squareoff.v1"])

        async def connect():
            return await websockets.connect(f"{scheme}://127.0.0.1:{port}/", compression=None,
                                            max_size=None, ping_interval=None, **how)
        self.socket = run(connect())
        self.id = 0
        self.frames = []
        self.token = None

    def send(self, text):
        run(self.socket.send(text))

    def next(self, seconds=10):
        try:
            return json.loads(run(asyncio.wait_for(self.socket.recv(), seconds)))
        except websockets.ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd else 0,
                         closed.rcvd.reason if closed.rcvd else "") from None

    def until(self, wanted, seconds=10):
        """The next frame for which wanted() holds; those before it are kept in `frames`."""
        end = time.time() + seconds
        while True:
            frame = self.next(max(0.01, end - time.time()))
            if wanted(frame):
                return frame
            self.frames.append(frame)

    def ask(self, do, seconds=20, **members):
        self.id += 1
        self.send(json.dumps({"do": do, "id": self.id, **members}))
        number = self.id
        return self.until(lambda f: f.get("id") == number, seconds)

    def open(self, book="DRL", **members):
        """Opens a book and takes it whole: the answer, and the rows by kind."""
        answer = self.ask("open", book=book, **members)
        assert "error" not in answer, answer
        rows, events = {}, []
        waiting, self.frames = self.frames, []
        while True:
            frame = waiting.pop(0) if waiting else self.next()
            for row in frame.get("rows", []):
                rows.setdefault(row[0], []).append(row[1:])
            if "ev" in frame:
                events.append(frame)
            if "at" in frame:
                self.seq = frame["at"]
                self.frames = events + waiting
                return answer, rows

    def closed(self, seconds=20):
        """Waits for the end: status and reason."""
        try:
            while True:
                self.next(seconds)
        except Closed as closed:
            return closed.args

    def close(self):
        run(self.socket.close())
