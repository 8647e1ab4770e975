#!/usr/bin/env python3
"""A handheld that enrolled at the cloud, with no bastion near: it asks the cloud while it can, goes on alone when the
link is cut, and asks the cloud again when the link is back.

Checked at the end: every scan is in the cloud, once, with the answer that the handheld showed, and nobody got in twice.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time

from parts import Link, wait_until
from venue import Handheld, Venue

TICKETS = 12


class Stage(Venue):
    """The platform, an event with tickets, and the handheld on a link that can be cut."""

    def start_handheld(self):
        self.link = Link(self.admin_port)
        self.handheld = Handheld(
            self, "handheld", f"--cloud_url=http://127.0.0.1:{self.link.port}",
            f"--pairing_code={self.pair('handheld', 'Puerta 1')}", "--staff=ana")
        assert self.handheld.held_tickets == TICKETS, self.handheld.held_tickets
        self.scans = self.handheld.scans

    def scan(self, code):
        return self.handheld.scan(code)

    def says(self, command, word):
        """What the screen says of a command, as JSON."""
        self.handheld.show(command)
        return json.loads(self.handheld.process.line(lambda line: f'"{word}"' in line))

    def admitted(self, code, mode):
        result = self.scan(code)
        assert (result["outcome"], result["mode"]) == ("admitted", mode), f"not admitted by {mode}: {result}"

    def in_the_cloud(self):
        scans = self.scans_in_cloud()["scans"]
        return scans if {scan["id"] for scan in scans} >= set(self.scans) else None


def play(stage):
    codes = iter(stage.codes)
    first = next(codes)
    stage.admitted(first, "cloud")
    stage.admitted(next(codes), "cloud")
    assert stage.in_the_cloud(), "the cloud decided a scan that it does not know"

    # Staff take a scan back, and the same ticket enters again; a device without the right overrides nothing.
    mistake = stage.scan(next(codes))
    told = stage.says(":annul turnstile_stuck nadie paso", "annulled")
    assert told["annulled"] == mistake["scan_id"], told
    stage.says(":override identity_shown", "note")
    assert "supervisor" in stage.says(first, "note")["note"]

    def annulled():
        return [scan for scan in stage.scans_in_cloud()["scans"] if scan["id"] == mistake["scan_id"] and scan.get("annulled")]
    record = wait_until("the annulment to reach the cloud", annulled, 60)[0]
    assert (record["annulled"]["by"], record["annulled"]["why"]) == ("ana", "turnstile_stuck"), record
    assert record["outcome"] == "refused", record
    stage.scans[mistake["scan_id"]]["outcome"] = "refused"

    # A policy makes it a supervisor's, and limits an area that nobody has entered.
    stage.admin.send("PUT", f"/v1/events/{stage.event['id']}/gate-policy", {"supervisor_devices": [stage.handheld.device]})

    def overridden():
        time.sleep(1.2)  # the copy comes with the next round of sync
        stage.says(":override identity_shown", "note")
        stage.handheld.show(first)
        answer = json.loads(stage.handheld.process.line(lambda line: '"note"' in line or '"scan_id"' in line))
        if "scan_id" not in answer:
            return None
        stage.scans[answer["scan_id"]] = answer
        return answer if answer["reason"] == "override" else None  # not within the seconds of a re-read
    passed = wait_until("the right to override to reach the handheld", overridden, 60)
    assert passed["outcome"] == "admitted", passed

    known_before = len(stage.scans)
    stage.link.cut()
    alone = next(codes)
    stage.admitted(alone, "alone")
    stage.admitted(next(codes), "alone")
    time.sleep(5.2)  # reading the same ticket again within 5 s gets its first answer again
    for code in (first, alone):
        again = stage.scan(code)
        assert (again["reason"], again["mode"]) == ("already_used", "alone"), f"alone it forgot: {again}"
    known = {scan["id"] for scan in stage.scans_in_cloud()["scans"]}
    assert len(known) == known_before, "the link is cut, but scans went through"

    stage.link.mend()
    wait_until("what was scanned alone to reach the cloud", stage.in_the_cloud, 60)

    def asks_again():
        time.sleep(1.5)  # it trusts a link again after three good answers over two seconds
        return stage.scan(next(codes))["mode"] == "cloud"
    wait_until("the handheld to ask the cloud again", asks_again)
    again = stage.scan(alone)
    assert (again["reason"], again["mode"]) == ("already_used", "cloud"), f"the cloud did not learn of it: {again}"

    scans = wait_until("every scan to reach the cloud", stage.in_the_cloud, 60)
    assert len(scans) == len(stage.scans), "the cloud knows other scans than the handheld"
    for scan in scans:
        mine = stage.scans[scan["id"]]
        assert (scan["outcome"], scan["reason"]) == (mine["outcome"], mine["reason"]) and not scan["disputed"], scan
    admissions = [mine["ticket_id"] for mine in stage.scans.values()
                  if mine["outcome"] == "admitted" and mine["reason"] == "ok"]
    assert len(admissions) == len(set(admissions)), "somebody got in twice"
    return len(scans)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="ticketing-cloud-")
    stage = Stage(arguments.bin, folder)
    try:
        stage.start_platform()
        stage.sell(TICKETS)
        stage.start_handheld()
        scans = play(stage)
        badly = stage.here.close()
        assert not badly, f"did not stop cleanly: {badly}"
    except BaseException:
        print(f"logs: {folder}", file=sys.stderr)
        stage.here.close()
        raise
    shutil.rmtree(folder, ignore_errors=True)
    print(f"1 passed, 0 failed: {scans} scans, each in the cloud once")


if __name__ == "__main__":
    main()
