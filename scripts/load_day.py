#!/usr/bin/env python3
"""A made-up day for load and chaos: load_day.py FOLDER DEALERS POSITIONS [QUANTITY]

One desk: DEALERS dealers with two clients each, POSITIONS cash positions a dealer, all to be
closed within the day, as of now and with a market that never shuts. One supervisor, SV02. Contracts
and freeze quantities are those of the sample day. The folder is made; it must not be there yet.
"""

import csv
import os
import sys

from open_day import ROOT, move_day, today

AS_OF = "T10:41:58+05:30"


def dealer_name(number):
    return f"D{number:04d}"


def shares():
    """Cash shares of the sample day that have a price to go by."""
    with open(os.path.join(ROOT, "drill", "instruments.csv"), encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file)
                if r["segment"] == "NSE" and r["instrument_type"] == "EQ"]
    return [r for r in rows if 100 <= float(r["last_price"]) <= 4000 and
            "-" not in r["tradingsymbol"]]


def write(folder, name, header, rows):
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header.split(","))
        out.writerows(rows)


def positions(dealers, each, quantity):
    contracts = shares()
    as_of = today() + AS_OF
    for dealer in range(dealers):
        for n in range(each):
            share = contracts[(dealer * 7 + n // 2) % len(contracts)]
            side = 1 if (dealer + n) % 3 else -1
            yield (f"K{dealer:04d}{n % 2}", "NSE", share["exchange_token"], share["tradingsymbol"],
                   "EQ", "", "", "", "MIS", side * quantity, 0, share["last_price"],
                   share["last_price"], "", as_of)


def make_day(folder, dealers, each, quantity=100):
    assert each <= 2 * len(shares()), "more positions than there are shares"
    move_day(folder)
    for name in ("positions_exchange.csv", "orders.csv", "trades.csv"):
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            header = file.readline()
        with open(path, "w", encoding="utf-8") as file:
            file.write(header)
    os.remove(os.path.join(folder, "positions_exchange.csv"))
    write(folder, "dealers.csv",
          "dealer,name,role,desk,exch_user_id,max_order_value,max_day_value,one_key,active",
          [(dealer_name(i), f"DEALER {i}", "DEALER", "DESK-1", 40000 + i, 20000000, 5000000000,
            "instant", "Y") for i in range(dealers)] +
          [("SV02", "S VISOR", "SUPERVISOR", "DESK-1", 39999, 0, 0, "preview", "Y")])
    write(folder, "clients.csv",
          "client,name,phone,desk,dealer,backup_dealer,category,cp_code,exch_account,ddpi,"
          "call_required,status",
          [(f"K{i:04d}{n}", f"CLIENT {i}-{n}", "", "DESK-1", dealer_name(i), "", "CLI", "",
            f"K{i:04d}{n}", "Y", "N", "ACTIVE") for i in range(dealers) for n in range(2)])
    write(folder, "positions.csv",
          "client,exchange,token,symbol,series,expiry,strike,option_type,product,net_qty,"
          "overnight_qty,avg_price,prev_settle,sellable_qty,as_of",
          positions(dealers, each, quantity))


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: load_day.py FOLDER DEALERS POSITIONS [QUANTITY]")
    make_day(sys.argv[1], *map(int, sys.argv[2:]))
