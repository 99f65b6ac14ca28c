#!/usr/bin/env python3
"""squareoffd from outside: who is let in, what is refused and why, and that nobody else notices.

Each test has a server of its own where it must, and shares one where it can.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import uuid

from postgres_bed import Postgres, programs as postgres_programs
from server_bed import BUILD, DEALER, OTHER, SUPERVISOR, Bed, Closed, Console, InvalidHandshake, \
    free_port

FAILED = []


def test(function):
    TESTS.append(function)
    return function


TESTS = []


# ---- what is said -------------------------------------------------------------------------------

def supervise(what, value=0, reason="a test"):
    return ["supervise", what, value, SUPERVISOR, "", "-", 0, "?prod", "", reason]


def activate(console):
    for value in (1, 2):
        answer = console.ask("submit", book="DRL", **{"in": [supervise("control", value)]})
        assert "refused" not in answer, answer


def easy_positions(rows):
    """Positions of clients who need no call reference, with something open."""
    easy = {row[0] for row in rows["client"] if len(row) < 8 or row[7] == 0}
    return [row for row in rows["position"] if row[0] in easy and len(row) > 4 and row[4] != 0]


def square_off(position, person=DEALER, confirmed="", number=None, limit=0):
    key, net = position[:4], position[4]
    return ["square-off", number or uuid.uuid4().hex, person, *key, 0, net, limit,
            int(time.time() * 1e6), confirmed, 0, 1]


def a_close(console, rows):
    """A position that nothing stops, and a square-off that confirms what has to be confirmed."""
    positions = easy_positions(rows)
    answer = console.ask("preview", book="DRL", **{"in": [square_off(p) for p in positions]})
    for position, preview in zip(positions, answer["previews"]):
        if preview[0] in ("pass", "ASK"):
            return position, square_off(position, confirmed=preview[2])
    raise AssertionError("no position can be closed")


def events(frame):
    return [message for group in frame.get("ev", []) for message in group[2:]]


# ---- login --------------------------------------------------------------------------------------

@test
def a_wrong_password_is_refused_and_nothing_is_told(bed):
    console = bed.console()
    for how in ({"user": DEALER, "password": "wrong", "code": "000000"},
                {"user": "NOBODY", "password": "wrong", "code": "000000"}):
        answer = console.ask("login", v=1, **how)
        while answer.get("error") == "LOCKED_OUT":
            assert answer["seconds"] >= 1, answer
            time.sleep(answer["seconds"] + 0.1)
            answer = console.ask("login", v=1, **how)
        assert answer["error"] == "WRONG", answer
        assert "token" not in answer
    assert console.ask("open", book="DRL")["error"] == "LOGIN"
    time.sleep(2.1)  # the address is locked out for as long
    bed.console(DEALER).open()


@test
def a_version_from_the_future_is_told_which_there_are(bed):
    answer = bed.console().ask("login", v=2, **bed.credentials(DEALER))
    assert answer["error"] == "VERSION" and answer["versions"] == [1], answer


@test
def a_token_that_is_no_token_is_refused(bed):
    console = bed.console()
    assert console.ask("login", v=1, token="A" * 43)["error"] == "TOKEN"
    assert console.ask("portfolio", book="DRL", client="C10421")["error"] == "LOGIN"


@test
def a_logout_ends_the_token(bed):
    console = bed.console(OTHER)
    token = console.token
    assert "error" not in console.ask("logout")
    assert console.closed()[0] == 4001
    del bed.tokens[OTHER]
    assert bed.console().ask("login", v=1, token=token)["error"] == "TOKEN"


@test
def nobody_logs_in_twice_on_one_connection(bed):
    console = bed.console(DEALER)
    assert console.ask("login", v=1, token=console.token)["error"] == "FORMAT"
    console.open()


# ---- books --------------------------------------------------------------------------------------

@test
def a_snapshot_is_the_whole_book_in_scope(bed):
    _, rows = bed.console(DEALER).open()
    _, everything = bed.console(SUPERVISOR).open()
    for kind in ("instrument", "client", "person", "hours", "position", "order", "book"):
        assert rows.get(kind), kind
    assert len(everything["position"]) >= len(rows["position"])
    mine = {row[0] for row in rows["client"]}
    assert {row[0] for row in rows["position"]} <= mine


@test
def a_book_that_is_not_there_is_refused(bed):
    console = bed.console(DEALER)
    assert console.ask("open", book="XYZ")["error"] == "BOOK"
    assert console.ask("submit", book="DRL", **{"in": [["cancel", 1, DEALER]]})["error"] == "BOOK"
    console.open()


@test
def a_close_is_seen_by_the_supervisor_within_100_ms(bed):
    dealer, supervisor = bed.console(DEALER), bed.console(SUPERVISOR)
    _, rows = dealer.open()
    supervisor.open()
    _, message = a_close(dealer, rows)
    began = time.time()
    answer = dealer.ask("submit", book="DRL", **{"in": [message]})
    assert answer.get("seq") and "refused" not in answer, answer
    supervisor.until(lambda f: any(m[0] == "close" and m[2] == message[1] for m in events(f)))
    took = time.time() - began
    print(f"  the supervisor saw it after {took * 1000:.1f} ms")
    assert took < 0.5, took  # 100 ms where the machine is not shared


@test
def the_same_intent_again_gives_the_same_answer(bed):
    dealer = bed.console(DEALER)
    _, rows = dealer.open()
    _, message = a_close(dealer, rows)
    first = dealer.ask("submit", book="DRL", **{"in": [message]})
    again = dealer.ask("submit", book="DRL", **{"in": [message]})
    assert "refused" not in first and "refused" not in again, (first, again)
    other = list(message)
    other[7] = 1
    reused = dealer.ask("submit", book="DRL", **{"in": [other]})
    assert reused["refused"][0][2] == "this intent id was used for something else", reused


@test
def a_wrong_role_and_a_foreign_name_are_refused(bed):
    supervisor, dealer = bed.console(SUPERVISOR), bed.console(DEALER)
    _, rows = supervisor.open()
    dealer.open()
    position = easy_positions(rows)[0]
    answer = dealer.ask("submit", book="DRL", **{"in": [square_off(position, person=SUPERVISOR)]})
    assert answer["error"] == "ROLE", answer
    control = ["supervise", "control", 0, DEALER, "", "-", 0, "?prod", "", "a test"]
    answer = dealer.ask("submit", book="DRL", **{"in": [control]})
    assert answer["refused"][0][2] == "this role may not do that", answer
    auditor = bed.console("AU01")
    auditor.open()
    answer = auditor.ask("submit", book="DRL", **{"in": [square_off(position, person="AU01")]})
    assert "refused" in answer or "error" in answer, answer


@test
def inputs_of_machines_are_nobodys_to_say(bed):
    dealer = bed.console(DEALER)
    dealer.open()
    for message in (["time"], ["link", 1, 1], ["position", "C10421", "NFO", 35129, "NRML", 0],
                    ["sent", "X", 1, 1], ["restarted"], ["ownership", "take"]):
        answer = dealer.ask("submit", book="DRL", **{"in": [message]})
        assert answer.get("error") in ("ROLE", "FORMAT"), (message, answer)


@test
def another_dealers_client_is_refused(bed):
    outsider = bed.console("ZZ09")
    _, rows = outsider.open()
    assert "position" not in rows and "client" not in rows, rows.keys()
    _, all_rows = bed.console(SUPERVISOR).open()
    position = easy_positions(all_rows)[0]
    client = position[0]
    assert outsider.ask("portfolio", book="DRL", client=client)["error"] == "SCOPE"
    assert outsider.ask("history", book="DRL", client=client)["error"] == "SCOPE"
    message = square_off(position, person="ZZ09")
    assert outsider.ask("preview", book="DRL", **{"in": [message]})["error"] == "SCOPE"
    answer = outsider.ask("submit", book="DRL", **{"in": [message]})
    assert answer["refused"][0][2] == "not this person's client", answer


@test
def an_outsider_hears_nothing_of_others(bed):
    outsider, dealer = bed.console("ZZ09"), bed.console(DEALER)
    outsider.open()
    _, rows = dealer.open()
    _, message = a_close(dealer, rows)
    dealer.ask("submit", book="DRL", **{"in": [message]})
    end = time.time() + 1
    while time.time() < end:
        try:
            frame = outsider.next(0.3)
        except TimeoutError:
            continue
        assert not [m for m in events(frame) if m[0].lstrip("~") in
                    ("close", "order", "position", "fill", "client")], frame


@test
def a_book_is_resumed_without_gap_or_repeat(bed):
    dealer = bed.console(DEALER)
    answer, rows = dealer.open()
    seq, epoch = dealer.seq, answer["epoch"]
    dealer.close()
    acting = bed.console(DEALER)
    acting.open()
    _, message = a_close(acting, rows)
    done = acting.ask("submit", book="DRL", **{"in": [message]})
    back = bed.console(DEALER)
    answer, rows = back.open(after=seq, epoch=epoch)
    assert answer["snapshot"] == 0 and not rows, (answer, rows.keys())
    seqs = [group[0] for frame in back.frames for group in frame.get("ev", [])]
    assert seqs == sorted(set(seqs)) and seqs[0] > seq and done["seq"] in seqs, (seq, done, seqs)
    for case in ({"after": seq + 1000000, "epoch": epoch}, {"after": seq, "epoch": epoch + 1},
                 {"after": seq, "epoch": epoch - 1}):
        assert back.ask("open", book="DRL", **case)["snapshot"] == 1, case


@test
def portfolio_and_history_are_paged(bed):
    supervisor = bed.console(SUPERVISOR)
    _, rows = supervisor.open()
    client = max({row[0] for row in rows["position"]},
                 key=lambda c: len([r for r in rows["position"] if r[0] == c]))
    count = len([row for row in rows["position"] if row[0] == client])
    seen = []
    while len(seen) < count:
        page = supervisor.ask("portfolio", book="DRL", client=client, count=3,
                              **({"from": len(seen)} if seen else {}))
        assert page["total"] == count and 0 < len(page["rows"]) <= 3, page
        seen += page["rows"]
    assert len(seen) == count
    before, numbers = 0, []
    while True:
        more = {"before": before} if before else {}
        page = supervisor.ask("history", book="DRL", client=client, count=5, **more)["rows"]
        if not page:
            break
        numbers += [row[0] for row in page]
        before = numbers[-1]
    assert numbers == sorted(set(numbers), reverse=True), numbers


@test
def rates_are_conflated(bed):
    dealer = bed.console(DEALER)
    dealer.open()
    answer = dealer.ask("rates", book="DRL", on=1, per_s=5)
    assert answer["contracts"] == len(answer["i"]) > 0, answer
    end, frames = time.time() + 2, 0
    while time.time() < end:
        frame = dealer.next()
        frames += "q" in frame
        places = [rate[0] for rate in frame.get("q", [])]
        assert len(places) == len(set(places))
    assert 5 <= frames <= 12, frames
    place, exchange, token = answer["i"][0]
    answer = dealer.ask("rates", book="DRL", on=1, list=[[exchange, token]], depth=1)
    assert answer["i"] == [[place, exchange, token]], answer
    assert dealer.ask("rates", book="DRL", on=0)["contracts"] == 0


# ---- abuse --------------------------------------------------------------------------------------

@test
def malformed_messages_are_refused_by_name(bed):
    dealer = bed.console(DEALER)
    dealer.open()
    for text, what in (({"do": "nonsense", "id": 1}, "FORMAT"), ({"do": "open", "id": 2}, "FORMAT"),
                       ({"do": "open", "id": 3, "book": "DRL", "more": 1}, "FORMAT"),
                       ({"do": "portfolio", "id": 4, "book": "DRL", "client": "C" * 40}, "FORMAT"),
                       ({"do": "submit", "id": 5, "book": "DRL", "in": []}, "FORMAT")):
        dealer.send(json.dumps(text))
        answer = dealer.until(lambda f, id=text["id"]: f.get("id") == id)
        assert answer["error"] == what and answer["why"], answer
    too_many = [["cancel", 1, DEALER]] * 513
    assert dealer.ask("submit", book="DRL", **{"in": too_many})["error"] == "TOO_MANY"
    dealer.open()


@test
def what_is_not_the_protocol_is_closed(bed):
    for bad, status in (("not json", 1002), ('{"do":"open","id":1', 1002), ("[" * 100, 1002),
                        (b"binary", 1002), ("x" * 65537, 1009)):
        console = bed.console(DEALER)
        try:
            console.send(bad)
        except Exception:  # the server may close before all of it is sent
            pass
        assert console.closed()[0] == status, (bad[:20], status)
    bed.console(DEALER).open()


@test
def a_handshake_that_is_not_ours_is_refused(bed):
    for how in ({"subprotocols": ["other"]}, {"subprotocols": None},
                {"origin": "https://example.com"}):
        try:
            Console(bed.port, **how)
        except (OSError, EOFError, InvalidHandshake):
            continue
        raise AssertionError(how)
    with socket.create_connection(("127.0.0.1", bed.port)) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        plain.settimeout(5)
        assert b"101" not in plain.recv(100)


@test
def a_dribbled_handshake_ends(bed):
    with socket.create_connection(("127.0.0.1", bed.port)) as slow:
        slow.settimeout(0.1)
        end = time.time() + 10
        for byte in b"GET / HTTP/1.1\r\nHost: " + b"x" * 1000:
            assert time.time() < end, "a handshake went on for ever"
            try:
                slow.sendall(bytes([byte]))
                if slow.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    bed.console(DEALER).open()


@test
def who_does_not_log_in_is_closed(bed):
    console = bed.console()
    began = time.time()
    status, reason = console.closed()
    assert status == 1008 and "logged in" in reason and time.time() - began < 6, (status, reason)


@test
def a_flood_of_requests_is_limited(bed):
    flooding, honest = bed.console(DEALER), bed.console(SUPERVISOR)
    honest.open()
    flooding.open()
    for i in range(400):
        flooding.send(json.dumps({"do": "portfolio", "id": 1000 + i, "book": "DRL",
                                  "client": "C10421", "count": 1}))
    errors = 0
    for _ in range(400):
        answer = flooding.until(lambda f: f.get("id", 0) >= 1000)
        errors += answer.get("error") == "LIMIT"
    assert errors > 200, errors
    began = time.time()
    assert "error" not in honest.ask("portfolio", book="DRL", client="C10421")
    assert time.time() - began < 1


@test
def many_connections_of_one_user_are_refused(bed):
    consoles = [bed.console("AU01") for _ in range(4)]
    fifth = bed.console()
    answer = fifth.ask("login", v=1, token=bed.tokens["AU01"])
    assert answer["error"] == "BUSY", answer
    assert fifth.closed()[0] == 1013
    for console in consoles:
        console.close()
    time.sleep(0.5)
    bed.console("AU01").open()


# ---- the house ----------------------------------------------------------------------------------

@test
def the_server_speaks_every_two_seconds(bed):
    idle = socket.create_connection(("127.0.0.1", bed.port))
    idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                 b"Sec-WebSocket-Protocol: squareoff.v1\r\n\r\n")
    body = json.dumps({"do": "login", "id": 1, "v": 1, "token": bed.tokens[DEALER]}).encode()
    idle.sendall(bytes([0x81, 0x80 | len(body)]) + b"\0\0\0\0" + body)
    idle.settimeout(5)
    last, pongs = time.time(), 0
    while pongs < 3:
        got = idle.recv(4096)
        assert got, "closed"
        assert time.time() - last < 2.5, time.time() - last
        last = time.time()
        pongs += got == b"\x8a\x00"
    idle.close()


@test
def the_status_port_tells(bed):
    assert bed.get("/healthz") == (200, "ok\n")
    assert bed.get("/readyz") == (200, "ready\n")
    assert bed.get("/nothing")[0] == 404
    status, text = bed.get("/metrics")
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines()
             if not line.startswith("#")}
    for name in ("squareoff_sessions", "squareoff_requests_total", "squareoff_request_seconds_sum",
                 "squareoff_order_link", "squareoff_epoch", "squareoff_orders",
                 "squareoff_feed_age_ms", "squareoff_commits_total", "squareoff_control"):
        assert name in names, name
    assert status == 200


# ---- servers of their own -----------------------------------------------------------------------

def a_server_ends_and_begins_again():
    """SIGTERM: 1001 to all, and what a console saw last is where it goes on afterwards."""
    with Bed() as bed:
        prepare(bed)
        dealer = bed.console(DEALER)
        answer, rows = dealer.open()
        activate_by(bed)
        _, message = a_close(dealer, rows)
        done = dealer.ask("submit", book="DRL", **{"in": [message]})
        assert "refused" not in done, done
        seq, epoch = dealer.seq, answer["epoch"]
        assert bed.stop_server() == 0, bed.said("server.out")
        assert dealer.closed()[0] == 1001
        bed.start_server(log="second.out")
        bed.wait_said("second.out", "logged on to")
        back = bed.console(DEALER)
        answer, rows = back.open(after=seq, epoch=epoch)
        assert answer["snapshot"] == 0 and not rows, answer
        seqs = [group[0] for frame in back.frames for group in frame.get("ev", [])]
        assert done["seq"] in seqs and seqs == sorted(set(seqs)), (done, seqs)
        answer = back.ask("submit", book="DRL", **{"in": [message]})
        assert "refused" not in answer, answer
        closes = {m[2] for frame in back.frames for m in events(frame) if m[0] == "close"}
        assert closes == {message[1]}, closes


def a_standby_takes_over_when_the_owner_dies():
    with Bed() as bed:
        prepare(bed)
        first = bed.server
        port, http = bed.port, bed.http
        bed.port, bed.http = free_port(), free_port()
        bed.start_server("--standby", log="standby.out", name="BACKUP-2")
        waiting = bed.console()
        answer = waiting.ask("login", v=1, **bed.credentials(SUPERVISOR))
        assert answer["error"] == "STANDBY", answer
        assert waiting.closed()[0] == 4002
        assert bed.get("/readyz")[0] == 503 and bed.get("/readyz", http)[0] == 200
        dealer = bed.console(DEALER, port=port)
        answer, _ = dealer.open()
        seq, epoch = dealer.seq, answer["epoch"]
        first.send_signal(signal.SIGKILL)
        began = time.time()
        bed.wait_said("standby.out", "is open")
        print(f"  the standby was open after {time.time() - began:.2f} s")
        back = bed.console(DEALER)
        answer, _ = back.open(after=seq, epoch=epoch)
        assert answer["snapshot"] == 0, answer
        assert bed.get("/readyz")[0] == 200


def two_servers_on_one_database():
    """The standby takes over when the owner dies, and when it is stopped; that one is fenced."""
    if postgres_programs() is None:
        print("  skipped: PostgreSQL is not installed")
        return
    with Postgres() as database, Bed(store="postgres", lease_ms=1500) as bed:
        bed.store = f"postgres:{database.conninfo}"
        with open(bed.path("conninfo"), "w", encoding="utf-8") as out:
            out.write(database.conninfo + "\n")
        os.chmod(bed.path("conninfo"), 0o600)
        bed.settings["conninfo_file"] = bed.path("conninfo")
        bed.book["heartbeat_s"] = 2  # the exchange keeps a session that says nothing about as long
        prepare(bed)
        first, first_port, first_http = bed.server, bed.port, bed.http
        bed.port, bed.http = free_port(), free_port()
        second = bed.start_server("--standby", log="second.out", name="BACKUP-2",
                                  state=bed.path("state-2"))
        assert bed.get("/readyz")[0] == 503
        answer = bed.console().ask("login", v=1, token=bed.tokens[DEALER])
        assert answer["error"] == "STANDBY" and "BACKUP-1" in answer["owner"], answer

        dealer = bed.console(DEALER, port=first_port)
        answer, rows = dealer.open()
        supervisor = bed.console(SUPERVISOR, port=first_port)
        supervisor.open()
        activate(supervisor)
        _, message = a_close(dealer, rows)
        done = dealer.ask("submit", book="DRL", **{"in": [message]})
        assert "refused" not in done, done
        seq, epoch = dealer.seq, answer["epoch"]

        first.send_signal(signal.SIGSTOP)
        began = time.time()
        bed.wait_said("second.out", "is open")
        bed.wait_said("second.out", "logged on to", seconds=60)
        print(f"  the other server was logged on after {time.time() - began:.2f} s")
        back = bed.console(DEALER)
        answer, rows = back.open(after=seq, epoch=epoch)
        assert answer["snapshot"] == 0 and answer["epoch"] > epoch, answer
        seqs = [group[0] for frame in back.frames for group in frame.get("ev", [])]
        assert done["seq"] in seqs and seqs == sorted(set(seqs)), (done, seqs)
        again = back.ask("submit", book="DRL", **{"in": [message]})
        assert "refused" not in again, again

        first.send_signal(signal.SIGCONT)
        bed.wait_said("server.out", "is lost")
        assert dealer.closed()[0] == 4002
        end = time.time() + 10
        while bed.get("/readyz", first_http)[0] != 503:
            assert time.time() < end, "the old owner still says that it is ready"
            time.sleep(0.1)
        second.send_signal(signal.SIGKILL)
        bed.wait_said("server.out", "is open", count=2)
        third = bed.console(DEALER, port=first_port)
        answer, _ = third.open(after=back.seq, epoch=answer["epoch"])
        assert answer["snapshot"] == 0, answer
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=20) == 0, bed.said("server.out")


def a_second_server_without_standby_does_not_start():
    with Bed() as bed:
        prepare(bed)
        other = bed.start(os.path.join(BUILD, "squareoffd"), "--config",
                          bed.path("server.out.conf"), log="other.out")
        assert other.wait(timeout=20) == 3, bed.said("other.out")
        assert "another process" in bed.said("other.out") or "owns" in bed.said("other.out")


def an_operator_is_let_in_when_the_house_is_full():
    with Bed(connections=6, reserved=2, connections_per_user=10) as bed:
        prepare(bed)
        dealers = [bed.console(DEALER) for _ in range(4)]
        fifth = bed.console()
        assert fifth.ask("login", v=1, token=bed.tokens[DEALER])["error"] == "BUSY"
        strangers = [socket.create_connection(("127.0.0.1", bed.port)) for _ in range(10)]
        time.sleep(0.3)
        bed.console(SUPERVISOR).open()
        dealers[0].open()
        for stranger in strangers:
            stranger.close()


def wrong_use_and_wrong_configurations_are_named():
    program = os.path.join(BUILD, "squareoffd")
    for arguments, status, words in ((["--help"], 0, "--standby"), (["--version"], 0, "squareoffd"),
                                     ([], 2, "wrong use"), (["--nonsense"], 2, "wrong use"),
                                     (["--config", "/nowhere"], 5, "cannot be read")):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == status and words in done.stdout + done.stderr, (arguments, done)
    with Bed() as bed:
        for text, words in (("[server]\nlisten = 0.0.0.0:1\nstate = x\n[book DRL]\nday = x\n",
                             "plain TCP is for loopback"),
                            ("[server]\nnothing = 1\n", ":2: [server] nothing: no such setting"),
                            ("[server]\nstate = x\n[book TOOLONG]\nday = x\n", "three letters"),
                            ("[server]\nstate = x\n", "there is no [book XYZ]"),
                            ("[server]\nstate = x\ncertificate = /etc/passwd\n"
                             "key = /etc/passwd\n[book DRL]\nday = x\n", "readable by nobody"),
                            ("[server]\nconnections = 0\n", "is not possible")):
            with open(bed.path("bad.conf"), "w", encoding="utf-8") as out:
                out.write(text)
            process = bed.start(os.path.join(BUILD, "squareoffd"), "--config",
                                bed.path("bad.conf"), log="bad.out")
            assert process.wait(timeout=20) == 5, bed.said("bad.out")
            assert words in bed.said("bad.out"), (words, bed.said("bad.out"))



def a_slow_reader_is_closed_and_others_are_not_harmed():
    with Bed(requests_per_second=100000) as bed:
        prepare(bed)
        slow_reader(bed)


def slow_reader(bed):
    slow = socket.create_connection(("127.0.0.1", bed.port))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    slow.sendall((f"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                  f"Sec-WebSocket-Protocol: squareoff.v1\r\n\r\n").encode())

    def send(message):
        body = json.dumps(message).encode()
        head = bytes([0x81, 0x80 | len(body)]) if len(body) < 126 else \
            bytes([0x81, 0xfe]) + len(body).to_bytes(2, "big")
        slow.sendall(head + b"\0\0\0\0" + body)

    send({"do": "login", "id": 1, "v": 1, "token": bed.tokens[SUPERVISOR]})
    time.sleep(0.5)
    send({"do": "open", "id": 2, "book": "DRL"})
    closed = False
    slow.settimeout(5)
    honest = bed.console(DEALER)
    honest.open()
    worst = 0
    end, i = time.time() + 20, 0
    while time.time() < end:
        i += 1
        try:
            send({"do": "portfolio", "id": 3 + i, "book": "DRL", "client": "C10421"})
        except OSError:
            closed = True
            break
        if i % 100 == 0:
            began = time.time()
            assert "error" not in honest.ask("portfolio", book="DRL", client="C10421", count=5)
            worst = max(worst, time.time() - began)
    slow.close()
    assert closed, "a reader that reads nothing was never closed"
    print(f"  worst answer to somebody else meanwhile: {worst * 1000:.1f} ms")
    assert worst < 1, worst


def certificates(folder):
    """A certificate authority, a server's and a console's certificate; and of a stranger."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    def issue(name, authority):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr")
        with open(os.path.join(folder, f"{name}.ext"), "w", encoding="utf-8") as out:
            out.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
                f"{authority}.key", "-CAcreateserial", "-days", "2", "-out", f"{name}.pem",
                "-extfile", f"{name}.ext")

    for authority in ("ours", "theirs"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                f"/CN={authority}", "-keyout", f"{authority}.key", "-out", f"{authority}.pem")
    issue("server", "ours")
    issue("console", "ours")
    issue("stranger", "theirs")


def tls_is_1_3_and_consoles_show_who_they_are():
    if shutil.which("openssl") is None:
        print("  skipped: openssl is not installed")
        return
    with Bed() as bed:
        certificates(bed.root)
        bed.start_exchange()
        bed.add_user(DEALER, "DEALER")
        bed.start_server(certificate=bed.path("server.pem"), key=bed.path("server.key"),
                         client_ca=bed.path("ours.pem"))

        def context(name=None, most=None):
            made = ssl.create_default_context(cafile=bed.path("ours.pem"))
            if name:
                made.load_cert_chain(bed.path(f"{name}.pem"), bed.path(f"{name}.key"))
            if most:
                made.maximum_version = most
            return made

        bed.console(DEALER, scheme="wss", ssl=context("console")).open()
        for name, most in (("console", ssl.TLSVersion.TLSv1_2), (None, None), ("stranger", None)):
            try:
                console = Console(bed.port, scheme="wss", ssl=context(name, most))
                answer = console.ask("login", v=1, token="A" * 43)
            except (OSError, EOFError, Closed, InvalidHandshake):
                continue
            raise AssertionError(f"{name} {most} was let in: {answer}")
        bed.console(DEALER, scheme="wss", ssl=context("console")).open()
        assert bed.stop_server() == 0
        bed.start_server(certificate=bed.path("server.pem"), key=bed.path("server.key"),
                         log="any_console.out")
        bed.console(DEALER, scheme="wss", ssl=context()).open()
        for i in range(60):  # with its bytes there already, the handshake ends while it begins
            with socket.create_connection(("127.0.0.1", bed.port)) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                plain.settimeout(5)
                if i % 2 == 0:
                    with contextlib.suppress(OSError):
                        assert b"HTTP" not in plain.recv(100), "plain TCP was let in beside TLS"
        bed.console(DEALER, scheme="wss", ssl=context()).open()
        assert bed.stop_server() == 0, bed.said("any_console.out")


ALONE = [tls_is_1_3_and_consoles_show_who_they_are, a_slow_reader_is_closed_and_others_are_not_harmed,
         a_server_ends_and_begins_again, a_standby_takes_over_when_the_owner_dies, two_servers_on_one_database,
         a_second_server_without_standby_does_not_start,
         an_operator_is_let_in_when_the_house_is_full,
         wrong_use_and_wrong_configurations_are_named]


def prepare(bed):
    bed.start_exchange()
    bed.add_user(DEALER, "DEALER")
    bed.add_user(OTHER, "DEALER")
    bed.add_user(SUPERVISOR, "SUPERVISOR")
    bed.add_user("AU01", "AUDITOR")
    bed.add_user("ZZ09", "DEALER")
    with open(os.path.join(bed.day, "dealers.csv"), "a", encoding="utf-8") as people:
        people.write("ZZ09,Z OUTSIDER,DEALER,MUM-1,40999,20000000,5000000000,instant,Y\n")
    bed.start_server()
    bed.wait_said("server.out", "logged on to")
    bed.console(SUPERVISOR).close()
    bed.console(DEALER).close()


def activate_by(bed):
    supervisor = bed.console(SUPERVISOR)
    supervisor.open()
    activate(supervisor)
    supervisor.close()


def attempt(function, *arguments, bed=None):
    began = time.time()
    try:
        function(*arguments)
        print(f"ok {function.__name__} ({time.time() - began:.1f} s)", flush=True)
    except Exception as error:  # pylint: disable=broad-except
        import traceback
        traceback.print_exc()
        print(f"not ok {function.__name__}: {error!r}", flush=True)
        if bed:
            print(bed.said("server.out")[-3000:])
        FAILED.append(function.__name__)
    if bed:
        bed.close_consoles()


def main():
    only = os.environ.get("ONLY_TEST", "")
    shared = [function for function in TESTS if only in function.__name__]
    if shared:
        with Bed(connections_per_user=4, login_ms=3000, handshake_ms=2000) as bed:
            prepare(bed)
            activate_by(bed)
            for function in shared:
                attempt(function, bed, bed=bed)
            assert bed.stop_server() == 0, bed.said("server.out")[-3000:]
    for function in ALONE:
        if only in function.__name__:
            attempt(function)
    print(f"{len(FAILED)} failed" if FAILED else "all passed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
