#!/usr/bin/env python3
"""The sample day in drill/ holds together, and is what scripts/make_drill.py writes."""
import csv
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

AS_OF = "2026-11-26T10:41:58+05:30"
FILES = ["instruments", "qtyfreeze", "positions", "positions_exchange", "orders", "trades",
         "clients", "dealers", "calendar"]
ODD_LOT_CLIENT = "C13102"
complaints = []


def expect(condition, *what):
    if not condition:
        complaints.append(" ".join(str(part) for part in what))


def rows_of(name):
    with open(f"drill/{name}.csv", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def strike_of(text):
    return float(text) if text and float(text) else 0.0


def series_of(row):
    if row["exchange"] != "NSE" or row["instrument_type"] != "EQ":
        return ""
    return "BE" if row["tradingsymbol"].endswith("-BE") else "EQ"


def symbol_of(row):
    if row["instrument_type"] == "EQ":
        return row["tradingsymbol"].removesuffix("-BE")
    return row["name"]


day = {name: rows_of(name) for name in FILES}
by_token, by_name = defaultdict(list), defaultdict(list)
for row in day["instruments"]:
    by_token[row["exchange"], row["exchange_token"]].append(row)
    kind = row["instrument_type"] if row["instrument_type"] in ("CE", "PE") else ""
    by_name[row["exchange"], symbol_of(row), series_of(row), row["expiry"],
            strike_of(row["strike"]), kind].append(row)


def instrument_of(row):
    found = by_token[row["exchange"], row["token"]] if row["token"] else \
        by_name[row["exchange"], row["symbol"], row["series"], row["expiry"],
                strike_of(row["strike"]), row["option_type"]]
    expect(len(found) == 1, "resolves to", len(found), "contracts:", row)
    if row["token"] and found:
        expect(symbol_of(found[0]) == row["symbol"], "token and symbol differ:", row)
    return found[0] if found else None


def position_key(row, contract):
    return row["client"], row["exchange"], contract["exchange_token"], row["product"]


def unit_of(contract):
    return 1 if contract["exchange"] in ("CDS", "MCX") else int(contract["lot_size"])


def on_tick(text, contract):
    steps = float(text) / float(contract["tick_size"])
    return abs(steps - round(steps)) < 1e-6


for key, found in by_token.items():
    expect(len(found) == 1, "token twice:", key)
    expect(found[0]["segment"] == "INDICES" or float(found[0]["last_price"]) > 0, "no price:", key)

clients = {row["client"]: row for row in day["clients"]}
dealers = {row["dealer"]: row for row in day["dealers"]}
freezes = {row["SYMBOL    "].strip(): int(row["VOL_FRZ_QTY    "]) for row in day["qtyfreeze"]}
expect(len(clients) == len(day["clients"]), "a client twice")
expect(sum(row["dealer"] == "RK07" for row in day["clients"]) >= 14, "fewer than 14 of RK07")
for row in day["clients"]:
    expect(row["dealer"] in dealers and row["backup_dealer"] in dealers, "no dealer:", row)
expect({row["role"] for row in day["dealers"]} == {"DEALER", "SUPERVISOR", "AUDITOR", "ADMIN"},
       "roles are missing")

net, odd, above, short, hedged = {}, 0, 0, 0, defaultdict(set)
for row in day["positions"]:
    contract = instrument_of(row)
    key = position_key(row, contract)
    quantity = int(row["net_qty"])
    expect(key not in net, "position twice:", key)
    expect(row["client"] in clients, "no client:", row)
    expect(row["as_of"] == AS_OF, "other as_of:", row)
    expect(on_tick(row["prev_settle"], contract), "off tick:", row)
    expect(row["prev_settle"] == contract["last_price"], "two settlements of one contract:", row)
    if quantity % unit_of(contract):
        odd += 1
        expect(row["client"] == ODD_LOT_CLIENT, "odd lot by accident:", row)
    if row["exchange"] in ("NFO", "BFO") and abs(quantity) >= freezes[row["symbol"]]:
        above += 1
    short += quantity < 0
    hedged[row["client"], row["symbol"]].add(quantity > 0)
    net[key] = quantity
expect(len(net) >= 300, "only", len(net), "positions")
expect(odd >= 5 and above >= 6 and short >= 80, "too few odd lots, large or short positions")
expect(sum(len(sides) == 2 for sides in hedged.values()) >= 30, "too few hedged underlyings")
expect(net["C10733", "NSE", "1333", "MIS"] == 500, "the coach's first row has changed")
expect(sum(key[2] == "1333" and key[3] == "MIS" for key in net) == 1, "another plain HDFCBANK")
expect(Counter(key[3] for key in net).keys() == {"MIS", "NRML", "CNC", "MTF"}, "a product lacks")
expect("COPPER" not in freezes, "the residue without a freeze quantity is gone")

sums = Counter()
for (client, exchange, token, _), quantity in net.items():
    sums[client, exchange, token] += quantity
counted = {(row["client"], row["exchange"], row["token"]): int(row["net_qty"])
           for row in day["positions_exchange"]}
expect(counted.keys() == sums.keys(), "the exchange counts other contracts")
differing = [key for key in sums if counted.get(key) != sums[key]]
expect([key[0] for key in differing] == ["C11007"], "the sources differ on", differing)

numbers = set()
for row in day["orders"]:
    contract = instrument_of(row)
    expect(position_key(row, contract) in net, "order without a position:", row)
    expect(row["exch_order_no"] not in numbers, "order number twice:", row)
    expect((row["clord_id"] != "") == (row["sender_id"] == "SQDRILL"), "whose order?", row)
    expect(on_tick(row["limit_price"], contract), "off tick:", row)
    expect((row["trigger_price"] != "") == (row["order_type"] == "SL"), "trigger?", row)
    last = float(contract["last_price"])
    if row["order_type"] == "LIMIT":  # else it would have traded
        expect((float(row["limit_price"]) > last) == (row["side"] == "SELL"), "would trade:", row)
    numbers.add(row["exch_order_no"])
expect({row["sender_id"] for row in day["orders"]} == {"SQDRILL", "OMS1"}, "senders")

effect, trade_numbers = Counter(), set()
for row in day["trades"]:
    contract = instrument_of(row)
    expect(row["trade_time"] > AS_OF, "before the snapshot:", row)
    expect((row["exchange"], row["trade_no"]) not in trade_numbers, "trade twice:", row)
    trade_numbers.add((row["exchange"], row["trade_no"]))
    effect[position_key(row, contract)] += int(row["qty"]) * (1 if row["side"] == "BUY" else -1)
expect(len(day["trades"]) == 212, len(day["trades"]), "trades")
expect(not any(effect.values()), "trades that are no round trips")
expect(effect.keys() <= net.keys(), "trades without a position")
expect({row["exchange"] for row in day["calendar"]} >= {key[1] for key in net}, "calendar")

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "scripts/make_drill.py", folder], check=True)
    for name in FILES:
        with open(os.path.join(folder, name + ".csv"), "rb") as made, \
                open(f"drill/{name}.csv", "rb") as shipped:
            expect(made.read() == shipped.read(), f"drill/{name}.csv is not what is generated")

for complaint in complaints:
    print(complaint)
print(f"{len(net)} positions ({short} short, {odd} odd, {above} above the freeze), "
      f"{len(day['orders'])} orders, {len(day['trades'])} trades")
sys.exit(bool(complaints))
