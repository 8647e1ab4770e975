#!/usr/bin/env python3
"""The cases in which buyers collide, with the published client of seats.io, for a server on PostgreSQL.

with_postgres.py in tests/integration runs this and gives the server its database by the environment."""

import argparse
import os
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    check = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check.sh")
    program = os.path.join(arguments.bin, "ticketing-api")
    files = ["conflicts.test.mjs", "bad_input.test.mjs", "seasons.test.mjs"]
    return subprocess.run([check, program, *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
