#!/usr/bin/env python3
"""scripts/server_chaos.py, a short run: the active server is killed, stopped and ended while
consoles close, on SQLite and on PostgreSQL. `make chaos minutes=N` goes on for longer."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests"))

from postgres_bed import programs as postgres_programs  # noqa: E402

ROUNDS = ["sqlite:kill", "sqlite:end"]
if postgres_programs():
    ROUNDS += ["postgres:kill", "postgres:pause"]
else:
    print("without PostgreSQL: not installed")

# 77 comes from the bed, when there is no python3-websockets.
sys.exit(subprocess.run(
    [sys.executable, os.path.join(ROOT, "scripts", "server_chaos.py"), "--rounds",
     ",".join(ROUNDS), "--dealers", "12", "--positions", "10", "--pause", "8", "--lease", "1500"],
    check=False).returncode)
