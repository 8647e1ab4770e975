#!/usr/bin/env python3
"""Runs the benchmarks and prints how each figure compares with its baseline of the same run.

Every figure is a ratio: absolute times differ between machines, ratios of one run much less. Writes Google Benchmark's
JSON and summary.json (an array of {what, figure, unit, baseline, ratio, bar, holds}) to BUILD/bench.
"""

import argparse
import json
import os
import subprocess
import sys

# Three kinds of rows. "cost": time, at most `bar` times that of the baseline. "speed": time, the baseline's at least `bar`
# times as long. "limit": a figure that must be at most `bar` by itself. A figure is a benchmark's time in microseconds,
# or with ":name" one of its counters.
SELL = "RowLocks/connections:32"
BEST = "BestAvailable/seats:25000/permille:{}:p99_us"
BEST_LARGE = "BestAvailable/seats:100000/permille:{}:p99_us"
COUNTERS = {"p99_us", "bytes", "delta_bytes", "bytes_per_seat"}
ROWS = [
    ("cost", "one purchase end to end, against its 7 commits alone", "Purchase", "DurableCommits/7", 6.0),
    ("cost", "one scan decision, against a verify and a commit", "ScanDecision", "VerifyAndCommit", 4.0),
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
    ("cost", "hold, book and release: 100,000 seats, against 1,000", "HoldAndBook/seats:100000", "HoldAndBook/seats:1000", 2.0),
]


def run_programs(build, seconds):
    folder = os.path.join(build, "bench")
    os.makedirs(folder, exist_ok=True)
    programs = os.path.join(build, "bench-bin")
    figures = {}
    for name in sorted(os.listdir(programs)):
        out = os.path.join(folder, name + ".json")
        print(f"running {name} ...", file=sys.stderr, flush=True)
        subprocess.run([os.path.join(programs, name), f"--benchmark_out={out}", "--benchmark_out_format=json",
                        f"--benchmark_min_time={seconds}", "--benchmark_repetitions=3",
                        "--benchmark_report_aggregates_only=true"], check=True, stdout=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as file:
            for entry in json.load(file)["benchmarks"]:
                if entry.get("aggregate_name") == "median":
                    scale = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}[entry["time_unit"]]
                    key = entry["run_name"].replace("/real_time", "").replace("/manual_time", "")
                    figures[key] = entry["real_time"] * scale
                    for counter in COUNTERS & entry.keys():
                        figures[f"{key}:{counter}"] = entry[counter]
    return figures


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
    arguments = parser.parse_args()
    figures = run_programs(arguments.build, arguments.seconds)
    summary = []
    for kind, what, name, baseline_name, bar in ROWS:
        if name not in figures or (baseline_name and baseline_name not in figures):
            summary.append({"what": what, "figure": None, "unit": "", "baseline": None, "ratio": None, "bar": "", "holds": False})
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
            print(f"{row['what']:<72} was not measured")
            continue
        baseline = f"{row['baseline']:,.1f} {row['unit']}" if row["baseline"] is not None else ""
        print(f"{row['what']:<72} {row['figure']:>10,.1f} {row['unit']:>2} {baseline:>13} {row['ratio']:>7.2f} {row['bar']:>10}  "
              f"{'yes' if row['holds'] else 'NO'}")
    return 0 if all(row["holds"] for row in summary) else 1


if __name__ == "__main__":
    sys.exit(main())
