#!/usr/bin/env python3
"""Lints the OpenAPI documents that the running gateways serve."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from parts import Api, Process, free_port

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "openapi")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    if shutil.which("npm") is None:
        print("skipped: npm is not installed")
        return 77
    linter = os.path.join(FOLDER, "node_modules", ".bin", "redocly")
    if not os.path.exists(linter):
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, check=True)
    environment = dict(os.environ, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true")
    with tempfile.TemporaryDirectory(prefix="ticketing-openapi-") as folder:
        for name in ("client-api", "admin-api"):
            port = free_port()
            process = Process(name, [os.path.join(arguments.bin, name), f"--listen=127.0.0.1:{port}",
                                     "--service_secret=0123456789abcdef0123456789abcdef"], folder)
            process.line(lambda line: "listening" in line)
            path = os.path.join(folder, name + ".json")
            with open(path, "wb") as out:
                out.write(Api(f"http://127.0.0.1:{port}").get("/openapi.json", raw=True))
            assert process.stop(), f"{name} did not stop cleanly"
            subprocess.run([linter, "lint", "--config", os.path.join(FOLDER, "redocly.yaml"), path], env=environment,
                           check=True)
    print("2 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
