#!/usr/bin/env python3
"""Runs another test script with all servers on PostgreSQL, on a private cluster, and looks for what it left there."""

import argparse
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

from parts import wait_until


def programs():
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    if not folders:
        sys.exit("PostgreSQL is not installed: this test needs Debian's package postgresql")
    return max(folders, key=lambda folder: int(folder.split("/")[-2]))


class Cluster:
    """A server on a Unix socket in a folder of its own. PostgreSQL refuses to run as root."""

    def __init__(self):
        self.bin = programs()
        self.folder = tempfile.mkdtemp(prefix="ticketing-pg-")
        self.user = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.run("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync")
        self.log = open(f"{self.folder}/log", "w", encoding="utf-8")
        self.server = subprocess.Popen(
            [f"{self.bin}/postgres", "-D", f"{self.folder}/data", "-c", "listen_addresses=", "-c",
             f"unix_socket_directories={self.folder}"], stdout=self.log, stderr=self.log, cwd="/", **self.user)
        wait_until("PostgreSQL", lambda: subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", self.folder],
                                                        check=False).returncode == 0)
        self.url = f"postgresql:///postgres?host={self.folder}&user=postgres"

    def run(self, program, *arguments):
        return subprocess.run([f"{self.bin}/{program}", *arguments], check=True, capture_output=True, text=True,
                              cwd="/", **self.user).stdout

    def ask(self, sql):
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", sql).strip()

    def close(self):
        self.server.send_signal(signal.SIGINT)
        self.server.wait()
        self.log.close()
        shutil.rmtree(self.folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--tables", nargs="+", help="must have rows in the end",
                        default=["ticketing.orders", "ticketing.tickets", "payments.payments", "identity.accounts"])
    parser.add_argument("script", help="the test script; it gets --bin")
    arguments = parser.parse_args()
    cluster = Cluster()
    try:
        environment = dict(os.environ, TICKETING_DATABASE_URL=cluster.url)
        status = subprocess.run([sys.executable, arguments.script, "--bin", arguments.bin], env=environment,
                                check=False).returncode
        if status == 0:
            for table in arguments.tables:
                rows = int(cluster.ask(f"SELECT count(*) FROM {table}"))
                assert rows > 0, f"{table} is empty: the servers kept their data elsewhere"
                print(f"{table}: {rows} rows on PostgreSQL", flush=True)
        return status
    finally:
        cluster.close()


if __name__ == "__main__":
    sys.exit(main())
