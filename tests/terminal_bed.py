"""A console on a pseudo-terminal, for the script tests: keys in, screen out, and the journal that it
leaves; with a line between that delays bytes and takes them apart, as a slow link does."""
import atexit, collections, fcntl, os, pty, re, select, shutil, signal, struct, subprocess, sys
import tempfile, termios, time

BUILD = os.environ.get("BUILD", "build")
SQUAREOFF = os.path.join(BUILD, "squareoff")
ADMIN = os.path.join(BUILD, "squareoff-admin")
DAY = ["--book", "drill", "--person", "RK07"]
DRILL = ["--drill", *DAY]
RESTORED = b"\x1b[?1049l"
failures = passes = 0


def check(what, fine, told=""):
    global failures, passes
    if fine:
        passes += 1
        print("[       OK ] " + what)
    else:
        failures += 1
        print("[  FAILED  ] " + what)
        print(told, file=sys.stderr)
    return fine


def finish():
    print(f"# {passes} passed, {failures} failed")
    sys.exit(failures > 0)


def run(*words):
    done = subprocess.run([SQUAREOFF, *words], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


def folder():
    name = tempfile.mkdtemp(prefix="squareoff-test-")
    atexit.register(shutil.rmtree, name, True)
    return name


class Terminal:
    """squareoff on a pseudo-terminal of 80x24. delay_s: of the line, each way. gap_s: between the
    bytes that are typed in one go, as when a link takes an escape sequence apart."""

    def __init__(self, *words, mode=DRILL, term="xterm-256color", delay_s=0, gap_s=0, **environment):
        self.state = folder()
        self.seen = b""
        self.delay_s, self.gap_s = delay_s, gap_s
        self.going, self.coming = collections.deque(), collections.deque()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.pop("COLORTERM", None)
            os.environ.update(TERM=term, COLUMNS="80", LINES="24", **environment)
            os.execv(SQUAREOFF, [SQUAREOFF, *mode, "--state", self.state, *words])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def _turn(self, seconds):
        """Moves bytes for so long. False: the terminal is gone."""
        if self.fd is None:
            return False
        now = time.monotonic()
        end = now + seconds
        while True:
            while self.going and self.going[0][0] <= now:
                os.write(self.fd, self.going.popleft()[1])
            while self.coming and self.coming[0][0] <= now:
                self.seen += self.coming.popleft()[1]
            if now >= end:
                return True
            due = [q[0][0] for q in (self.going, self.coming) if q]
            wait = max(0, min([end, *due]) - now)
            if select.select([self.fd], [], [], min(wait, 0.05))[0]:
                try:
                    chunk = os.read(self.fd, 65536)
                except OSError:
                    return False
                self.coming.append((time.monotonic() + self.delay_s, chunk))
            now = time.monotonic()

    def read(self, until, seconds=10):
        end = time.monotonic() + seconds
        while until not in self.seen and time.monotonic() < end and self._turn(0.05):
            pass
        return until in self.seen

    def rest(self, seconds):
        self._turn(seconds)

    def keys(self, data, gap_s=None):
        """One press: the bytes of a key, which the line may take apart."""
        gap_s = self.gap_s if gap_s is None else gap_s
        at = time.monotonic() + self.delay_s
        if gap_s == 0:
            self.going.append((at, data))
        else:
            for i in range(len(data)):
                self.going.append((at + i * gap_s, data[i:i + 1]))
        self._turn(gap_s * len(data) + 0.06)

    def send(self, text):
        """Characters, each a key of its own, by a person of moderate speed."""
        self.seen = b""
        for byte in text.encode():
            self.keys(bytes([byte]))

    def frame(self):
        """The text of the screen, drawn whole: Ctrl-L, colours taken off."""
        self.seen = b""
        self.keys(b"\x0c")
        self.rest(0.3 + 2 * self.delay_s)
        return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", self.seen).decode("utf-8", "replace")

    def shows(self, text, seconds=5):
        end = time.monotonic() + seconds
        while True:
            self.last = self.frame()
            if text in self.last or time.monotonic() > end:
                return text in self.last

    def command(self, line):
        """A ":" line."""
        self.send(":" + line + "\r")

    def hang_up(self):
        """The terminal goes away."""
        os.close(self.fd)
        self.fd = None

    def wait(self, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            self._turn(0.05) or time.sleep(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None

    def end(self):
        """Ends it in order; its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def journal(self):
        """The inputs on record, each as its words: [["square-off", {"client": ...}], ...]."""
        done = subprocess.run([ADMIN, "journal", "print", "--state", self.state],
                              capture_output=True, text=True, timeout=60)
        records = []
        for line in done.stdout.splitlines():
            parts = line.split(None, 4)
            if len(parts) > 3 and parts[2] == ">":
                fields = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)', parts[4] if len(parts) > 4 else "")
                records.append((parts[3], {k: v.strip('"') for k, v in fields}))
        return records

    def verified(self):
        return subprocess.run([ADMIN, "journal", "verify", "--state", self.state],
                              capture_output=True).returncode == 0
