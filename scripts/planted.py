#!/usr/bin/env python3
"""Plants bugs, one at a time, in a copy of the sources, and shows which seed of the simulation finds each.

usage: planted.py [--seeds N] [NAME...]

Each file tests/planted/NAME.bug is: the file to change, a line "----", the text that is there now,
a line "----", the text that takes its place; more of them follow after a line "====". A bug whose text is not there any more is an error,
and so is a bug that no seed finds. Bugs named owners_* are
looked for in the world of several owners. Exit status: 0 all found, 1 some not.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ["core", "db", "net", "tui", "tests", "themes", "scripts", "drill"]


def plant(copy, path):
    """Changes the copy; returns the changed files' names and their texts before."""
    before = {}
    with open(path, encoding="utf-8") as bug:
        changes = bug.read().split("\n====\n")
    for change in changes:
        name, now, then = (part.strip("\n") for part in (change + "\n").split("\n----\n"))
        target = os.path.join(copy, name)
        with open(target, encoding="utf-8") as source:
            text = source.read()
        if text.count(now) != 1:
            sys.exit(f"{path}: its text stands {text.count(now)} times in {name}, not once")
        before.setdefault(target, text)
        with open(target, "w", encoding="utf-8") as source:
            source.write(text.replace(now, then))
    return before


def run(copy, seeds, name):
    """Builds the simulation and runs it until it fails: the line that says so, or None."""
    world = ["--owners"] if name.startswith("owners_") else []
    made = subprocess.run(["make", "-s", "-j2", "build/tests/sim"], cwd=copy, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        sys.exit(made.stdout)
    done = subprocess.run(["build/tests/sim", *world, "--seeds", str(seeds)], cwd=copy, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    failed = re.search(r"FAILED seed .*", done.stdout)
    if failed:
        return failed.group(0)
    return f"crashed: {done.stdout[-200:]}" if done.returncode < 0 else None


def main():
    args, seeds = sys.argv[1:], 2000
    if args[:1] == ["--seeds"]:
        seeds, args = int(args[1]), args[2:]
    folder = os.path.join(ROOT, "tests", "planted")
    names = args or sorted(f[:-4] for f in os.listdir(folder) if f.endswith(".bug"))
    missed = 0
    with tempfile.TemporaryDirectory() as copy:
        for part in FOLDERS:
            shutil.copytree(os.path.join(ROOT, part), os.path.join(copy, part))
        for part in ("Makefile", "VERSION"):
            shutil.copy(os.path.join(ROOT, part), copy)
        for name in names:
            before = plant(copy, os.path.join(folder, name + ".bug"))
            found = run(copy, seeds, name)
            for target, text in before.items():
                with open(target, "w", encoding="utf-8") as source:
                    source.write(text)
            missed += found is None
            print(f"{name:32} {found or 'NOT FOUND'}", flush=True)
    print(f"{len(names) - missed} found, {missed} not found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
