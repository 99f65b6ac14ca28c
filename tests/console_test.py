#!/usr/bin/env python3
"""The program squareoff from outside: options, exit codes, a terminal that is given back whatever
happens, a terminal that is lost, and line mode beside a running console."""
import json, os, signal, subprocess, sys, tempfile, time

from terminal_bed import DAY, RESTORED, SQUAREOFF, Terminal, check, finish, folder, run


def options():
    code, out, _ = run("--help")
    check("--help is told and leaves with 0", code == 0 and "--standalone" in out)
    code, out, _ = run("--version")
    check("--version", code == 0 and out.startswith("squareoff "))
    check("an unknown option is wrong use", run("--no-such")[0] == 2)
    check("no mode is wrong use", run()[0] == 2)
    check("line mode without a command that exists is wrong use", run("buy")[0] == 2)
    check("a missing configuration is told",
          run("--standalone", "--config", "/nonexistent")[0] == 5)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as bad:
        bad.write("[exchange]\nhost = localhost\nhots = localhost\n")
        bad.flush()
        code, _, err = run("--standalone", "--config", bad.name)
        check("a wrong setting is told with its line", code == 5 and bad.name + ":3:" in err, err)


def themes():
    code, out, err = run("--check-theme", "themes/dark.theme")
    check("the dark theme is readable", code == 0, out + err)
    with tempfile.NamedTemporaryFile("w", suffix=".theme") as bad:
        bad.write("[theme]\nversion=1\nname=bad\n[palette]\nbg=#000000,0,black\nfg=#101010,0,black\n"
                  "[style]\ndefault.fg=fg\ndefault.bg=bg\n")
        bad.flush()
        check("an unreadable theme is refused", run("--check-theme", bad.name)[0] == 1)


def themes_by_mode():
    """The configuration names a theme for a mode, and the console follows the mode."""
    light, black, dark = b"48;2;250;250;247m", b"48;2;0;0;0m", b"48;2;16;20;24m"
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
        conf.write("[exchange]\nhost = nowhere\npassword_file = /nonexistent\n[console]\n"
                   "theme.drill = light\ntheme.offline = hc-dark\n")
        conf.flush()
        t = Terminal("--config", conf.name, COLORTERM="truecolor")
        check("theme.drill holds in a drill, whose secrets stay closed",
              t.read(b"DRILL") and t.read(light), t.seen)
        t.rest(1.5)
        t.command("drill cut")
        check("theme.offline holds when the link is gone", t.read(black), t.seen)
        t.command("theme offline dark")
        check(":theme MODE NAME changes that mode", t.read(dark), t.seen)
        t.command("drill heal")
        check("and a link that is back has the theme of the drill again", t.read(light), t.seen)
        check("it leaves with 0", t.end() == 0)
        t = Terminal("--config", conf.name, "--theme", "dark", COLORTERM="truecolor")
        t.rest(2)
        check("--theme holds in every mode", dark in t.seen and light not in t.seen, t.seen)
        t.end()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as bad:
        bad.write("[console]\nbell = loud\n")
        bad.flush()
        code, _, err = run("--drill", "--headless", "--config", bad.name)
        check("a drill refuses a wrong setting with its line", code == 5 and ":2:" in err, err)


def rings():
    """An order without an answer rings; --no-bell is silent."""
    for words, wanted in (([], True), (["--no-bell"], False)):
        t = Terminal("--no-coach", *words)
        t.read(b"DRILL")
        t.rest(2)
        t.seen = b""
        t.command("drill cut")
        t.rest(2)
        check(f"orders that became UNKNOWN ring: {wanted}", (b"\a" in t.seen) == wanted, t.seen)
        t.end()


def leaves():
    t = Terminal()
    check("the drill draws its first frame", t.read(b"DRILL"))
    t.read(b"\0never", 2)
    t.send("q")
    check("q gives the terminal back", t.read(RESTORED))
    check("q leaves with 0", t.wait() == 0)


def signals():
    t = Terminal()
    t.read(b"DRILL")
    t.read(b"\0never", 1)
    os.kill(t.pid, signal.SIGTSTP)
    t.read(b"\0never", 1)
    check("SIGTSTP is ignored", os.waitpid(t.pid, os.WNOHANG) == (0, 0))
    t.seen = b""
    os.kill(t.pid, signal.SIGTERM)
    check("SIGTERM gives the terminal back", t.read(RESTORED))
    check("SIGTERM leaves with 0", t.wait() == 0)
    t = Terminal()
    t.read(b"DRILL")
    t.read(b"\0never", 1)
    os.kill(t.pid, signal.SIGQUIT)
    check("SIGQUIT gives the terminal back", t.read(RESTORED))
    check("SIGQUIT ends by itself", t.wait() == -signal.SIGQUIT)
    t = Terminal()
    t.read(b"DRILL")
    t.read(b"\0never", 1)
    t.hang_up()
    check("a lost terminal ends the process in order", t.wait() == 0)


def watched():
    """What a drill says of itself: its links in a file, its exchange's own check on Status."""
    log = os.path.join(folder(), "log")
    t = Terminal("--log", log)
    t.read(b"DRILL")
    t.read(b"\0never", 2)
    t.send("8jjjjjjjjj")
    check("Status shows the alarms of the drill's exchange",
          t.shows("0 alarms") and "Drill's exchange" in t.last, t.last)
    t.send("q")  # back to Positions
    t.read(b"\0never", 0.5)
    t.send("q")
    check("a drill with --log leaves with 0", t.wait() == 0)
    with open(log, encoding="utf-8") as lines:
        check("--log has what the links say", "logged on" in lines.read())


def again():
    """The drill's exchange is new at each start: a state with a day in it would not fit it."""
    t = Terminal("--headless")
    t.read(b"\n")
    os.kill(t.pid, signal.SIGTERM)
    t.wait()
    code, _, err = run("--drill", "--headless", "--state", t.state, *DAY)
    check("a second drill on the same state is refused in words",
          code == 5 and "empty --state" in err, err)


def alone():
    """Standalone without an exchange: phone fills and a supervisor's words still work, and it ends."""
    state = folder()
    console = subprocess.Popen([SQUAREOFF, "--standalone", "--headless", "--state", state, *DAY],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    words = ["--state", state, "--client", "C10733", "--symbol", "HDFCBANK", "--person", "RK07"]
    for _ in range(100):
        code, out, err = run("close", *words)
        if code != 6:
            break
        time.sleep(0.1)
    check("without an exchange a close is refused and says why",
          code == 1 and "no order link" in out, out + err)
    console.send_signal(signal.SIGTERM)
    try:
        console.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        console.kill()
    check("standalone without an exchange leaves with 0", console.returncode == 0)


def lines():
    t = Terminal("--headless")
    state = t.state
    for _ in range(100):
        code, out, err = run("positions", "--state", state, "--client", "C10733", "--json")
        if code == 0 and '"mtm":0.00' not in out.splitlines()[0]:
            break
        t.read(b"\0never", 0.1)
    rows = [json.loads(line) for line in out.splitlines()]
    check("positions are JSON", any(r["symbol"] == "HDFCBANK" and r["net"] == 500 for r in rows))
    words = ["--state", state, "--client", "C10733", "--symbol", "HDFCBANK", "--person", "RK07"]
    code, out, _ = run("close", *words, "--dry-run")
    check("a dry run previews and sends nothing", code == 0 and "quantity=500" in out, out)
    code, out, _ = run("close", *words, "--json")
    check("close is accepted", code == 0 and json.loads(out)["result"] == "accepted", out)
    t.read(b"\0never", 1.5)
    check("closed twice is refused", run("close", *words)[0] == 1)
    code, out, _ = run("trades", "--state", state, "--client", "C10733", "--csv")
    check("the fill is among the trades", ",HDFCBANK,MIS,SELL,500," in out, out)
    check("somebody else's client is refused",
          run("close", "--state", state, "--client", "C10733", "--symbol", "TCS", "--person",
              "NOBODY")[0] == 1)
    os.kill(t.pid, signal.SIGTERM)
    check("headless leaves with 0", t.wait() == 0)
    code, out, _ = run("positions", "--state", state, "--client", "C10733", "--symbol", "HDFCBANK",
                       "--csv")
    check("without an owner the journal is read", code == 0 and ",0," in out, out)
    check("without an owner nothing is closed", run("close", *words)[0] == 6)


options()
themes()
themes_by_mode()
rings()
leaves()
signals()
watched()
again()
alone()
lines()
finish()
