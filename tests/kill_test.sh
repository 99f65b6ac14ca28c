#!/bin/bash
# A short run of the chaos with real processes: kill -9 in mid-close, judged by the exchange's account.
cd "$(dirname "$0")/.." || exit 1
exec scripts/kill_chaos.py --times 5 --build "${BUILD:-build}"
