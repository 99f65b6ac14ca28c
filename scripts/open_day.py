#!/usr/bin/env python3
"""The sample day as of today, with a market that never shuts: open_day.py FOLDER

For servers and consoles that go by the wall clock. The folder is made; it must not be there yet.
"""

import csv
import datetime
import io
import os
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SAMPLE_DAY = "2026-11-26"


def today():
    ist = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    return datetime.datetime.now(ist).date().isoformat()


def move_day(folder):
    """The sample day as of now: its date is today's, and every segment is open all day."""
    shutil.copytree(os.path.join(ROOT, "drill"), folder)
    for name in os.listdir(folder):
        if not name.endswith(".csv") or name == "instruments.csv":
            continue
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as source:
            text = source.read().replace(SAMPLE_DAY + "T", today() + "T")
        if name == "calendar.csv":
            text = open_all_day(text.replace(SAMPLE_DAY, today()))
        with open(path, "w", encoding="utf-8") as moved:
            moved.write(text)


def open_all_day(text):
    rows = list(csv.reader(io.StringIO(text)))
    for row in rows[1:]:
        cells = dict(zip(rows[0], range(len(row))))
        row[cells["preopen"]] = ""
        row[cells["open"]], row[cells["close"]] = "00:00", "23:59"
        for name in ("closing_auction_start", "closing_auction_end", "mis_cutoff"):
            row[cells[name]] = ""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: open_day.py FOLDER")
    move_day(sys.argv[1])
