#!/usr/bin/env python3
"""Runs the benchmarks and prints how each figure compares with its baseline of the same run.

Every figure is a ratio: absolute times differ between machines, ratios of one run much less. Writes Google Benchmark's
JSON and summary.json (an array of {what, figure, unit, baseline, ratio, bar, holds}; holds is null for what this machine
cannot measure) to BUILD/bench.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time

# Three kinds of rows. "cost": time, at most `bar` times that of the baseline. "speed": time, the baseline's at least `bar`
# times as long. "limit": a figure that must be at most `bar` by itself. A figure is a benchmark's time in microseconds,
# or with ":name" one of its counters.
SELL = "RowLocks/connections:32"
BEST = "BestAvailable/seats:25000/permille:{}:p99_us"
BEST_LARGE = "BestAvailable/seats:100000/permille:{}:p99_us"
SOLD_OUT = "SellOut/door:{}"
COPY = "LoadCopy/tickets:{}"
SCANS = "GroupedScans/tickets:{}/fibers:0"
COUNTERS = {"p99_us", "bytes", "delta_bytes", "bytes_per_seat", "held_bytes", "ms"}
ROWS = [
    ("cost", "one purchase end to end, against its 7 commits alone", "Purchase", "DurableCommits/7", 6.0),
    ("cost", "one scan decision, against a verify and a commit", "ScanDecision", "VerifyAndCommit", 4.0),
    ("cost", "a scan on one core, commits shared, against a bare verify", SCANS.format(25_000), "RawVerify/sign:0", 1.25),
    ("cost", "the same, against a verify and a signature", SCANS.format(25_000), "RawVerify/sign:1", 2.0),
    ("cost", "the same among 1,000,000 tickets, against 1,000", SCANS.format(1_000_000), SCANS.format(1_000), 1.5),
    ("limit", "one scan alone, on disk: p99, us", "ScanDecision:p99_us", None, 2_000),
    ("limit", "event copy of 25,000 tickets: bytes on the wire", COPY.format(25_000) + ":bytes", None, 1_000_000),
    ("limit", "the same, from the wire to disk: us", COPY.format(25_000), None, 500_000),
    ("limit", "the same, memory of the gate that holds it: bytes", COPY.format(25_000) + ":held_bytes", None, 16 << 20),
    ("cost", "the same of 250,000 tickets, against 25,000", COPY.format(250_000), COPY.format(25_000), 11.0),
    ("limit", "50 logs of 500 scans merged in the cloud's gate: us", "MergeLogs", None, 500_000),
    ("limit", "a bastion's scans over HTTPS, all handhelds at once: us a scan", "BastionScans", None, 200),
    ("limit", "the same at 200 scans a second: p99, us", "BastionAtPace:p99_us", None, 10_000),
    ("cost", "a request over HTTP, against the same call in process", "RequestOverHttp", "RequestInProcess", 6.0),
    ("cost", "a lane's commit of 128 sales on PostgreSQL: lists, against row by row", "LaneCommit/1/128/1",
     "LaneCommit/1/128/0", 0.7),
    ("cost", "a lane's commit of 128 sales: PostgreSQL, against SQLite", "LaneCommit/1/128/1", "LaneCommit/0/128/1", 6.0),
    ("speed", "durable sales, SQLite, 1,024 outstanding, against row locks", "LaneAsync/postgres:0/outstanding:1024", SELL, 25),
    ("speed", "durable sales, SQLite, 128 callers, against row locks", "LaneBlocking/postgres:0/callers:128", SELL, 8),
    ("speed", "durable sales, PostgreSQL lane, 1,024 outstanding", "LaneAsync/postgres:1/outstanding:1024", SELL, 8),
    ("speed", "durable sales, PostgreSQL lane, 128 callers", "LaneBlocking/postgres:1/callers:128", SELL, 5),
    *[("limit", f"best 2 of 25,000 seats, {sold} % sold: p99, us", BEST.format(permille), None, 5.0)
      for permille, sold in ((0, "0"), (500, "50"), (950, "95"), (999, "99.9"))],
    *[("cost", f"the same of 100,000 seats, {sold} % sold", BEST_LARGE.format(permille), BEST.format(permille), 4.0)
      for permille, sold in ((0, "0"), (500, "50"), (950, "95"), (999, "99.9"))],
    ("limit", "availability map of 25,000 seats: bytes", "Map/25000:bytes", None, 8192),
    ("limit", "availability map of 25,000 seats: us", "Map/25000", None, 20.0),
    ("limit", "its delta after one sale: bytes", "Map/25000:delta_bytes", None, 1024),
    ("limit", "memory of an event with every seat held: bytes a seat", "MemoryWhenHeld:bytes_per_seat", None, 64),
    # Of each door: every seat once, none lost; a run that finds otherwise has no figure.
    ("limit", "25,000 seats sold out over HTTP: ticketing-api, seats.io's API: ms", SOLD_OUT.format(0) + ":ms", None, 1200),
    ("limit", "the same: ticketing-api, /v1, with orders and tickets: ms", SOLD_OUT.format(1) + ":ms", None, 1200),
    ("limit", "the same through client-api: ms", SOLD_OUT.format(2) + ":ms", None, 2500),
    ("cost", "hold, book and release: 100,000 seats, against 1,000", "HoldAndBook/seats:100000", "HoldAndBook/seats:1000", 2.0),
]


def has_postgres():
    """Whether a PostgreSQL server is installed where the tests' fixture looks for one."""
    return bool(glob.glob("/usr/lib/postgresql/*/bin/initdb"))


def benchmark_of(figure):
    """The benchmark that a figure comes from, without the name of a counter."""
    name, _, counter = figure.rpartition(":")
    return name if counter in COUNTERS else figure


def needs_postgres(name):
    return name is not None and (name == SELL or "postgres:1" in name or name.startswith("LaneCommit/1/"))


def run_program(path, out, seconds):
    """Runs one program and says on standard error what it has come to. Whether it ended well."""
    command = [path, f"--benchmark_out={out}", "--benchmark_out_format=json", f"--benchmark_min_time={seconds}",
               "--benchmark_repetitions=3", "--benchmark_report_aggregates_only=true"]
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            name = line.split(" ")[0]
            if name.endswith("_median") or "ERROR OCCURRED" in line:
                print(f"  {time.monotonic() - start:5.0f} s  {' '.join(line.split())[:110]}", file=sys.stderr, flush=True)
    return process.returncode == 0


def read_figures(out, figures, refusals):
    """Adds the medians of one program's JSON, and why a benchmark of it gave none."""
    with open(out, encoding="utf-8") as file:
        entries = json.load(file)["benchmarks"]
    for entry in entries:
        key = re.sub("/(real_time|manual_time|iterations:1)(?=/|$)", "", entry.get("run_name", entry["name"]))
        if entry.get("error_occurred"):
            refusals[key] = entry.get("error_message", "failed")
        elif entry.get("aggregate_name") == "median":
            scale = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}[entry["time_unit"]]
            figures[key] = entry["real_time"] * scale
            for counter in COUNTERS & entry.keys():
                figures[f"{key}:{counter}"] = entry[counter]


def run_programs(build, seconds, only):
    folder = os.path.join(build, "bench")
    os.makedirs(folder, exist_ok=True)
    programs = os.path.join(build, "bench-bin")
    figures, refusals = {}, {}
    names = sorted(os.listdir(programs))
    for number, name in enumerate(names, 1):
        out = os.path.join(folder, name + ".json")
        if only and name not in only:
            if os.path.exists(out):
                print(f"[{number}/{len(names)}] {name}: as it was measured before", file=sys.stderr, flush=True)
                read_figures(out, figures, refusals)
            continue
        print(f"[{number}/{len(names)}] {name}", file=sys.stderr, flush=True)
        if os.path.exists(out):
            os.remove(out)
        if not run_program(os.path.join(programs, name), out, seconds):
            print(f"  {name} did not end well", file=sys.stderr, flush=True)
            continue
        read_figures(out, figures, refusals)
    # A benchmark that failed once has no figure, whatever its other repetitions gave.
    return {key: value for key, value in figures.items() if benchmark_of(key) not in refusals}, refusals


def compare(kind, figure, baseline, bar):
    if kind == "speed":
        ratio = baseline / figure
        return ratio, ratio >= bar
    if kind == "cost":
        ratio = figure / baseline
        return ratio, ratio <= bar
    return figure / bar, figure <= bar


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seconds", type=float, default=0.5, help="least time of each benchmark")
    parser.add_argument("--only", action="append", metavar="PROGRAM",
                        help="run this program only (may stand more than once); the others are told as they were measured last")
    arguments = parser.parse_args()
    figures, refusals = run_programs(arguments.build, arguments.seconds, arguments.only)
    without_postgres = not has_postgres()
    summary = []
    for kind, what, name, baseline_name, bar in ROWS:
        if name not in figures or (baseline_name and baseline_name not in figures):
            skipped = without_postgres and (needs_postgres(name) or needs_postgres(baseline_name))
            missing = name if name not in figures else baseline_name
            why = "PostgreSQL is not installed" if skipped else refusals.get(benchmark_of(missing), "was not measured")
            # What this machine cannot measure is not a bar that does not hold.
            summary.append({"what": what, "figure": None, "unit": "", "baseline": None, "ratio": None, "bar": "",
                            "holds": None if skipped else False, "why": why})
            continue
        figure = figures[name]
        baseline = figures[baseline_name] if baseline_name else None
        ratio, holds = compare(kind, figure, baseline, bar)
        unit = "" if ":" in name.split("/")[-1] and name.split(":")[-1] in COUNTERS else "us"
        summary.append({"what": what, "figure": round(figure, 2), "unit": unit,
                        "baseline": round(baseline, 2) if baseline is not None else None, "ratio": round(ratio, 2),
                        "bar": f"{'>=' if kind == 'speed' else '<='} {bar}{' x' if kind == 'speed' else ''}", "holds": holds})
    with open(os.path.join(arguments.build, "bench", "summary.json"), "w", encoding="utf-8") as file:
        json.dump(summary, file, indent=1)
        file.write("\n")
    print(f"{'what':<72} {'figure':>13} {'baseline':>13} {'ratio':>7} {'bar':>10}  holds")
    for row in summary:
        if row["figure"] is None:
            print(f"{row['what']:<72} {'skipped' if row['holds'] is None else 'NO'}: {row['why']}")
            continue
        baseline = f"{row['baseline']:,.1f} {row['unit']}" if row["baseline"] is not None else ""
        print(f"{row['what']:<72} {row['figure']:>10,.1f} {row['unit']:>2} {baseline:>13} {row['ratio']:>7.2f} {row['bar']:>10}  "
              f"{'yes' if row['holds'] else 'NO'}")
    return 0 if all(row["holds"] is not False for row in summary) else 1


if __name__ == "__main__":
    sys.exit(main())
