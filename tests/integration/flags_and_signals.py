#!/usr/bin/env python3
"""Every program explains its flags, refuses wrong ones with one line and exit code 2, and stops cleanly on SIGTERM."""

import argparse
import os
import subprocess
import sys
import tempfile
import urllib.request

from parts import PATIENCE, Process, free_port

SERVERS = ["identity-api", "ticketing-api", "payments-api", "notifications-api", "client-api", "admin-api"]
PROGRAMS = SERVERS + ["ticketing-platform", "bastion", "handheld"]
SECRET = "--service_secret=0123456789abcdef0123456789abcdef"


def run(path, *flags):
    return subprocess.run([path, *flags], capture_output=True, text=True, timeout=20 * PATIENCE, stdin=subprocess.DEVNULL)


def check_help(path, name):
    result = run(path, "--help")
    assert result.returncode == 0, f"{name} --help ends with {result.returncode}"
    assert name in result.stdout and "--config" in result.stdout, f"{name} --help explains too little"
    assert run(path, "--version").returncode == 0, f"{name} --version"


def check_refusals(path, name):
    for flags in (["--no_such_flag=1"], ["--config=/nowhere/at/all"], ["--log_level=loud"]):
        result = run(path, *flags)
        lines = [line for line in result.stderr.split("\n") if line]
        assert result.returncode == 2, f"{name} {flags} ends with {result.returncode}, not 2"
        assert len(lines) == 1, f"{name} {flags} says {len(lines)} lines: {result.stderr}"


def check_server(path, name, folder):
    port = free_port()
    process = Process(name, [path, f"--listen=127.0.0.1:{port}", SECRET] +
                      ([f"--data_dir={folder}/{name}"] if name not in ("client-api", "admin-api") else []), folder)
    process.line(lambda line: "listening" in line)
    for page in ("healthz", "metrics"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=5 * PATIENCE) as answer:
            assert answer.status == 200, f"{name} /{page}"
    second = run(path, f"--listen=127.0.0.1:{port}", SECRET)
    assert second.returncode != 0 and second.stderr.strip(), f"{name} says nothing about a port that is taken"
    assert process.stop(), f"{name} did not stop cleanly on SIGTERM"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ticketing-flags-") as folder:
        for name in PROGRAMS:
            path = os.path.join(arguments.bin, name)
            assert os.path.exists(path), f"{name} was not built"
            check_help(path, name)
            check_refusals(path, name)
        for name in SERVERS:
            check_server(os.path.join(arguments.bin, name), name, folder)
    print(f"{len(PROGRAMS)} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
