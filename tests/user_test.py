#!/usr/bin/env python3
"""squareoff-admin user: passwords from a terminal without echo and from private files, enrolment told
once, and what is refused. The terminal is a pseudo-terminal."""
import base64, hashlib, hmac, json, os, pty, select, shutil, sqlite3, struct, subprocess, sys, tempfile
import termios, time

ADMIN = os.path.join(os.environ.get("BUILD", "build"), "squareoff-admin")
PASSWORD = "correct horse battery"
failures = 0


def check(what, fine, told=""):
    global failures
    failures += not fine
    print(f"[{'       OK ' if fine else '  FAILED  '}] {what}")
    if not fine:
        print(told, file=sys.stderr)


def admin(*words):
    """Without a terminal: a session of its own has none."""
    done = subprocess.run([ADMIN, "user", *words], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, start_new_session=True)
    return done.returncode, done.stdout + done.stderr


def at_terminal(*words, answers):
    """The answers are typed one after the other, each when echo is off and something was asked.
    Returns exit code, everything seen, and whether echo is on at the end."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(ADMIN, [ADMIN, "user", *words])
    seen, answers, asked = b"", list(answers), 0
    deadline = time.monotonic() + 60
    echo = True
    while time.monotonic() < deadline:
        ready, _, _ = select.select([fd], [], [], 0.05)
        if ready:
            try:
                data = os.read(fd, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data
        try:
            echo = bool(termios.tcgetattr(fd)[3] & termios.ECHO)
        except termios.error:
            pass
        if answers and not echo and seen.count(b": ") > asked:
            asked = seen.count(b": ")
            os.write(fd, answers.pop(0))
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace"), echo


def code_of(secret, now):
    """RFC 6238, written here again so that an authenticator's view is tested, not our own."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(now) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 10**6:06d}"


def field(text, name):
    return next((line.split()[1] for line in text.splitlines() if line.startswith(name + " ")), "")


def row(state, name):
    with sqlite3.connect(os.path.join(state, "users.db")) as db:
        db.row_factory = sqlite3.Row
        return dict(db.execute("SELECT * FROM login_user WHERE name = ?", (name,)).fetchone() or {})


work = tempfile.mkdtemp(prefix="squareoff-test-")
try:
    state = os.path.join(work, "state")
    at = ["--state", state]
    secret_file = os.path.join(work, "password")

    code, told = admin("list", *at)
    check("a directory without users is told", code == 3, told)
    check("and not made", not os.path.exists(state))

    with open(secret_file, "w") as out:
        out.write(PASSWORD + "\n")
    os.chmod(secret_file, 0o644)
    dealer = ["add", "RK07", "--role", "dealer", "--desk", "MUM-1", "--books", "DRL,MUM"]
    code, told = admin(*dealer, *at, "--password-file", secret_file)
    check("a password file that others may read is refused", code == 1 and "0600" in told, told)
    os.chmod(secret_file, 0o600)
    os.symlink(secret_file, secret_file + ".link")
    code, told = admin(*dealer, *at, "--password-file", secret_file + ".link")
    check("a link to one too", code == 1, told)
    code, told = admin(*dealer, *at)
    check("without a terminal there has to be a file", code == 1 and "--password-file" in told, told)

    code, told = admin(*dealer, *at, "--password-file", secret_file)
    secret = field(told, "secret")
    check("a user is added and enrolled", code == 0 and len(secret) == 32 and
          f"otpauth://totp/squareoff:RK07?secret={secret}&issuer=squareoff" in told, told)
    check("a chosen password is not told", PASSWORD not in told, told)
    check("an authenticator can read the secret", len(code_of(secret, time.time())) == 6)
    kept = row(state, "RK07")
    check("Argon2id with 64 MiB and 3 passes", kept["password"].startswith("$argon2id$v=19$m=65536,t=3,p=1$"))
    check("role, desk and books are kept", (kept["role"], kept["desk"], kept["books"]) ==
          ("DEALER", "MUM-1", "DRL MUM"), kept)
    check("the file is private", os.stat(os.path.join(state, "users.db")).st_mode & 0o777 == 0o600)
    code, told = admin(*dealer, *at, "--password-file", secret_file)
    check("the same user twice is refused", code == 1 and "already" in told, told)

    code, told, echo = at_terminal("passwd", "RK07", *at, answers=[b"my new password\n"] * 2)
    check("a password from the terminal", code == 0, told)
    check("is not echoed", "my new password" not in told, told)
    check("and echo is on again", echo)
    changed = row(state, "RK07")
    check("the password is another", changed["password"] != kept["password"])
    check("the secret is not", changed["totp"] == secret)
    code, told, _ = at_terminal("passwd", "RK07", *at, answers=[b"my new password\n", b"other\n"])
    check("two that differ are refused", code == 1 and "not the same" in told, told)
    code, told, _ = at_terminal("passwd", "RK07", *at, answers=[b"short\n", b"short\n"])
    check("a short one is refused", code == 1 and "at least 10" in told, told)
    check("and nothing was changed", row(state, "RK07") == changed)
    code, told, echo = at_terminal("passwd", "RK07", *at, answers=[b"half a pass\x03\n"] * 2)
    check("^C in it is a control character", code == 1 and echo, told)

    code, told, _ = at_terminal("add", "SV02", "--role", "Supervisor", "--books", "*", *at, answers=[b"\n"])
    check("Enter alone has a password made", code == 0 and len(field(told, "password")) == 23, told)

    code, told = admin("totp", "RK07", *at)
    check("a new secret", code == 0 and len(field(told, "secret")) == 32 and field(told, "secret") != secret,
          told)
    check("is the one that is kept", row(state, "RK07")["totp"] == field(told, "secret"))

    code, told = admin("role", "RK07", "--role", "auditor", *at)
    after = row(state, "RK07")
    check("a new role leaves the rest", code == 0 and after["role"] == "AUDITOR" and
          after["books"] == "DRL MUM", (told, after))
    admin("disable", "RK07", *at)
    check("a user is disabled", row(state, "RK07")["disabled"] == 1)
    code, told = admin("list", *at, "--json")
    rows = json.loads(told) if code == 0 else []
    check("the list says so", [(r["name"], r["role"], r["state"]) for r in rows] ==
          [("RK07", "AUDITOR", "disabled"), ("SV02", "SUPERVISOR", "enabled")], told)
    check("and holds no secret", "argon2" not in told and row(state, "RK07")["totp"] not in told, told)
    admin("enable", "RK07", *at)
    check("and enabled", row(state, "RK07")["disabled"] == 0)
    check("each change counts", row(state, "RK07")["version"] == 6, row(state, "RK07"))

    for what, words in {
        "a user who is not there": ["disable", "NOBODY"],
        "a role that is none": ["role", "RK07", "--role", "root"],
        "the role of the host itself": ["role", "RK07", "--role", "system"],
        "books that are none": ["role", "RK07", "--books", "DRL;MUM"],
        "a desk that is too long": ["role", "RK07", "--desk", "a-desk-of-a-long-name"],
        "a name with a quote": ["add", "O'BRIEN", "--role", "dealer"],
        "a name that is too long": ["add", "A" * 12, "--role", "dealer"],
        "a name with an escape": ["disable", "\x1b[2J"],
        "a user without a role": ["add", "RK08"],
    }.items():
        code, told = admin(*words, *at, "--password-file", secret_file)
        check(what + " is refused", code == 1 and "\x1b" not in told, (code, told))
    for what, words in {"no command": [], "no name": ["add"], "an unknown command": ["drop", "RK07"]}.items():
        code, told = admin(*words, *at)
        check(what + " is wrong use", code == 2, told)
    code, told = admin("list", "--store", "mysql:x")
    check("so is a store that is not known", code == 2, told)
    code, told = admin("list", "--store", "postgres:host=/nowhere")
    check("a database that is not there is told", code == 4 and "nowhere" in told, told)
finally:
    shutil.rmtree(work, True)
sys.exit(failures > 0)
