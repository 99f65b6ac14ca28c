"""A client of squareoffd that knows docs/protocol.md and nothing else of the project.

It reads its kinds and their fields out of section 9, folds what the server says into rows, and
raises Wrong where the server does what the document does not allow. asyncio, python3-websockets.
"""

import asyncio
import json
import os
import re
import time
import uuid

import websockets

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUBPROTOCOL = "squareoff.v1"
MESSAGE_MAX, FRAME_MAX, SILENCE_S = 65536, 262144, 6  # section 1
WHOLE = 2 ** 53 - 1


class Wrong(Exception):
    """The server broke the document."""


class Closed(Exception):
    """The server closed: status and reason; 0 when the connection was cut."""

    def __init__(self, status, reason):
        super().__init__(status, reason)
        self.status, self.reason = status, reason


# ---- section 9 ------------------------------------------------------------------------------------

class Kind:
    """Fields of a kind in order, places of its key, and what a field that is left out stands for."""

    def __init__(self, cells):
        self.fields, self.keys, self.zero = [], [], []
        for number, cell in enumerate(cells, 1):
            place, name, kind = re.fullmatch(r"(\d+) (\S+) ?(.*)", cell).groups()
            assert int(place) == number, cells
            if name.startswith("**"):
                self.keys.append(number - 1)
            self.fields.append(name.strip("*"))
            self.zero.append(kind)

    def settle(self, lists):
        self.zero = [lists[kind.strip("`")][0] if kind.startswith("`") else
                     "" if kind.startswith("text") or kind in ("id", "guards", "kind") else 0
                     for kind in self.zero]

    def key(self, row):
        return tuple(row[place] for place in self.keys)

    def pad(self, values):
        if len(values) > len(self.fields):
            raise Wrong(f"more fields than the document has: {values}")
        return list(values) + self.zero[len(values):]

    def named(self, row):
        return dict(zip(self.fields, row))


def read_document():
    with open(os.path.join(ROOT, "docs", "protocol.md"), encoding="utf-8") as document:
        section = document.read().split("\n## 9. Kinds\n")[1]
    kinds, lists, answers = {}, {}, set()
    for table in re.split(r"\n(?=\| [^|]+ \| (?:fields|names) \|\n)", section)[1:]:
        title = table[2:table.index(" |")]
        for name, cells in re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", table, re.M):
            if title == "list":
                lists[name] = re.findall(r"`([^`]*)`", cells)
                continue
            kinds[name] = Kind(cells.split(", "))
            if title == "answer":
                answers.add(name)
    for kind in kinds.values():
        kind.settle(lists)
    return kinds, lists, answers


KINDS, LISTS, ANSWERS = read_document()


def check_json(value, depth=1):
    """Integers only, no null, true, false; at most 8 deep; no control characters."""
    if depth > 8:
        raise Wrong("nested too deep")
    if isinstance(value, bool) or value is None or isinstance(value, float):
        raise Wrong(f"not in this protocol: {value!r}")
    if isinstance(value, int) and abs(value) > WHOLE:
        raise Wrong(f"beyond what is exact: {value}")
    if isinstance(value, str) and re.search("[\x00-\x1f\x7f-\x9f]", value):
        raise Wrong(f"control character in {value!r}")
    for part in value.values() if isinstance(value, dict) else \
            value if isinstance(value, list) else ():
        check_json(part, depth + 1 if isinstance(part, (dict, list)) else depth)


# ---- a book ---------------------------------------------------------------------------------------

class Book:
    """Rows by kind and key, folded from `rows` and `ev`."""

    def __init__(self):
        self.seq = self.epoch = self.snapshots = 0
        self.forget()
        self.answers = []  # messages that are no rows
        self.events = []   # (seq, kind, row) of every event since it was opened
        self.links, self.feeds, self.rates, self.places = None, {}, {}, {}
        self.whole = asyncio.Event()

    def forget(self):
        self.rows = {name: {} for name in KINDS}
        self.void = False  # the next rows are a new snapshot

    def list(self, name):
        return [KINDS[name].named(row) for row in self.rows[name].values()]

    def book_row(self):
        return KINDS["book"].named(self.rows["book"][()])

    def put(self, message):
        """A row, a change of one, or an answer. Returns its kind and what it is now."""
        name = message[0]
        if name.startswith("~"):
            return self.change(name[1:], message[1:])
        row = KINDS[name].pad(message[1:])
        if name in ANSWERS:
            self.answers.append((name, KINDS[name].named(row)))
        elif name == "hours":  # no key: rows that never change
            self.rows[name][len(self.rows[name])] = row
        else:
            self.rows[name][KINDS[name].key(row)] = row
        return name, row

    def change(self, name, values):
        kind = KINDS[name]
        count = len(kind.keys)
        key, pairs = tuple(values[:count]), values[count:]
        if key not in self.rows[name] or len(pairs) % 2 or not pairs:
            raise Wrong(f"a change of what is not there, or of nothing: {name} {values}")
        row = list(self.rows[name][key])
        for place, value in zip(pairs[::2], pairs[1::2]):
            if row[place - 1] == value:
                raise Wrong(f"{name} {key}: {kind.fields[place - 1]} was {value!r} before")
            row[place - 1] = value
        self.rows[name][key] = row
        return name, row

    def take(self, frame):
        if "rows" in frame:
            if self.void:
                self.forget()
                self.snapshots += 1
            for message in frame["rows"]:
                self.put(message)
        for seq, _, *messages in frame.get("ev", []):
            if seq <= self.seq:
                raise Wrong(f"seq {seq} after {self.seq}")
            self.seq = seq
            for message in messages:
                self.events.append((seq, *self.put(message)))
        if "at" in frame:
            if frame["at"] < self.seq:
                raise Wrong(f"at {frame['at']} after {self.seq}")
            self.seq, self.void = frame["at"], True
            self.whole.set()
        if "st" in frame:
            names = ("time", "order_up", "order_rtt_us", "price_up", "price_age_ms", "view_only",
                     "disk_full", "why")
            self.links = dict(zip(names, frame["st"]))
        for exchange, alive, gap in frame.get("fd", []):
            self.feeds[exchange] = (alive, gap)
        for place, exchange, token in frame.get("i", []):
            self.places[place] = (exchange, token)
        for rate in frame.get("q", []):
            self.rates[rate[0]] = rate[1:]


# ---- a connection ---------------------------------------------------------------------------------

class Client:
    """One connection: answers by number, books by code."""

    @classmethod
    async def connect(cls, uri, **how):
        how.setdefault("subprotocols", [SUBPROTOCOL])
        self = cls()
        self.socket = await websockets.connect(uri, compression=None, max_size=None,
                                               ping_interval=None, open_timeout=3,
                                               close_timeout=1, **how)
        self.number = 0
        self.waiting = {}
        self.books = {}
        self.ended = None
        self.error = None
        self.heard = time.monotonic()
        self.seen = asyncio.Event()
        self.hear_everything()
        self.reader = asyncio.create_task(self.read())
        self.watch = asyncio.create_task(self.watch_silence())
        return self

    def hear_everything(self):
        """The library tells nobody of a pong that nobody waits for: its frames are counted here."""
        read = self.socket.read_frame

        async def heard(max_size):
            frame = await read(max_size)
            self.silences.append(time.monotonic() - self.heard)
            self.heard = time.monotonic()
            return frame
        self.silences = []
        self.socket.read_frame = heard

    async def watch_silence(self):
        """Nothing for 6 s: the server is dead (section 1)."""
        while not self.ended:
            await asyncio.sleep(0.5)
            if time.monotonic() - self.heard > SILENCE_S:
                self.socket.transport.abort()
                return

    async def read(self):
        try:
            async for text in self.socket:
                self.take(text)
        except websockets.ConnectionClosed:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.error = error
        said = self.socket.close_code
        self.ended = Closed(said if said and said != 1006 else 0, self.socket.close_reason or "")
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(self.error or self.ended)
        self.seen.set()

    def take(self, text):
        if not isinstance(text, str) or len(text.encode()) > FRAME_MAX:
            raise Wrong("a binary frame, or one that is too long")
        frame = json.loads(text)
        check_json(frame)
        if "id" in frame and "b" not in frame:
            future = self.waiting.pop(frame["id"], None)
            if future is None:
                raise Wrong(f"an answer that nobody asked for: {text[:200]}")
            if not future.done():
                future.set_result(frame)
        elif frame.get("b") in self.books:
            self.books[frame["b"]].take(frame)
        else:
            raise Wrong(f"neither an answer nor of a book: {text[:200]}")
        self.seen.set()

    def send(self, do, **members):
        """Sends a request; the answer comes into the future."""
        self.number += 1
        future = asyncio.get_running_loop().create_future()
        if self.ended:
            future.set_exception(self.error or self.ended)
            return future
        self.waiting[self.number] = future
        text = json.dumps({"do": do, "id": self.number, **members}, separators=(",", ":"))
        asyncio.ensure_future(self.push(text, future))
        return future

    async def push(self, text, future):
        try:
            await self.socket.send(text)
        except websockets.ConnectionClosed:
            await self.reader
            if not future.done():
                future.set_exception(self.ended)

    async def ask(self, do, seconds=20, **members):
        return await asyncio.wait_for(self.send(do, **members), seconds)

    async def login(self, **how):
        return await self.ask("login", v=1, **how)

    async def open(self, code, after=0, epoch=0, seconds=20):
        """Opens a book, or resumes it, and waits until it is whole."""
        book = self.books.setdefault(code, Book())
        book.whole.clear()
        book.void = True
        members = {"after": after, "epoch": epoch} if after else {}
        answer = await self.ask("open", book=code, **members)
        if "error" in answer:
            del self.books[code]
            return answer
        book.epoch = answer["epoch"]
        await asyncio.wait_for(book.whole.wait(), seconds)
        if self.error:
            raise self.error
        return answer

    async def until(self, holds, seconds=10):
        """Until holds() of what has come."""
        end = time.monotonic() + seconds
        while not holds():
            if self.ended:
                raise self.error or self.ended
            self.seen.clear()
            await asyncio.wait_for(self.seen.wait(), max(0.01, end - time.monotonic()))
        if self.error:
            raise self.error

    async def closed(self, seconds=20):
        """Waits for the end that the server makes."""
        await asyncio.wait_for(asyncio.shield(self.reader), seconds)
        if self.error:
            raise self.error
        return self.ended.status, self.ended.reason

    async def close(self):
        await self.socket.close()


# ---- commands -------------------------------------------------------------------------------------

def command(name, **fields):
    """A message as an array; trailing zeros are left out."""
    kind = KINDS[name]
    unknown = set(fields) - set(kind.fields)
    assert not unknown, unknown
    row = [fields.get(field, zero) for field, zero in zip(kind.fields, kind.zero)]
    while row and row[-1] == kind.zero[len(row) - 1]:
        row.pop()
    return [name, *row]


def square_off(position, person, confirmed="", **fields):
    """Close all of a position, as a person sees it now."""
    key = {name: position[name] for name in ("client", "exchange", "token", "product")}
    return command("square-off", id=uuid.uuid4().hex, dealer=person, seen_net=position["net"],
                   created=int(time.time() * 1e6), confirmed=confirmed, armed=1, **key, **fields)
