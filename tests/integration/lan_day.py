#!/usr/bin/env python3
"""A day on the venue's LAN with real programs: two bastions and handhelds over TLS.

A scan at one gate is known at the other at once. The first bastion dies and the spare decides; an impostor takes the
dead one's address and hears nothing; the first comes back from an old copy of its data and catches up. Staff shut a
handheld out while the cloud is away. All of it moves to a blank bastion in a file. A disk runs full and says so.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from parts import PATIENCE, Link, wait_until
from venue import STAFF_PIN, Bastion, Handheld, Venue


def bastion(stage, name, **options):
    """A bastion that reaches the cloud over the link."""
    return Bastion(stage, name, cloud_url=f"http://127.0.0.1:{stage.link.port}", **options)


def known_at_once(stage, left, right):
    """Median and worst time until a scan at one gate is in the other's database."""
    times = []
    for _ in range(3):
        before = right.held()
        left.admits(stage.ticket(), "bastion")
        answered = time.monotonic()
        wait_until("the other gate to know of the scan", lambda: right.held() > before)
        times.append(time.monotonic() - answered)
    assert max(times) < 1.0 * PATIENCE, f"the other gate learned of scans after {times} s"
    print(f"  known at the other gate after {sorted(times)[1] * 1000:.0f} ms, at worst {max(times) * 1000:.0f} ms")


def found_without_a_code(stage, left, right):
    """Her phone is dead: the supervisor at the gate finds her ticket in the cloud, and it is used up."""
    policy = f"/v1/events/{stage.event['id']}/gate-policy"
    stage.admin.put(policy, {"supervisor_devices": [left.device]})
    ticket = stage.buy()[0]

    def found(words):
        left.show(f":find {words}")
        return json.loads(left.process.line(lambda line: '"found"' in line or '"note"' in line)).get("found")
    wait_until("the handheld to be a supervisor's", lambda: found("zzz") == [])
    hers = found(ticket["label"])
    assert [hit["seat"] for hit in hers] == [ticket["label"]] and hers[0]["buyer"] == "Ana", hers
    assert ticket["label"] in [hit["seat"] for hit in found(hers[0]["order"])]
    wait_until("the ticket to be at the gate", lambda: left.looks_up(
        "SELECT COUNT(*) FROM tickets WHERE seat_label = ?", ticket["label"]))
    found(ticket["label"])
    left.admits(":admit 1 identity_shown")
    assert right.refuses(ticket["code"], "already_used")


def first_bastion_dies(stage, first, spare, left, right):
    used = stage.used = stage.ticket()
    left.admits(used, "bastion")
    wait_until("the spare to have it", lambda: spare.status()["admitted"] == first.status()["admitted"])
    first.process.kill()
    shutil.copytree(first.folder, first.folder + "-old")

    def decided_by_the_spare(gate):
        # A ticket of its own each time: a gate that is alone and has not heard of a scan admits once more.
        result = gate.scan(stage.ticket())
        assert result["outcome"] == "admitted", result
        return result["mode"] == "bastion"
    wait_until("the spare to decide", lambda: decided_by_the_spare(left))
    wait_until("the spare to say so", lambda: spare.status()["role"] == "acting")
    wait_until("the other gate to have turned, too", lambda: decided_by_the_spare(right))
    assert right.refuses(used, "already_used")


def impostor_hears_nothing(stage, first, left):
    """A bastion with another key at the address that the handhelds know."""
    impostor = Bastion(stage, "impostor", port=first.port, enrol=False)
    left.process.stop()
    left.start()
    left.admits(stage.ticket())
    with open(left.process.log_path, encoding="utf-8") as log:
        wait_until("the handheld to say so", lambda: "another key than the one" in log.read())
    assert left.device not in impostor.devices() and impostor.status()["admitted"] == 0, "the impostor was talked to"
    assert impostor.process.stop()


def first_comes_back_old(stage, first, spare, left, right):
    """From the copy of its data that was made before the spare took over."""
    shutil.rmtree(first.folder)
    os.rename(first.folder + "-old", first.folder)
    first.start()
    wait_until("the spare to follow again", lambda: spare.status()["role"] == "spare", 60)

    def same():
        mine, other = first.status(), spare.status()
        return mine["admitted"] == other["admitted"] and mine["conflicts"] == 0
    wait_until("the first to have caught up", same, 60)
    logs = {device["id"]: device["entries"] for device in first.status()["devices"]}
    for gate in (left, right):
        with sqlite3.connect(f"file:{gate.folder}/gate.db?mode=ro", uri=True) as database:
            own = database.execute("SELECT sequence FROM own_log").fetchone()[0]
        assert logs[gate.device] == own, f"{gate.name}: {logs[gate.device]} of {own} entries are at the first bastion"


def shut_out(stage, first, left, right):
    for gate in (left, right):
        wait_until(f"{gate.name} to trust its bastions again", lambda g=gate: g.scan(stage.used)["mode"] == "bastion")
    stage.link.cut()
    assert first.post_form("/console/revocations", device=right.device, pin="000000") == 403
    assert first.post_form("/console/revocations", device=right.device, pin=STAFF_PIN) == 303
    result = right.scan(stage.ticket())
    assert result["mode"] == "alone", f"a handheld that was shut out is still served: {result}"
    left.admits(stage.ticket(), "bastion")
    stage.link.mend()

    def cloud_knows():
        devices = {device["id"]: device for device in stage.admin.get("/v1/devices")["devices"]}
        return devices[right.device].get("revoked")
    wait_until("the cloud to know who was shut out", cloud_knows, 60)


def moves_in_a_file(stage, first):
    path = f"{stage.folder}/day.tktgate"
    program = stage.program("bastion")

    def run(*flags):
        return subprocess.run([program, *flags], capture_output=True, text=True, timeout=60 * PATIENCE)
    before = first.status()
    assert first.process.stop()
    exported = json.loads(run(f"--data_dir={first.folder}", f"--export={path}").stdout)
    blank = f"--data_dir={stage.folder}/blank"
    distrusted = json.loads(run(blank, f"--import={path}").stdout)
    assert not distrusted["trusted"] and distrusted["event_copies"] == 0, distrusted
    signer = f"--import_signer={exported['signer']}"
    imported = json.loads(run(blank, f"--import={path}", signer).stdout)
    assert imported["trusted"] and imported["event_copies"] == 1 and imported["entries"] > 0, imported
    again = json.loads(run(blank, f"--import={path}", signer).stdout)
    assert again["entries"] == 0 and again["repeated"] == imported["entries"], again
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        file.write(b"?")
    broken = run(blank, f"--import={path}", signer)
    assert broken.returncode == 1, broken
    assert broken.stderr.strip().split("\n")[-1] == "bastion: file: was cut off or changed on its way", broken.stderr
    filled = Bastion(stage, "blank", enrol=False)
    after = filled.status()
    for key in ("admitted", "refused", "inside", "conflicts", "gates", "zones"):
        assert after[key] == before[key], f"{key}: {after[key]}, not {before[key]}"
    assert filled.process.stop()
    first.start()
    return exported["bytes"]


def full_disk(stage, first):
    folder = f"{stage.folder}/small-disk"
    os.makedirs(folder)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True).returncode != 0:
        return "not tried, mounting is not permitted here"
    try:
        gate = Handheld(stage, "small", f"--pairing={first.pairing}", folder=folder)
        gate.admits(stage.ticket())
        ticket = stage.ticket()
        with open(f"{folder}/filler", "wb", buffering=0) as filler:
            try:
                for size in (65536, 4096, 512):
                    while filler.write(bytes(size)) == size:
                        pass
            except OSError:
                pass
        refused = [gate.scan(ticket) for _ in range(2)]
        assert any("unsaved" in result for result in refused), f"the disk is full, but: {refused}"
        assert all("unsaved" in result or result["outcome"] == "admitted" for result in refused), refused
        os.unlink(f"{folder}/filler")
        after = gate.scan(ticket)
        assert after.get("outcome") == "admitted" or after.get("reason") == "reread", after
        assert gate.process.stop()
        return "refused aloud, went on when there was room"
    finally:
        subprocess.run(["umount", "-l", folder], capture_output=True)


def play(stage):
    first = bastion(stage, "first")
    spare = bastion(stage, "spare", follow=first)
    wait_until("the spare to be filled", lambda: spare.status()["role"] == "spare" and spare.status()["events"])
    with open(f"{stage.folder}/battery", "w", encoding="ascii") as battery:
        battery.write("64\n")
    left = Handheld(stage, "left", f"--pairing={first.pairing}", f"--battery_file={stage.folder}/battery",
                    "--staff=acc_ana")
    right = Handheld(stage, "right", f"--pairing={first.pairing}")

    def both_known():
        for gate in (left, right):
            with open(f"{gate.folder}/bastions", encoding="ascii") as known:
                if len(known.read().split("\n")) != 3:
                    return False
        return True
    wait_until("the handhelds to know both bastions", both_known, 60)
    assert first.devices()[left.device]["battery"] == 64, first.devices()

    known_at_once(stage, left, right)
    found_without_a_code(stage, left, right)
    first_bastion_dies(stage, first, spare, left, right)
    impostor_hears_nothing(stage, first, left)
    first_comes_back_old(stage, first, spare, left, right)
    shut_out(stage, first, left, right)
    size = moves_in_a_file(stage, first)
    print(f"  all of it in a file of {size:,} bytes")
    print(f"  full disk: {full_disk(stage, first)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="ticketing-lan-")
    stage = Venue(arguments.bin, folder)
    try:
        stage.start_platform()
        stage.sell(60)
        stage.link = Link(stage.admin_port)
        play(stage)
        badly = stage.here.close()
        assert not badly, f"did not stop cleanly: {badly}"
    except BaseException:
        print(f"logs: {folder}", file=sys.stderr)
        stage.here.close()
        raise
    shutil.rmtree(folder, ignore_errors=True)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
