#!/usr/bin/env python3
"""How long news takes to everybody at a venue, by every road, with the real programs on this machine.

    bench/sync_bounds.py --bin build/release/bin [--repeats 10] [--converge]

A platform, a bastion, its spare and seven handhelds: two that ask the cloud, two at the bastion, one at the spare, and
two that hear only each other. Each change is made so many times; a watcher looks into every device's own database
every few milliseconds. The clock of a change starts when whoever made it had the answer.

With --converge each change is made once and nobody's time is judged: that is the test that news arrives at all.
Otherwise it fails when a handheld in contact learned of something later than the bound of its road.
"""

import argparse
import base64
import contextlib
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tests", "integration"), os.path.join(ROOT, "examples", "demo")]

from parts import PATIENCE, Link, free_port, wait_until  # noqa: E402
from venue import STAFF_PIN, Bastion, Handheld, Venue, check  # noqa: E402

# From the pauses in the code, in ms; the steps of a road add up, and each step ends with a round of requests (ROUND).
ROUND = 100
CLOUD_POLL = 1000       # ScannerConfig::sync_interval: a handheld asks the cloud
BASTION_POLL = 500      # BastionOptions::sync_interval: a bastion asks the cloud
FOLLOW = 250            # a spare asks the first bastion
NEWS = 250              # News: gathered for 200 ms, looked at every 50 ms
DEVICES = 600           # ticketing asks identity for devices: every 500 ms, at a tick of 100 ms
TOLD_AT_ONCE = 100      # a bastion tells the cloud whom staff shut out with its next tick
SCREEN = 600            # Notices: conflicts are looked for every 500 ms, between two looks at the scanner
PEER_PUSH = 100         # PeerExchange: told as it is decided, by threads that look every 20 ms
BOUNDS = {
    "cloud > handheld": CLOUD_POLL + ROUND,
    "cloud > bastion > handheld": BASTION_POLL + ROUND + NEWS + ROUND,
    "cloud > bastion > spare > handheld": BASTION_POLL + ROUND + NEWS + ROUND,
    "bastion > handheld": NEWS + ROUND,
    "bastion > spare": FOLLOW + ROUND,
    "bastion > cloud > handheld": BASTION_POLL + ROUND + CLOUD_POLL + ROUND,
    "peer > peer": PEER_PUSH + ROUND,
}
IN_CONTACT = 2000


class Watch:
    """Notes when the answer to a question about a device's database changes, for all devices at once."""

    def __init__(self, folders):
        self.folders, self.seen, self.lock, self.stopped = folders, {}, threading.Lock(), threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        wait_until("a first look at every device", lambda: len(self.seen) == 5 * len(folders))

    def _ask(self, database):
        return database.execute(
            "SELECT (SELECT COUNT(*) FROM tickets), (SELECT COALESCE(SUM(status), 0) FROM tickets), "
            "(SELECT COUNT(*) FROM devices WHERE revoked = 1), (SELECT COUNT(*) FROM conflicts), "
            "(SELECT COUNT(*) FROM scans) + (SELECT COALESCE(SUM(LENGTH(notes)), 0) FROM passages)").fetchone()

    def _look(self):
        with contextlib.ExitStack() as stack:
            databases = {name: stack.enter_context(contextlib.closing(
                sqlite3.connect(f"file:{folder}/gate.db?mode=ro", uri=True, timeout=5)))
                for name, folder in self.folders.items()}
            while not self.stopped.wait(0.004):
                for name, database in databases.items():
                    answer = self._ask(database)
                    now = time.monotonic()
                    with self.lock:
                        for what, value in zip(("sale", "revocation", "device", "conflict", "scan"), answer):
                            if self.seen.get((name, what), (None,))[0] != value:
                                self.seen[name, what] = (value, now)

    def now(self, what):
        with self.lock:
            return {name: self.seen.get((name, what), (None, 0))[0] for name in self.folders}

    def arrivals(self, what, before, names, since):
        """Seconds from `since` until each of them had another answer than before."""
        def all_have():
            with self.lock:
                return all(self.seen[name, what][0] != before[name] for name in names)
        wait_until(f"news of a {what} at {', '.join(names)}", all_have, 60)
        with self.lock:
            return {name: max(0.0, self.seen[name, what][1] - since) for name in names}

    def stop(self):
        self.stopped.set()
        self.thread.join()


class Measured:
    """Times by road and change."""

    def __init__(self):
        self.times = {}

    def add(self, roads, change, arrivals):
        for name, seconds in arrivals.items():
            self.times.setdefault((roads[name], change), []).append(1000 * seconds)

    def table(self):
        lines = ["| road | news | bound, ms | median, ms | worst, ms | times |", "|---|---|---|---|---|---|"]
        for (road, change), times in self.times.items():
            lines.append(f"| {road} | {change} | {bound_of(road, change)} | {statistics.median(times):.0f} | "
                         f"{max(times):.0f} | {len(times)} |")
        return "\n".join(lines)

    def late(self):
        """Roads on which a handheld in contact was told later than promised."""
        return [f"{road}, {change}: {max(times):.0f} ms" for (road, change), times in self.times.items()
                if max(times) > max(bound_of(road, change), IN_CONTACT) * PATIENCE]


def bound_of(road, change):
    bound = BOUNDS[road]
    if change == "a device shut out" and "cloud" in road:
        bound += DEVICES
    if change == "a device shut out" and road == "bastion > cloud > handheld":
        bound += TOLD_AT_ONCE - BASTION_POLL
    if change == "conflict on the screen":
        bound += SCREEN
    return bound


def new_public_key():
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True).stdout
    return subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=key, check=True,
                          capture_output=True).stdout[-32:]


def new_device_id():
    number, digits = random.getrandbits(63) | 1, ""
    for _ in range(13):
        number, digits = number >> 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number & 31] + digits
    return "dev_" + digits


class Stage(Venue):
    """Everybody at the venue."""

    def open(self, victims):
        self.start_platform()
        self.sell(40)
        self.first = Bastion(self, "first", cloud_url=self.admin_url)
        # Wires to the bastions that can be cut: one handheld's, and those of two that will hear only each other.
        ports = free_port(), free_port(), free_port()
        self.wires, self.far_wire = (Link(self.first.port), Link(ports[2])), Link(self.first.port)
        self.spare = Bastion(self, "spare", f"--address=127.0.0.1:{self.wires[1].port}", port=ports[2],
                             cloud_url=self.admin_url, follow=self.first)
        cloud = [Handheld(self, f"cloud{n}", f"--cloud_url={self.admin_url}",
                          f"--pairing_code={self.pair('handheld', f'cloud{n}')}", "--no_peers") for n in (1, 2)]
        near = Handheld(self, "near", f"--pairing={self.first.pairing}", "--no_peers")
        cuttable = Handheld(self, "cuttable", f"--pairing={self.first.pairing}",
                            f"--bastion_url=https://127.0.0.1:{self.wires[0].port}", "--no_peers")
        at_spare = Handheld(self, "at-spare", f"--pairing={self.spare.pairing}", f"--bastion_url={self.spare.url}",
                            "--no_peers")
        peers = [Handheld(self, f"peer{n}", f"--pairing={self.first.pairing}",
                          f"--bastion_url=https://127.0.0.1:{self.far_wire.port}", "--peer_listen=127.0.0.1:0",
                          f"--peer_group=239.255.84.75:{ports[n]}", f"--peer=127.0.0.1:{ports[1 - n]}") for n in (0, 1)]
        self.handhelds = {one.name: one for one in (*cloud, near, cuttable, at_spare, *peers)}
        self.victims = []
        for number in range(victims):  # devices that join only to be shut out
            device = new_device_id()
            self.admin.post("/v1/devices", {
                "pairing_code": self.pair("handheld", f"victim{number}"), "device_id": device,
                "public_key": base64.b64encode(new_public_key()).decode()})
            self.victims.append(device)
        folders = {name: one.folder for name, one in self.handhelds.items()}
        folders.update(first=self.first.folder, spare=self.spare.folder)
        for folder in folders.values():
            wait_until("every device to know of all", lambda f=folder: self._devices_in(f) == 10 + victims, 60)
        # They know the other bastion, too, and would go there.
        for peer in peers:
            peer.process.stop()
            with open(f"{peer.folder}/bastions", encoding="ascii") as known:
                kept = [line for line in known if self.first.pin in line]
            with open(f"{peer.folder}/bastions", "w", encoding="ascii") as known:
                known.writelines(kept)
        self.far_wire.cut()
        for peer in peers:
            peer.start()
        for peer in peers:
            peer.scan(self.ticket())
            peer.scan(self.ticket())
            peer.turns_to("peers")
        self.watch = Watch(folders)

    @staticmethod
    def _devices_in(folder):
        with contextlib.closing(sqlite3.connect(f"file:{folder}/gate.db?mode=ro", uri=True, timeout=5)) as database:
            return database.execute("SELECT COUNT(*) FROM devices").fetchone()[0]


FROM_CLOUD = {"cloud1": "cloud > handheld", "near": "cloud > bastion > handheld",
              "at-spare": "cloud > bastion > spare > handheld"}


def news_of_the_cloud(stage, measured):
    """A sale, a ticket that staff cancels, a device that is shut out."""
    watch = stage.watch

    def change(kind, label, make):
        before = watch.now(kind)
        made = make()
        measured.add(FROM_CLOUD, label, watch.arrivals(kind, before, FROM_CLOUD, time.monotonic()))
        return made
    ticket = change("sale", "a new sale", stage.buy)[0]
    change("revocation", "a ticket revoked",
           lambda: stage.admin.post(f"/v1/tickets/{ticket['id']}/status", {"status": "blocked", "reason": "robado"}))
    device = stage.victims.pop()
    change("device", "a device shut out", lambda: stage.admin.post(f"/v1/devices/{device}/revoke"))


def shut_out_at_bastion(stage, measured):
    roads = {"near": "bastion > handheld", "at-spare": "bastion > handheld", "spare": "bastion > spare",
             "cloud2": "bastion > cloud > handheld"}
    everybody = (*roads, "first", "cloud1")
    wait_until("all to have heard of the one before",
               lambda: len({count for name, count in stage.watch.now("device").items() if name in everybody}) == 1)
    before = stage.watch.now("device")
    check(stage.first.post_form("/console/revocations", device=stage.victims.pop(), pin=STAFF_PIN) == 303, "not shut out")
    measured.add(roads, "a device shut out", stage.watch.arrivals("device", before, roads, time.monotonic()))


def scans(stage, measured):
    """A scan at one gate, told at the others."""
    for who, roads in (
            ("near", {"cuttable": "bastion > handheld", "at-spare": "bastion > handheld", "spare": "bastion > spare",
                      "cloud1": "bastion > cloud > handheld"}),
            ("cloud1", {"cloud2": "cloud > handheld", "near": "cloud > bastion > handheld"}),
            ("peer0", {"peer1": "peer > peer"})):
        before = stage.watch.now("scan")
        stage.handhelds[who].admits(stage.ticket())
        measured.add(roads, "a scan", stage.watch.arrivals("scan", before, roads, time.monotonic()))
        # The next scan's news must not be taken for this one's.
        total = stage.watch.now("scan")
        wait_until("calm", lambda total=total: stage.watch.now("scan") == total or total.update(stage.watch.now("scan")))
        time.sleep(1.5)


def conflict(stage, measured):
    """Two gates that cannot hear each other admit one ticket; from when the bastion knows, both screens must show it."""
    near, cut, code = stage.handhelds["near"], stage.handhelds["cuttable"], stage.ticket()
    before = stage.watch.now("conflict")
    shown = len(near.conflicts), len(cut.conflicts)
    for wire in stage.wires:
        wire.cut()
    cut.admits(code, "alone")
    near.admits(code, "bastion")
    for wire in stage.wires:
        wire.mend()
    healed = time.monotonic()
    known = healed + stage.watch.arrivals("conflict", before, ["first"], healed)["first"]
    times = {}
    for gate, count in ((near, shown[0]), (cut, shown[1])):
        gate.until("show the conflict", lambda g=gate, c=count: len(g.conflicts) > c)
        times[gate.name] = max(0.0, time.monotonic() - known)
    measured.add({"near": "bastion > handheld", "cuttable": "bastion > handheld"}, "conflict on the screen", times)
    cut.turns_to("bastion")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the folder with the programs")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--converge", action="store_true", help="each change once, and nobody's time is judged")
    arguments = parser.parse_args()
    repeats = 1 if arguments.converge else arguments.repeats
    folder = tempfile.mkdtemp(prefix="ticketing-bounds-")
    stage, measured = Stage(arguments.bin, folder), Measured()
    try:
        stage.open(2 * repeats)
        for number in range(repeats):
            news_of_the_cloud(stage, measured)
            shut_out_at_bastion(stage, measured)
            scans(stage, measured)
            if number < 3:
                conflict(stage, measured)
        stage.watch.stop()
        badly = stage.here.close()
        check(not badly, f"did not stop cleanly: {badly}")
    except BaseException:
        print(f"logs: {folder}", file=sys.stderr)
        stage.here.close()
        raise
    shutil.rmtree(folder, ignore_errors=True)
    print(measured.table())
    late = [] if arguments.converge else measured.late()
    for road in late:
        print(f"late: {road}", file=sys.stderr)
    print(f"{len(measured.times) - len(late)} passed, {len(late)} failed")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
