"""A PostgreSQL server of a test's own: a temporary folder, a loopback port, a user without rights.

PostgreSQL refuses to run as root: root's tests become "nobody" for it.
"""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time


def programs():
    """The folder of its programs; None: it is not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return os.path.dirname(found[-1]) if found else None


class Postgres:
    def __init__(self):
        self.bin = programs()
        self.root = tempfile.mkdtemp(prefix="sqpg-")
        self.user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.data = os.path.join(self.root, "data")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.process = None
        self.conninfo = f"host=127.0.0.1 port={self.port} user=sq dbname=postgres"

    def __enter__(self):
        os.chmod(self.root, 0o755)
        os.mkdir(self.data, 0o700)
        if os.geteuid() == 0:
            shutil.chown(self.data, self.user)
        self.run("initdb", "-D", self.data, "-U", "sq", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "-N")
        self.start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def how(self):
        return {"user": self.user} if os.geteuid() == 0 else {}

    def run(self, name, *arguments):
        subprocess.run([os.path.join(self.bin, name), *arguments], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, **self.how())

    def start(self):
        """Processes die in tests, never the machine: commits do not wait for the disk."""
        with open(os.path.join(self.root, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.bin, "postgres"), "-D", self.data, "-p", str(self.port), "-k",
                 "", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
                stdout=log, stderr=log, cwd="/", **self.how())
        end = time.time() + 30
        while subprocess.run([os.path.join(self.bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p",
                              str(self.port)], check=False).returncode != 0:
            assert time.time() < end, "PostgreSQL did not start"
            time.sleep(0.05)
