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

# what, benchmark, its baseline, the bar: "<= 3.0" means that figure / baseline may be at most 3.
ROWS = [
    ("one purchase end to end, against its 7 commits alone", "Purchase", "DurableCommits/7", "<=", 6.0),
    ("one scan decision, against a verify and a commit", "ScanDecision", "VerifyAndCommit", "<=", 4.0),
    ("a request over HTTP, against the same call in process", "RequestOverHttp", "RequestInProcess", "<=", 6.0),
    ("a lane's commit of 128 sales on PostgreSQL: lists, against row by row", "LaneCommit/1/128/1", "LaneCommit/1/128/0",
     "<=", 0.7),
    ("a lane's commit of 128 sales: PostgreSQL, against SQLite", "LaneCommit/1/128/1", "LaneCommit/0/128/1", "<=", 6.0),
]


def run_programs(build, seconds):
    folder = os.path.join(build, "bench")
    os.makedirs(folder, exist_ok=True)
    programs = os.path.join(build, "bench-bin")
    times = {}
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
                    key = entry["run_name"].replace("/real_time", "")
                    times[key] = entry["real_time"] * scale
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seconds", type=float, default=0.5, help="least time of each benchmark")
    arguments = parser.parse_args()
    times = run_programs(arguments.build, arguments.seconds)
    summary = []
    for what, bench, baseline, sign, bar in ROWS:
        ratio = times[bench] / times[baseline]
        holds = ratio <= bar if sign == "<=" else ratio >= bar
        summary.append({"what": what, "figure": round(times[bench], 2), "unit": "us", "baseline": round(times[baseline], 2),
                        "ratio": round(ratio, 2), "bar": f"{sign} {bar}", "holds": holds})
    with open(os.path.join(arguments.build, "bench", "summary.json"), "w", encoding="utf-8") as file:
        json.dump(summary, file, indent=1)
        file.write("\n")
    print(f"{'what':<56} {'figure':>12} {'baseline':>12} {'ratio':>7} {'bar':>8}  holds")
    for row in summary:
        print(f"{row['what']:<56} {row['figure']:>9,.1f} us {row['baseline']:>9,.1f} us {row['ratio']:>7.2f} {row['bar']:>8}  "
              f"{'yes' if row['holds'] else 'NO'}")
    return 0 if all(row["holds"] for row in summary) else 1


if __name__ == "__main__":
    sys.exit(main())
