#!/usr/bin/env python3
"""A bastion in trouble, with the real programs: its disk runs full; its machine is lost and another one takes its place
under its sealed identity; its data is an old copy of itself.

    bastion_troubles.py --bin build/release/bin --scene NAME

Each scene ends with every scan in the cloud, once, as a screen showed it. Where a file system cannot be mounted the
full disk says so and ends with 77.
"""

import argparse
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from parts import Link, wait_until
from venue import Bastion, Handheld, Venue, check

SKIPPED = 77
PASSPHRASE = "cinco caballos en la lluvia"


class Stage(Venue):
    """The platform on a link that can be cut, a bastion, and two gates."""

    def open(self, bastion_folder=None, *flags):
        self.start_platform()
        self.sell(30)
        self.link = Link(self.admin_port)
        self.cloud_url = f"http://127.0.0.1:{self.link.port}"
        self.bastion = Bastion(self, "bastion", *flags, folder=bastion_folder, cloud_url=self.cloud_url)
        self.left, self.right = [Handheld(self, name, f"--pairing={self.bastion.pairing}", "--no_peers")
                                 for name in ("left", "right")]
        self.gates = [self.left, self.right]
        self.bastions = [self.bastion]

    def another(self, name, folder, **options):
        bastion = Bastion(self, name, folder=folder, enrol=False, cloud_url=self.cloud_url, **options)
        self.bastions.append(bastion)
        return bastion

    def shown(self):
        return {scan_id: scan for gate in self.gates for scan_id, scan in gate.scans.items()}

    def wait_for_agreement(self, bastion):
        """Everything that a screen showed is in the cloud, once, and the bastion's log is one log."""
        scans = wait_until("every scan to reach the cloud", lambda: next(
            (cloud for cloud in [self.scans_in_cloud()["scans"]] if {scan["id"] for scan in cloud} >= set(self.shown())),
            None), 60)
        check(len(scans) == len(self.shown()), "the cloud knows scans that no screen showed")
        for scan in scans:
            mine = self.shown()[scan["id"]]
            check((scan["outcome"], scan["reason"]) == (mine["outcome"], mine["reason"]) and not scan["disputed"],
                  f"the cloud tells another story: {scan}, not {mine}")
        wait_until("the cloud to have the bastion's whole log", lambda: bastion.devices()[bastion.id]["lag"] == 0, 60)
        status = bastion.status()
        check(status["decides"] and status["log_whole"] and not status["log_forked"], f"not as it should be: {status}")
        check(not bastion.log_says("log-broken"), "somebody rejected an entry")


def own_entries(folder):
    """The bastion's own log, as it lies in its database: number and bytes."""
    with contextlib.closing(sqlite3.connect(f"file:{folder}/gate.db?mode=ro", uri=True, timeout=5)) as database:
        return database.execute("SELECT l.sequence, l.entry FROM log_entries l JOIN own_log o ON o.device = l.device "
                                "ORDER BY l.sequence").fetchall()


def full_disk(stage):
    disk = f"{stage.folder}/small-disk"
    os.makedirs(disk)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True).returncode != 0:
        print("skipped: mounting is not permitted here")
        sys.exit(SKIPPED)
    stage.undo.append(lambda: subprocess.run(["umount", "-l", disk], capture_output=True))
    stage.open(f"{disk}/data", "--disk_warning_mb=6")
    used = stage.ticket()
    stage.left.admits(used, "bastion")
    check(stage.bastion.status()["disk"]["state"] == "fine", f"not fine: {stage.bastion.status()['disk']}")
    with open(f"{disk}/filler", "wb", buffering=0) as filler:
        def fill_until(left):
            while shutil.disk_usage(disk).free > left:
                filler.write(bytes(4096))
        fill_until(4 << 20)
        wait_until("the warning", lambda: stage.bastion.status()["disk"]["state"] == "low")
        page = stage.bastion.api.get("/?lang=en", raw=True).decode()
        check("Disk nearly full" in page, "the page does not warn")
        check("ticketing_disk_free_bytes" in stage.bastion.api.get("/metrics", raw=True).decode(), "no metric")
        stage.right.admits(stage.ticket(), "bastion")
        with contextlib.suppress(OSError):
            while True:
                filler.write(bytes(512))
    for gate in stage.gates:
        gate.admits(stage.ticket(), "alone")
    wait_until("it to say so", lambda: stage.bastion.status()["disk"]["state"] == "full")
    check(stage.bastion.log_says("The disk is full"), "the log does not say so")
    for gate in stage.gates:
        gate.turns_to("alone")
        gate.admits(stage.ticket(), "alone")
    # Whoever asks the page or for news is still answered.
    check("Disk full" in stage.bastion.api.get("/?lang=en", raw=True).decode(), "the page does not say so")
    os.unlink(f"{disk}/filler")
    wait_until("it to have noticed the room", lambda: stage.bastion.status()["disk"]["state"] != "full")
    for gate in stage.gates:
        gate.asks_bastion_again(used)
        gate.admits(stage.ticket(), "bastion")
    stage.wait_for_agreement(stage.bastion)
    return "it warned, refused, said so, and decided again when there was room; nothing was lost"


def old_copy(stage):
    stage.open()
    old = f"{stage.folder}/backup"
    for gate in stage.gates:
        gate.admits(stage.ticket(), "bastion")
    check(stage.bastion.process.stop(), "it did not stop")
    shutil.copytree(stage.bastion.folder, old)
    stage.bastion.start()
    used = stage.ticket()
    stage.left.admits(used)
    for gate in stage.gates:
        gate.asks_bastion_again(used)
    wait_until("the cloud to have its log", lambda: stage.bastion.devices()[stage.bastion.id]["lag"] == 0, 60)
    before = own_entries(stage.bastion.folder)
    stage.bastion.process.kill()
    shutil.rmtree(stage.bastion.folder)
    stage.link.cut()
    copy = stage.another("copy", old, port=stage.bastion.port)
    for gate in stage.gates:
        gate.admits(stage.ticket(), "alone")
        gate.admits(stage.ticket(), "alone")
    status = copy.status()
    check(not status["decides"] and not status["log_whole"], f"an old copy decides: {status}")
    check(len(own_entries(old)) < len(before), "it wrote in its log, or lost nothing")
    stage.link.mend()
    wait_until("it to have its past back", lambda: copy.status()["decides"], 60)
    for gate in stage.gates:
        gate.asks_bastion_again(used)
    check(own_entries(old)[:len(before)] == before, "its past is another one")
    stage.right.refuses(used, "already_used", "bastion")
    stage.left.admits(stage.ticket(), "bastion")
    stage.wait_for_agreement(copy)
    return f"it decided nothing before its {len(before)} entries were back"


def replaced(stage):
    stage.open()
    sealed = f"{stage.folder}/bastion.identity"
    program, environment = stage.program("bastion"), {**os.environ, "TICKETING_PASSPHRASE": PASSPHRASE}

    def run(*flags, **more):
        return subprocess.run([program, *flags], capture_output=True, text=True, timeout=60, env={**environment, **more})
    said = json.loads(run(f"--data_dir={stage.bastion.folder}", f"--seal_identity={sealed}").stdout)
    check(said["sealed"] and said["device_id"] == stage.bastion.id, f"not sealed: {said}")
    with open(sealed, "rb") as file, open(f"{stage.bastion.folder}/device.key", "rb") as key:
        check(key.read().strip().split(b"\n")[-1] not in file.read(), "the key is readable")
    used = stage.ticket()
    stage.left.admits(used, "bastion")
    wait_until("the cloud to have its log", lambda: stage.bastion.devices()[stage.bastion.id]["lag"] == 0, 60)
    stage.bastion.process.kill()
    shutil.rmtree(stage.bastion.folder)
    stage.right.admits(stage.ticket(), "alone")
    fresh = f"{stage.folder}/fresh"
    wrong = run(f"--data_dir={fresh}", f"--open_identity={sealed}", TICKETING_PASSPHRASE="another passphrase")
    check(wrong.returncode != 0 and not os.path.exists(f"{fresh}/device.key"), f"opened with another: {wrong}")
    opened = json.loads(run(f"--data_dir={fresh}", f"--open_identity={sealed}").stdout)
    check(opened["opened"] and opened["device_id"] == stage.bastion.id, f"not opened: {opened}")
    again = run(f"--data_dir={fresh}", f"--open_identity={sealed}")
    check(again.returncode != 0, "it replaced an identity")
    new = stage.another("new", fresh, port=stage.bastion.port)
    check(new.id == stage.bastion.id and new.pin == stage.bastion.pin, "another identity")
    for gate in stage.gates:
        gate.asks_bastion_again(used)
    stage.right.refuses(used, "already_used", "bastion")
    stage.left.admits(stage.ticket(), "bastion")
    stage.wait_for_agreement(new)
    return "handhelds knew the new machine, which had its log back first"


SCENES = {scene.__name__: scene for scene in (full_disk, old_copy, replaced)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the folder with the programs")
    parser.add_argument("--scene", required=True, choices=SCENES)
    arguments = parser.parse_args()
    folder, began = tempfile.mkdtemp(prefix="ticketing-troubles-"), time.monotonic()
    stage = Stage(arguments.bin, folder)
    stage.undo = []
    try:
        told = SCENES[arguments.scene](stage)
        badly = stage.here.close()
        check(not badly, f"did not stop cleanly: {badly}")
    except Exception:
        print(f"logs: {folder}", file=sys.stderr)
        stage.here.close()
        raise
    finally:
        for undo in stage.undo:
            undo()
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{arguments.scene}: {told} ({time.monotonic() - began:.1f} s)")


if __name__ == "__main__":
    main()
