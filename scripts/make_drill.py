#!/usr/bin/env python3
"""make_drill.py [FOLDER]: writes the sample day, by default into drill/.

Contract names, lots, ticks and freeze quantities are the market's; prices, tokens of derivatives,
clients, phones and quantities are invented. Always the same bytes: no clock, no random source but
the one below. What each client is there to show is said beside CLIENTS and in FIXED.
"""
import csv
import io
import math
import os
import sys

DAY = "2026-11-26"
AS_OF = "2026-11-26T10:41:58+05:30"
OURS, DEAD_OMS = "SQDRILL", "OMS1"  # SenderCompID of our session, and of the system that went down

NIFTY_WEEKS = ["2026-12-01", "2026-12-08"]  # Tuesdays
MONTHS = ["2026-12-29", "2027-01-25"]  # the last Tuesday, or the day before its holiday
SENSEX_DAYS = ["2026-11-26", "2026-12-03"]  # Thursdays: the first expires on the day itself

# Underlyings of index contracts:
# exchange, symbol, level, volatility, lot, freeze, strike step, strikes each side, tick of futures
INDICES = [
    ("NFO", "NIFTY", 24412.35, 0.125, 65, 1800, 50, 30, 0.10),
    ("NFO", "BANKNIFTY", 57240.60, 0.140, 30, 600, 100, 30, 0.20),
    ("NFO", "FINNIFTY", 26381.25, 0.140, 60, 1200, 100, 14, 0.10),
    ("NFO", "MIDCPNIFTY", 13092.40, 0.170, 120, 2800, 25, 20, 0.05),
    ("BFO", "SENSEX", 80106.75, 0.120, 20, 1000, 100, 20, 0.05),
]
INDEX_ROWS = [  # index values as Kite's file lists them: token of the exchange, name, level
    (1001, "NIFTY 50", 24412.35),
    (1009, "NIFTY BANK", 57240.60),
    (1035, "NIFTY FIN SERVICE", 26381.25),
    (1137, "INDIA VIX", 13.42),
]

# symbol, NSE token, name, settlement, lot of its futures (0: none), freeze of those
STOCKS = """
RELIANCE|2885|RELIANCE INDUSTRIES|1288.10|500|15000
HDFCBANK|1333|HDFC BANK|831.55|550|27500
ICICIBANK|4963|ICICI BANK|1426.90|700|21000
INFY|1594|INFOSYS|1051.20|400|16000
TCS|11536|TATA CONSULTANCY SERV|2057.60|175|7000
SBIN|3045|STATE BANK OF INDIA|1037.70|750|30000
AXISBANK|5900|AXIS BANK|1339.60|625|18750
KOTAKBANK|1922|KOTAK MAHINDRA BANK|381.30|2000|60000
LT|11483|LARSEN & TOUBRO|4041.00|175|7000
BHARTIARTL|10604|BHARTI AIRTEL|1925.70|475|14250
ITC|1660|ITC|288.25|1600|64000
MARUTI|10999|MARUTI SUZUKI INDIA|14456.00|50|1500
TATASTEEL|3499|TATA STEEL|190.87|5500|165000
HINDUNILVR|1394|HINDUSTAN UNILEVER|2202.00|300|9000
BAJFINANCE|317|BAJAJ FINANCE|1029.10|750|22500
BAJAJFINSV|16675|BAJAJ FINSERV|1870.70|250|12500
ASIANPAINT|236|ASIAN PAINTS|2754.90|250|10000
SUNPHARMA|3351|SUN PHARMACEUTICAL IND|1912.80|350|14000
TITAN|3506|TITAN COMPANY|4484.40|175|7000
WIPRO|3787|WIPRO|174.32|3000|90000
HCLTECH|7229|HCL TECHNOLOGIES|1134.20|350|14000
TECHM|13538|TECH MAHINDRA|1406.50|600|18000
ADANIENT|25|ADANI ENTERPRISES|3206.60|309|9270
ADANIPORTS|15083|ADANI PORT & SEZ|1864.40|475|14250
TMPV|3456|TATA MOTORS PASS VEH|347.05|800|56000
M&M|2031|MAHINDRA & MAHINDRA|3201.20|200|6000
NTPC|11630|NTPC|356.25|1500|75000
ONGC|2475|OIL AND NATURAL GAS CORP|243.90|2250|90000
POWERGRID|14977|POWER GRID CORP|285.40|1900|76000
COALINDIA|20374|COAL INDIA|432.35|1350|67500
JSWSTEEL|11723|JSW STEEL|1243.20|675|20250
HINDALCO|1363|HINDALCO INDUSTRIES|980.40|700|28000
GRASIM|1232|GRASIM INDUSTRIES|3213.00|250|10000
CIPLA|694|CIPLA|1472.30|375|15000
DRREDDY|881|DR REDDYS LABORATORIES|1367.90|625|18750
BPCL|526|BHARAT PETROLEUM CORP|308.15|1975|59250
IOC|1624|INDIAN OIL CORP|141.68|4875|146250
VEDL|3063|VEDANTA|282.00|1150|46000
GAIL|4717|GAIL (INDIA)|175.03|3150|126000
BEL|383|BHARAT ELECTRONICS|425.55|1425|57000
HAL|2303|HINDUSTAN AERONAUTICS|4440.60|150|4500
IRCTC|13611|INDIAN RAIL TOUR CORP|508.95|875|35000
DLF|14732|DLF|673.30|825|33000
PNB|10666|PUNJAB NATIONAL BANK|104.29|8000|240000
BANKBARODA|4668|BANK OF BARODA|249.95|2925|87750
CANBK|10794|CANARA BANK|126.46|6750|202500
IDFCFIRSTB|11184|IDFC FIRST BANK|81.14|9275|278250
FEDERALBNK|1023|FEDERAL BANK|330.30|5000|100000
INDUSINDBK|5258|INDUSIND BANK|1009.80|700|28000
ASHOKLEY|212|ASHOK LEYLAND|166.12|5000|150000
EICHERMOT|910|EICHER MOTORS|7471.50|100|4000
HEROMOTOCO|1348|HERO MOTOCORP|4944.40|150|4500
BAJAJ-AUTO|16669|BAJAJ AUTO|10036.00|75|3000
TVSMOTOR|8479|TVS MOTOR COMPANY|3705.00|175|7000
LUPIN|10440|LUPIN|2491.60|425|12750
DIVISLAB|10940|DIVIS LABORATORIES|6857.50|100|4000
APOLLOHOSP|157|APOLLO HOSPITALS|8888.50|125|3750
BRITANNIA|547|BRITANNIA INDUSTRIES|5454.50|125|3750
NESTLEIND|17963|NESTLE INDIA|1473.70|500|20000
DABUR|772|DABUR INDIA|449.75|1250|50000
TATACONSUM|3432|TATA CONSUMER PRODUCT|1117.90|550|22000
TRENT|1964|TRENT|3343.80|100|5000
ABCAPITAL|21614|ADITYA BIRLA CAPITAL|409.75|3100|93000
PFC|14299|POWER FIN CORP|421.10|1300|65000
RECLTD|15355|REC|364.75|1400|56000
NMDC|15332|NMDC|85.07|6750|337500
SAIL|2963|STEEL AUTHORITY OF INDIA|169.23|4700|188000
ULTRACEMCO|11532|ULTRATECH CEMENT|11661.00|50|2000
TATAPOWER|3426|TATA POWER CO|377.55|1450|58000
JIOFIN|18143|JIO FINANCIAL SERVICES|240.00|2350|70500
ETERNAL|5097|ETERNAL|283.40|2425|72750
SHRIRAMFIN|4306|SHRIRAM FINANCE|1062.30|825|33000
SBILIFE|21808|SBI LIFE INSURANCE CO|1787.70|375|11250
HDFCLIFE|467|HDFC LIFE INS CO|564.20|1100|33000
INDIGO|11195|INTERGLOBE AVIATION|5408.50|150|4500
YESBANK|11915|YES BANK|24.26|31100|933000
MRF|2277|MRF|135640.00|0|0
ACC|22|ACC|1397.10|0|0
"""
STOCK_OPTIONS = {  # symbol: strike step
    "RELIANCE": 10, "HDFCBANK": 10, "ICICIBANK": 10, "INFY": 10, "TCS": 20, "SBIN": 10,
    "AXISBANK": 10, "TATASTEEL": 2.5, "BAJFINANCE": 10, "ITC": 2.5, "LT": 50, "MARUTI": 100,
}
TRADE_FOR_TRADE = [("KESORAMIND", 4981, "KESORAM INDUSTRIES", 7.12),
                   ("VISASTEEL", 13298, "VISA STEEL", 41.85)]
BSE_SHARES = {"RELIANCE": 500325, "HDFCBANK": 500180, "SBIN": 500112, "TCS": 532540, "ITC": 500875}

# Counted in lots at the exchange: exchange, symbol, expiries, settlement, tick, decimals,
# units of value in a lot, freeze in lots. COPPER's freeze is left out on purpose: a residue.
LOTS = [
    ("CDS", "USDINR", ["2026-12-29", "2027-01-27"], 90.4125, 0.0025, 4, 1000, 10000),
    ("CDS", "EURINR", ["2026-12-29"], 104.8250, 0.0025, 4, 1000, 10000),
    ("CDS", "GBPINR", ["2026-12-29"], 119.5150, 0.0025, 4, 1000, 10000),
    ("CDS", "JPYINR", ["2026-12-29"], 58.9125, 0.0025, 4, 1000, 10000),
    ("MCX", "CRUDEOIL", ["2026-12-18", "2027-01-19"], 5921, 1, 2, 100, 100),
    ("MCX", "NATURALGAS", ["2026-12-28"], 342.30, 0.10, 2, 1250, 48),
    ("MCX", "GOLD", ["2026-12-04", "2027-02-05"], 128450, 1, 2, 100, 10),
    ("MCX", "GOLDM", ["2026-12-04"], 128310, 1, 2, 10, 100),
    ("MCX", "SILVER", ["2026-12-04"], 158240, 1, 2, 30, 20),
    ("MCX", "SILVERM", ["2026-11-30"], 158180, 1, 2, 5, 120),
    ("MCX", "COPPER", ["2026-12-31"], 1012.45, 0.05, 2, 2500, 0),
]

SEGMENT = {"NSE": 1, "NFO": 2, "CDS": 3, "BSE": 4, "BFO": 5, "MCX": 7}  # Kite: token * 256 + this
MONTH = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
WEEK_MONTH = "123456789OND"

# code, name, dealer, category, call required. What the first ones hold is in FIXED.
CLIENTS = [
    ("C10421", "R MEHTA", "RK07", "CLI", "Y"),  # spreads; a resting exit of ours
    ("C10733", "S IYER", "RK07", "CLI", "N"),  # the first plain row; short futures
    ("C10812", "P NAIR", "RK07", "CLI", "N"),  # intraday
    ("C11007", "A KULKARNI", "RK07", "CLI", "N"),  # delivery short; currency
    ("C11340", "N DESAI", "RK07", "CLI", "N"),  # commodities
    ("C12055", "V SHAH", "RK07", "CLI", "Y"),  # futures covering short options
    ("C12348", "K REDDY", "RK07", "CLI", "N"),  # ten thousand at once: slices
    ("C13102", "M JOSHI", "RK07", "CLI", "N"),  # odd lots, after lots were changed
    ("C13550", "L FERNANDES", "RK07", "CLI", "N"),  # deliveries, margin-funded, trade-for-trade
    ("C14021", "B PATEL", "RK07", "CLI", "N"),  # commodities in lots
    ("C14410", "D BANERJEE", "RK07", "CLI", "N"),  # currency, four decimals
    ("C14873", "G PILLAI", "RK07", "CLI", "N"),  # options that nobody bids for; expiring today
    ("C15220", "H SETH", "RK07", "CLI", "N"),  # iron condors
    ("C15744", "J THOMAS", "RK07", "CLI", "N"),
    ("C16031", "T GHOSH", "RK07", "CLI", "N"),
    ("C16255", "U RAO", "RK07", "CLI", "N"),
    ("C16608", "W KHAN", "RK07", "CLI", "N"),
    ("C17119", "Y BHAT", "RK07", "CLI", "N"),
    ("C18840", "E MENON", "AS11", "CLI", "N"),
    ("C19002", "F CHAWLA", "AS11", "CLI", "N"),
    ("C19377", "I SAXENA", "AS11", "CLI", "N"),
    ("C20117", "O VERMA", "AS11", "CLI", "N"),
    ("P00001", "OWN ACCOUNT", "AS11", "PRO", "N"),
]

# client, exchange, symbol, expiry, strike, option type, product, net, carried over, sellable
W1, W2 = NIFTY_WEEKS
DEC, JAN = MONTHS
NOW, NEXT = SENSEX_DAYS
FIXED = [
    ("C10421", "NFO", "NIFTY", W1, 24500, "CE", "NRML", -1950, -650, ""),
    ("C10421", "NFO", "NIFTY", W1, 24700, "CE", "NRML", 1950, 650, ""),
    ("C10421", "NFO", "NIFTY", DEC, "", "", "NRML", 130, 130, ""),
    ("C10421", "NSE", "TCS", "", "", "", "MIS", 75, 0, ""),
    ("C10733", "NSE", "HDFCBANK", "", "", "", "MIS", 500, 0, ""),
    ("C10733", "NFO", "BANKNIFTY", DEC, "", "", "NRML", -90, -60, ""),
    ("C10733", "NSE", "ICICIBANK", "", "", "", "MIS", 700, 0, ""),
    ("C10733", "NSE", "AXISBANK", "", "", "", "MIS", 400, 0, ""),
    ("C10733", "NSE", "INFY", "", "", "", "CNC", -40, 0, ""),
    ("C10812", "NSE", "RELIANCE", "", "", "", "MIS", -250, 0, ""),
    ("C10812", "NSE", "TCS", "", "", "", "MIS", 75, 0, ""),
    ("C10812", "NFO", "RELIANCE", DEC, "", "", "NRML", 1000, 500, ""),
    ("C11007", "NSE", "INFY", "", "", "", "CNC", -40, 0, ""),
    ("C11007", "CDS", "USDINR", DEC, "", "", "NRML", 25, 20, ""),
    ("C11007", "NSE", "WIPRO", "", "", "", "MIS", -900, 0, ""),
    ("C11340", "NSE", "SBIN", "", "", "", "MIS", 1200, 0, ""),
    ("C11340", "MCX", "CRUDEOIL", "2026-12-18", "", "", "NRML", -3, -3, ""),
    ("C11340", "MCX", "GOLDM", "2026-12-04", "", "", "NRML", -5, -2, ""),
    ("C12055", "NFO", "RELIANCE", DEC, "", "", "NRML", 1000, 1000, ""),
    ("C12055", "NFO", "RELIANCE", DEC, 1320, "CE", "NRML", -1000, -1000, ""),
    ("C12055", "NFO", "NIFTY", DEC, "", "", "NRML", -260, -260, ""),
    ("C12055", "NFO", "NIFTY", DEC, 24000, "PE", "NRML", -260, -260, ""),
    ("C12055", "NFO", "SBIN", DEC, 1020, "PE", "NRML", -1500, -1500, ""),
    ("C12055", "NFO", "SBIN", DEC, 1000, "PE", "NRML", 1500, 1500, ""),
    ("C12348", "NFO", "NIFTY", W1, 24000, "PE", "NRML", -10010, -6500, ""),
    ("C12348", "NFO", "NIFTY", W1, 23800, "PE", "NRML", 10010, 6500, ""),
    ("C12348", "NFO", "BANKNIFTY", DEC, 58000, "CE", "NRML", -900, -900, ""),
    ("C12348", "NFO", "BANKNIFTY", DEC, 58500, "CE", "NRML", 900, 900, ""),
    ("C12348", "NFO", "YESBANK", DEC, "", "", "NRML", 1026300, 1026300, ""),
    ("C13102", "NFO", "NIFTY", DEC, 24400, "CE", "NRML", 150, 150, ""),
    ("C13102", "NFO", "BANKNIFTY", DEC, 57000, "PE", "NRML", -105, -105, ""),
    ("C13102", "NFO", "BANKNIFTY", DEC, 56500, "PE", "NRML", 105, 105, ""),
    ("C13102", "NFO", "MIDCPNIFTY", DEC, 13100, "PE", "NRML", 140, 140, ""),
    ("C13102", "NFO", "FINNIFTY", DEC, 26400, "CE", "NRML", 130, 130, ""),
    ("C13102", "NFO", "NIFTY", DEC, 25000, "CE", "NRML", 10, 10, ""),
    ("C13550", "NSE", "HDFCBANK", "", "", "", "CNC", 200, 0, 200),
    ("C13550", "NSE", "ITC", "", "", "", "CNC", 300, 0, 120),
    ("C13550", "NSE", "TITAN", "", "", "", "CNC", 40, 0, 0),
    ("C13550", "NSE", "ETERNAL", "", "", "", "MTF", 1500, 1500, 1500),
    ("C13550", "NSE", "JIOFIN", "", "", "", "MTF", 2000, 2000, 2000),
    ("C13550", "NSE", "KESORAMIND", "", "", "", "CNC", 1000, 0, 1000),
    ("C13550", "BSE", "ITC", "", "", "", "CNC", 250, 0, 250),
    ("C14021", "MCX", "GOLD", "2027-02-05", "", "", "NRML", 1, 1, ""),
    ("C14021", "MCX", "SILVERM", "2026-11-30", "", "", "NRML", 2, 2, ""),
    ("C14021", "MCX", "NATURALGAS", "2026-12-28", "", "", "NRML", -4, 0, ""),
    ("C14021", "MCX", "COPPER", "2026-12-31", "", "", "NRML", 2, 2, ""),
    ("C14021", "MCX", "CRUDEOIL", "2026-12-18", "", "", "MIS", 3, 0, ""),
    ("C14410", "CDS", "USDINR", DEC, "", "", "NRML", -40, -40, ""),
    ("C14410", "CDS", "USDINR", "2027-01-27", "", "", "NRML", 40, 40, ""),
    ("C14410", "CDS", "EURINR", DEC, "", "", "NRML", 10, 0, ""),
    ("C14410", "CDS", "GBPINR", DEC, "", "", "MIS", -12, 0, ""),
    ("C14410", "CDS", "JPYINR", DEC, "", "", "NRML", 30, 30, ""),
    ("C14873", "NFO", "NIFTY", DEC, 27200, "CE", "NRML", 650, 650, ""),
    ("C14873", "NFO", "NIFTY", W1, 22900, "PE", "NRML", 1300, 1300, ""),
    ("C14873", "BFO", "SENSEX", NOW, 80100, "CE", "NRML", -200, -200, ""),
    ("C14873", "BFO", "SENSEX", NOW, 80500, "CE", "NRML", 200, 200, ""),
    ("C14873", "BFO", "SENSEX", NOW, 79500, "PE", "NRML", 100, 0, ""),
    ("C15220", "NFO", "NIFTY", W2, 24800, "CE", "NRML", -650, -650, ""),
    ("C15220", "NFO", "NIFTY", W2, 25000, "CE", "NRML", 650, 650, ""),
    ("C15220", "NFO", "NIFTY", W2, 24000, "PE", "NRML", -650, -650, ""),
    ("C15220", "NFO", "NIFTY", W2, 23800, "PE", "NRML", 650, 650, ""),
    ("C15220", "NFO", "BANKNIFTY", DEC, 58500, "CE", "NRML", -300, -300, ""),
    ("C15220", "NFO", "BANKNIFTY", DEC, 59000, "CE", "NRML", 300, 300, ""),
    ("C15220", "NFO", "BANKNIFTY", DEC, 56000, "PE", "NRML", -300, -300, ""),
    ("C15220", "NFO", "BANKNIFTY", DEC, 55500, "PE", "NRML", 300, 300, ""),
    ("P00001", "NFO", "BANKNIFTY", DEC, "", "", "NRML", 900, 900, ""),
    ("P00001", "NFO", "NIFTY", DEC, "", "", "NRML", -3900, -3900, ""),
]
# Where the exchange counts otherwise than the back office: client, symbol -> its count.
DIFFERS = {("C11007", "USDINR"): 20}
POSITIONS_WANTED = 372
TRADES_WANTED = 212


class Dice:
    """A small generator of our own, so that the day never depends on a version of Python."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def pick(self, items):
        return items[self.below(len(items))]


dice = Dice(20261126)


class Contract:
    """
    One row of the instruments file, with what the other files need to know of it. Its price is the
    previous settlement, as a dump from before the opening has it; the market goes on from there.
    """

    def __init__(self, exchange, token, trading_symbol, symbol, name, price, tick, lot, kind,
                 expiry="", strike="", series="", decimals=2, segment=None):
        self.exchange, self.token, self.trading_symbol = exchange, token, trading_symbol
        self.symbol, self.name, self.tick, self.lot, self.kind = symbol, name, tick, lot, kind
        self.expiry, self.strike, self.series, self.decimals = expiry, strike, series, decimals
        self.segment = segment or exchange
        self.settled = self.on_tick(price)

    def on_tick(self, price):
        return max(1, round(price / self.tick)) * self.tick if self.tick else price

    def price(self, value):
        return f"{value:.{self.decimals}f}"

    def option_type(self):
        return self.kind if self.kind in ("CE", "PE") else ""

    def unit(self):
        """Quantities are multiples of this: venues that count in lots have one as unit."""
        return 1 if self.exchange in ("CDS", "MCX") else self.lot

    def kite_row(self):
        return [self.token * 256 + SEGMENT[self.exchange], self.token, self.trading_symbol,
                self.name, self.price(self.settled), self.expiry, number(self.strike or 0),
                f"{self.tick:g}", self.lot, self.kind, self.segment, self.exchange]


contracts = {}  # (exchange, symbol, series, expiry, strike, option type) -> Contract


def number(value):
    return f"{value:g}" if value != "" else ""


def add(contract):
    key = (contract.exchange, contract.symbol, contract.series, contract.expiry,
           number(contract.strike), contract.option_type())
    assert key not in contracts, key
    contracts[key] = contract


def find(exchange, symbol, expiry, strike, option_type):
    for series in ("", "EQ", "BE"):
        contract = contracts.get((exchange, symbol, series, expiry, number(strike), option_type))
        if contract:
            return contract
    raise KeyError((exchange, symbol, expiry, strike, option_type))


def cash_tick(price):
    """Ticks of NSE cash since 15-Apr-2025, by the price."""
    for below, tick in ((250, 0.01), (1000, 0.05), (5000, 0.10), (10000, 0.50), (20000, 1)):
        if price < below:
            return tick
    return 5


def days_to(expiry):
    """Calendar days from the drill's day; within 60 days, so that counting is simple."""
    starts = {"2026-11": 0, "2026-12": 30, "2027-01": 61, "2027-02": 92}
    return starts[expiry[:7]] + int(expiry[8:]) - 26


def normal(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def option_price(spot, strike, expiry, volatility, kind):
    years = (days_to(expiry) + 0.2) / 365
    spread = volatility * (1 + abs(strike / spot - 1)) * math.sqrt(years)
    forward = spot * (1 + 0.065 * years)
    d1 = math.log(forward / strike) / spread + spread / 2
    call = forward * normal(d1) - strike * normal(d1 - spread)
    return call if kind == "CE" else call - forward + strike


def code_of(symbol, expiry, weekly):
    year, month, day = expiry[2:4], int(expiry[5:7]), expiry[8:]
    return f"{symbol}{year}{WEEK_MONTH[month - 1]}{day}" if weekly \
        else f"{symbol}{year}{MONTH[month - 1]}"


def make_stocks():
    for line in STOCKS.strip().splitlines():
        symbol, token, name, price, lot, freeze = line.split("|")
        price = float(price)
        add(Contract("NSE", int(token), symbol, symbol, name, price, cash_tick(price), 1, "EQ",
                     series="EQ"))
        if symbol in BSE_SHARES:
            add(Contract("BSE", BSE_SHARES[symbol], symbol, symbol, name, price, cash_tick(price),
                         1, "EQ"))
        yield symbol, price, int(lot), int(freeze)
    for symbol, token, name, price in TRADE_FOR_TRADE:
        add(Contract("NSE", token, symbol + "-BE", symbol, name, price, 0.01, 1, "EQ", series="BE"))


def make_options(exchange, symbol, spot, volatility, lot, step, count, expiry, weekly, tokens):
    middle = round(spot / step) * step
    for strike in (middle + step * i for i in range(-count, count + 1)):
        for kind in ("CE", "PE"):
            price = option_price(spot, strike, expiry, volatility, kind)
            code = code_of(symbol, expiry, weekly) + number(strike) + kind
            add(Contract(exchange, next(tokens), code, symbol, symbol, price, 0.05, lot, kind,
                         expiry, strike, segment=exchange + "-OPT"))


def make_future(exchange, symbol, spot, tick, lot, expiry, tokens, decimals=2, carry=0.06):
    years = days_to(expiry) / 365
    add(Contract(exchange, next(tokens), code_of(symbol, expiry, False) + "FUT", symbol, symbol,
                 spot * (1 + carry * years), tick, lot, "FUT", expiry, decimals=decimals,
                 segment=exchange + "-FUT"))


def counting(first, steps=(1, 2, 1, 4)):
    """Tokens of derivatives are invented; with holes, as the real ones have."""
    i = 0
    while True:
        yield first
        first += steps[i % len(steps)]
        i += 1


def make_contracts():
    """Fills `contracts`; returns the freeze quantity by symbol."""
    freezes = {}
    tokens = {"NFO": counting(35001), "BFO": counting(1120001), "CDS": counting(2011),
              "MCX": counting(466029)}
    stocks = list(make_stocks())
    for exchange, symbol, level, volatility, lot, freeze, step, count, tick in INDICES:
        freezes[symbol] = freeze
        weeks = {"NIFTY": NIFTY_WEEKS, "SENSEX": [NEXT]}.get(symbol, [])
        for expiry in weeks:
            make_options(exchange, symbol, level, volatility, lot, step, count, expiry, True,
                         tokens[exchange])
        months = [NOW] if symbol == "SENSEX" else MONTHS
        for expiry in months:
            wide = step * 2 if symbol == "NIFTY" else step
            make_options(exchange, symbol, level, volatility, lot, wide, count, expiry, False,
                         tokens[exchange])
        for expiry in ["2026-12-31"] if symbol == "SENSEX" else MONTHS:
            make_future(exchange, symbol, level, tick, lot, expiry, tokens[exchange])
    for symbol, price, lot, freeze in stocks:
        if not lot:
            continue
        freezes[symbol] = freeze
        for expiry in MONTHS:
            make_future("NFO", symbol, price, cash_tick(price), lot, expiry, tokens["NFO"])
        if symbol in STOCK_OPTIONS:
            make_options("NFO", symbol, price, 0.24, lot, STOCK_OPTIONS[symbol], 9, DEC, False,
                         tokens["NFO"])
    for exchange, symbol, expiries, price, tick, decimals, lot, freeze in LOTS:
        if freeze:
            freezes[symbol] = freeze
        for expiry in expiries:
            make_future(exchange, symbol, price, tick, lot, expiry, tokens[exchange], decimals)
    return freezes


class Position:
    def __init__(self, client, contract, product, net, overnight, sellable=""):
        self.client, self.contract, self.product = client, contract, product
        self.net, self.overnight, self.sellable = net, overnight, sellable
        drift = (dice.below(61) - 30) / (2000 if contract.kind in ("EQ", "FUT") else 150)
        self.average = contract.on_tick(contract.settled * (1 + drift))

    def key(self):
        return self.client, self.contract.exchange, self.contract.token, self.product

    def row(self):
        c = self.contract
        # A back office knows tokens for shares and seldom for contracts: both ways must resolve.
        token = c.token if c.kind == "EQ" or c.exchange in ("MCX", "CDS") else ""
        return [self.client, c.exchange, token, c.symbol, c.series, c.expiry, number(c.strike),
                c.option_type(), self.product, self.net, self.overnight, c.price(self.average),
                c.price(c.settled), self.sellable, AS_OF]


def round_shares(value, price):
    """A quantity as people trade it: about `value` rupees, in fives or fifties."""
    quantity = max(5, int(value / price))
    step = 50 if quantity >= 500 else 5
    return quantity // step * step


def some_share(client, shares):
    contract = dice.pick(shares)
    sign = 1 if dice.below(5) < 3 else -1
    quantity = round_shares(60000 + dice.below(540000), contract.settled)
    return [Position(client, contract, "MIS", sign * quantity, 0)]


def some_delivery(client, shares):
    contract = dice.pick(shares)
    quantity = round_shares(40000 + dice.below(200000), contract.settled)
    return [Position(client, contract, "CNC", quantity, 0, quantity)]


def some_future(client, futures):
    contract = dice.pick(futures)
    sign = 1 if dice.below(2) else -1
    quantity = sign * contract.lot * (1 + dice.below(2))
    return [Position(client, contract, "NRML", quantity, dice.pick([0, quantity]))]


def some_spread(client, ladder, lots):
    """A short option with a long one further out: the second hedges the first."""
    kind = dice.pick(["CE", "PE"])
    near = [c for c in ladder if c.kind == kind]
    near.sort(key=lambda c: c.strike, reverse=kind == "PE")
    first = len(near) // 2 + 1 + dice.below(len(near) // 4)
    short, wing = near[first], near[first + 1 + dice.below(4)]
    quantity = short.lot * (1 + dice.below(lots))
    overnight = dice.pick([0, quantity])
    return [Position(client, short, "NRML", -quantity, -overnight),
            Position(client, wing, "NRML", quantity, overnight)]


def make_positions():
    positions = [Position(client, find(exchange, symbol, expiry, strike, kind), product, net,
                          overnight, sellable)
                 for client, exchange, symbol, expiry, strike, kind, product, net, overnight,
                 sellable in FIXED]
    # HDFCBANK is left to FIXED: there shall be one such intraday row, and the coach begins on it.
    shares = [c for c in contracts.values() if c.series == "EQ" and c.settled < 12000
              and c.symbol != "HDFCBANK"]
    futures = [c for c in contracts.values() if c.exchange == "NFO" and c.kind == "FUT"
               and c.expiry == DEC and c.symbol not in ("NIFTY", "BANKNIFTY")]
    ladders = [[c for c in contracts.values() if c.symbol == symbol and c.expiry == expiry
                and c.kind in ("CE", "PE")]
               for symbol, expiry in (("NIFTY", W1), ("NIFTY", W2), ("BANKNIFTY", DEC),
                                      ("FINNIFTY", DEC), ("MIDCPNIFTY", DEC), ("SENSEX", NEXT))]
    taken = {p.key() for p in positions}
    makers = [lambda who: some_share(who, shares)] * 6 + \
             [lambda who: some_future(who, futures)] * 2 + \
             [lambda who: some_spread(who, dice.pick(ladders), 8)] * 3 + \
             [lambda who: some_delivery(who, shares)]
    turn = 0
    while len(positions) < POSITIONS_WANTED:
        client = CLIENTS[turn % len(CLIENTS)][0]
        turn += 1
        new = dice.pick(makers)(client)
        if any(p.key() in taken for p in new):
            continue
        positions += new
        taken |= {p.key() for p in new}
    order = {row[0]: i for i, row in enumerate(CLIENTS)}
    return sorted(positions, key=lambda p: order[p.client])


def exchange_rows(positions):
    """The second source: the exchange's own count, which knows no product and no price."""
    sums, contract_of = {}, {}
    for p in positions:
        key = p.key()[:3]
        sums[key] = sums.get(key, 0) + p.net
        contract_of[key] = p.contract
    for (client, exchange, token), net in sums.items():
        c = contract_of[client, exchange, token]
        net = DIFFERS.get((client, c.symbol), net)
        yield [client, exchange, token, c.symbol, c.series, c.expiry, number(c.strike),
               c.option_type(), "", net, "", "", "", "", AS_OF]


def shown(position, client, symbol, strike=""):
    return position.client == client and position.contract.symbol == symbol and \
        number(position.contract.strike) == number(strike)


def make_orders(positions):
    """Orders that rest at the exchange: exits and additions, ours and the dead system's."""
    rows = []

    def rest(position, side, quantity, sender, kind="LIMIT", price=None, away=0.0):
        c = position.contract
        n = len(rows)
        limit = price if price is not None else \
            c.on_tick(c.settled * (1 + (away if side == "SELL" else -away)))
        trigger = ""
        if kind == "SL":  # beyond the market on the losing side: sells below, buys above
            trigger = c.on_tick(c.settled * (1 - away if side == "SELL" else 1 + away))
            limit = c.on_tick(trigger * (0.995 if side == "SELL" else 1.005))
        clord_id = f"261126MUM000{n + 1:07d}" if sender == OURS else ""
        entered = f"{DAY}T09:{16 + n % 44:02d}:{(n * 17) % 60:02d}+05:30"
        rows.append([position.client, c.exchange, position.row()[2], c.symbol, c.series, c.expiry,
                     number(c.strike), c.option_type(), position.product, side, quantity, kind,
                     c.price(limit), c.price(trigger) if trigger else "", "DAY",
                     f"11{n % 4:02d}0000{22345678 + n * 9173:08d}", clord_id, sender, entered,
                     AS_OF])

    def exit_side(position):
        return "SELL" if position.net > 0 else "BUY"

    hedge = next(p for p in positions if shown(p, "C10421", "NIFTY", 24700))
    rest(hedge, "SELL", 1950, OURS, price=75.00 if hedge.contract.settled < 70 else None, away=0.25)
    kept = {"C10733", "C10421", "C12348", "C13102", "C13550", "C14873"}  # other lessons are theirs
    shares = [p for p in positions if p.product == "MIS" and p.contract.exchange == "NSE"
              and p.client not in kept]
    futures = [p for p in positions if p.contract.kind == "FUT" and p.contract.exchange == "NFO"
               and p.client not in kept]
    wings = [p for p in positions if p.contract.kind in ("CE", "PE") and p.net > 0
             and p.client not in kept]
    for position in shares[3:10]:
        rest(position, exit_side(position), abs(position.net), OURS, away=0.03)
    for position in shares[10:16]:
        rest(position, exit_side(position), abs(position.net), OURS, "SL", away=0.02)
    for position in shares[16:20]:
        rest(position, exit_side(position), max(1, abs(position.net) // 2), DEAD_OMS, away=0.03)
    for position in shares[20:23]:
        side = "BUY" if position.net > 0 else "SELL"
        rest(position, side, 10, DEAD_OMS, away=0.03)
    for position in futures[2:6]:
        rest(position, exit_side(position), abs(position.net), OURS, away=0.02)
    for position in futures[6:8]:
        rest(position, exit_side(position), abs(position.net), DEAD_OMS, "SL", away=0.02)
    for position in wings[4:9]:
        rest(position, "SELL", abs(position.net), OURS, away=0.40)
    for position in wings[9:11]:
        rest(position, "SELL", position.contract.lot, DEAD_OMS, away=0.40)
    return rows


def make_trades(positions):
    """
    What the exchange says happened after the snapshot. Each position named is sold (or bought)
    and taken back: whoever counts them and whoever does not ends with the same account.
    """
    busy = [p for p in positions if p.product == "MIS" and p.contract.exchange == "NSE"
            and abs(p.net) >= 20 and not shown(p, "C10733", "HDFCBANK")]
    rows = []
    for i in range(TRADES_WANTED // 2):
        position = busy[(i * 7) % len(busy)]
        c = position.contract
        quantity = max(5, abs(position.net) // (4 + i % 5) // 5 * 5)
        sides = ("SELL", "BUY") if position.net > 0 else ("BUY", "SELL")
        start = i * 10 // (TRADES_WANTED // 2)
        for leg, side in enumerate(sides):
            price = c.on_tick(c.settled + c.tick * (dice.below(9) - 4))
            clock = "10:41:59" if start == 0 else f"10:42:{start - 1 + leg:02d}"
            time = f"{DAY}T{clock}"
            rows.append((time, leg, i, [
                c.exchange, 0, f"1200000{33000000 + i * 2 + leg:08d}1", position.client, c.token,
                c.symbol, c.series, c.expiry, number(c.strike), c.option_type(), position.product,
                side, quantity, c.price(price), time + "+05:30"]))
    rows.sort(key=lambda row: row[:3])
    for number_of_trade, row in enumerate(rows, 50123):
        row[3][1] = number_of_trade
    return [row[3] for row in rows]


CALENDAR = [  # exchange, series, preopen, open, close, closing auction from, to, MIS cut-off
    ("NSE", "EQ", "09:00", "09:15", "15:15", "15:15", "15:35", "15:05"),
    ("NSE", "BE", "09:00", "09:15", "15:30", "", "", ""),
    ("BSE", "", "09:00", "09:15", "15:30", "", "", "15:15"),
    ("NFO", "", "", "09:15", "15:30", "", "", "15:15"),
    ("BFO", "", "", "09:15", "15:30", "", "", "15:15"),
    ("CDS", "", "", "09:00", "17:00", "", "", "16:45"),
    ("BCD", "", "", "09:00", "17:00", "", "", "16:45"),
    ("MCX", "", "", "09:00", "23:30", "", "", "23:00"),
    ("NCO", "", "", "09:00", "23:30", "", "", "23:00"),
]
DEALERS = [
    ("RK07", "R KULKARNI", "DEALER", "MUM-1", 40217, 20000000, 5000000000, "instant", "Y"),
    ("AS11", "A SINGH", "DEALER", "MUM-1", 40218, 20000000, 5000000000, "instant", "Y"),
    ("PM03", "P MATHUR", "DEALER", "MUM-1", 40219, 5000000, 50000000, "preview", "N"),
    ("SV02", "S VAIDYA", "SUPERVISOR", "MUM-1", 40201, 100000000, 20000000000, "preview", "Y"),
    ("SV05", "K VASAN", "SUPERVISOR", "MUM-1", 40202, 100000000, 20000000000, "preview", "Y"),
    ("AU01", "C AUDIT", "AUDITOR", "MUM-1", "", 0, 0, "off", "Y"),
    ("AD01", "O ADMIN", "ADMIN", "MUM-1", "", 0, 0, "off", "Y"),
]

HEADERS = {
    "instruments": "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,"
                   "tick_size,lot_size,instrument_type,segment,exchange",
    "positions": "client,exchange,token,symbol,series,expiry,strike,option_type,product,net_qty,"
                 "overnight_qty,avg_price,prev_settle,sellable_qty,as_of",
    "positions_exchange": "client,exchange,token,symbol,series,expiry,strike,option_type,product,"
                          "net_qty,overnight_qty,avg_price,prev_settle,sellable_qty,as_of",
    "orders": "client,exchange,token,symbol,series,expiry,strike,option_type,product,side,open_qty,"
              "order_type,limit_price,trigger_price,validity,exch_order_no,clord_id,sender_id,"
              "entered_at,as_of",
    "trades": "exchange,trade_no,exch_order_no,client,token,symbol,series,expiry,strike,"
              "option_type,product,side,qty,price,trade_time",
    "clients": "client,name,phone,desk,dealer,backup_dealer,category,cp_code,exch_account,ddpi,"
               "call_required,status",
    "dealers": "dealer,name,role,desk,exch_user_id,max_order_value,max_day_value,one_key,active",
    "calendar": "exchange,series,date,preopen,open,close,closing_auction_start,"
                "closing_auction_end,mis_cutoff",
}


def write(folder, name, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADERS[name].split(","))
    writer.writerows(rows)
    with open(os.path.join(folder, name + ".csv"), "w", encoding="utf-8") as out:
        out.write(text.getvalue())


def write_freezes(folder, freezes):
    """Padded with blanks, as the exchange's own file is."""
    with open(os.path.join(folder, "qtyfreeze.csv"), "w", encoding="utf-8") as out:
        out.write("S.No.,SYMBOL    ,VOL_FRZ_QTY    \n")
        for i, (symbol, freeze) in enumerate(sorted(freezes.items()), 1):
            out.write(f"{i:<5},{symbol:<10},{freeze:<15}\n")


def main(folder):
    freezes = make_contracts()
    positions = make_positions()
    rows = [[token * 256 + 1, token, name, name, f"{level:.2f}", "", 0, 0, 0, "EQ", "INDICES",
             "NSE"] for token, name, level in INDEX_ROWS]
    write(folder, "instruments", rows + [c.kite_row() for c in contracts.values()])
    write_freezes(folder, freezes)
    write(folder, "positions", [p.row() for p in positions])
    write(folder, "positions_exchange", exchange_rows(positions))
    write(folder, "orders", make_orders(positions))
    write(folder, "trades", make_trades(positions))
    write(folder, "clients", [
        [code, name, f"+9198000{10007 + i * 4211:05d}", "MUM-1", dealer,
         "AS11" if dealer == "RK07" else "RK07", category, "", code, "Y" if i % 3 else "N", call,
         "ACTIVE"] for i, (code, name, dealer, category, call) in enumerate(CLIENTS)])
    write(folder, "dealers", DEALERS)
    write(folder, "calendar", [[row[0], row[1], DAY, *row[2:]] for row in CALENDAR])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else
         os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "drill"))
