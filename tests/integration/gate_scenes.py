#!/usr/bin/env python3
"""The scenes of a gate with the real programs: the platform, a bastion and two handhelds, each on a machine (a network
namespace) of its own.

    gate_scenes.py --bin build/release/bin --scene NAME

Cuts are real: a cable that is pulled, packets that are dropped one way, a wire that is slow, loses and doubles frames,
a process that is killed. Where network namespaces are not permitted it says so and ends with 77.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import traceback

from lan import Lan
from parts import PATIENCE, Refused, wait_until
from venue import PATIENT, Bastion, Handheld, Venue, check


class Gate(Handheld):
    """A handheld at a gate, on a machine of its own."""

    def __init__(self, stage, number, *flags, budget=PATIENT):
        self.gate = stage.event["gates"][number - 1]
        super().__init__(
            stage, self.gate["name"], f"--pairing={stage.pairing}", f"--gate={self.gate['id']}", *flags,
            machine=stage.lan.machine(f"gate{number}"), folder=f"{stage.folder}/handheld{number}", budget=budget)
        check(self.held_tickets == len(stage.codes), f"the handheld has {self.held_tickets} tickets")


class Stage(Venue):
    """The platform with an event and sold tickets, and a bastion that has fetched it."""

    def __init__(self, lan, programs, tickets):
        super().__init__(programs, lan.folder, lan.machine("cloud"))
        self.lan, self.gates = lan, []
        self.start_platform()
        self.sell(tickets)
        self.bastion_machine = self.lan.machine("bastion")
        self.bastion = Bastion(self, "bastion", machine=self.bastion_machine, port=7500, cloud_url=self.admin_url)

    @property
    def pairing(self):
        return self.bastion.pairing

    def open_gates(self, *flags, **options):
        self.gates = [Gate(self, number, *flags, **options) for number in (1, 2)]
        return self.gates

    def bastion_status(self):
        return self.bastion.status()

    def shown(self):
        return {scan_id: scan for gate in self.gates for scan_id, scan in gate.scans.items()}

    def wait_for_agreement(self, conflicts=0):
        """Every scan that a screen showed is in the cloud, once and as it was shown; the bastion holds every handheld's
        whole log and knows that the cloud has it; everybody knows of as many conflicts."""
        def arrived():
            cloud = self.scans_in_cloud()
            return cloud if {scan["id"] for scan in cloud["scans"]} >= set(self.shown()) else None
        cloud = wait_until("every scan to reach the cloud", arrived, 60)
        check(len(cloud["scans"]) == len(self.shown()), "the cloud knows scans that no screen showed")
        for scan in cloud["scans"]:
            mine = self.shown()[scan["id"]]
            check((scan["outcome"], scan["reason"]) == (mine["outcome"], mine["reason"]),
                  f"the cloud tells another story: {scan}, not {mine}")

        def logs_agree():
            status = self.bastion_status()
            logs = {device["id"]: device for device in status["devices"]}
            return status["conflicts"] == conflicts and all(
                logs[gate.device]["entries"] == logs[gate.device]["entries_in_cloud"] == len(gate.scans)
                for gate in self.gates)
        wait_until(f"the bastion to hold every log and know of {conflicts} conflicts", logs_agree, 60)
        wait_until(f"the cloud to know of {conflicts} conflicts",
                   lambda: (int(self.scans_in_cloud().get("disputed", 0)) > 0) == (conflicts > 0), 60)
        for gate in self.gates:
            gate.until(f"show {conflicts} conflicts", lambda: len(gate.conflicts) >= conflicts)
            check(len(gate.conflicts) == conflicts, f"{gate.gate['name']} shows {len(gate.conflicts)} conflicts")
        admissions = [scan["ticket_id"] for scan in self.shown().values() if scan["outcome"] == "admitted"]
        check(len(admissions) - len(set(admissions)) == conflicts, "somebody got in twice, or a conflict was not one")


def happy_path(stage):
    left, right = stage.open_gates()
    first = stage.ticket()
    left.admits(first, "bastion")
    for _ in range(5):
        right.admits(stage.ticket(), "bastion")
        left.admits(stage.ticket(), "bastion")
    again = right.refuses(first, "already_used", "bastion")
    check(again.get("first_gate") == left.gate["name"], f"the refusal names another gate: {again}")
    right.refuses(first[:30] + ("0" if first[30] != "0" else "1") + first[31:], "forged")
    stage.wait_for_agreement()
    check(not left.modes and not right.modes, f"the mode changed: {left.modes} {right.modes}")
    return "12 people went in, a used ticket and a false one did not"


def bastion_crash(stage):
    left, right = stage.open_gates()
    for _ in range(3):
        left.admits(stage.ticket(), "bastion")
        right.admits(stage.ticket(), "bastion")
    # Power is lost with people in front of both gates; whoever decides, they get an answer.
    interrupted = [stage.ticket(), stage.ticket()]
    left.show(interrupted[0])
    right.show(interrupted[1])
    stage.bastion.process.kill()
    for gate in (left, right):
        check(gate.answer()["outcome"] == "admitted", "who stood at the gate as the bastion died did not get in")
    alone = [stage.ticket() for _ in range(4)]
    for code in alone[:2]:
        left.admits(code, "alone")
    for code in alone[2:]:
        right.admits(code, "alone")
    for gate in (left, right):
        gate.decides_by_itself()
    stage.bastion.start()
    for gate in (left, right):
        gate.turns_to("bastion")
    left.admits(stage.ticket(), "bastion")
    right.admits(stage.ticket(), "bastion")

    def bastion_caught_up():
        logs = {device["id"]: device["entries"] for device in stage.bastion_status()["devices"]}
        return all(logs[gate.device] == len(gate.scans) for gate in (left, right))
    wait_until("the bastion to catch up with both logs", bastion_caught_up, 60)
    right.refuses(alone[0], "already_used", "bastion")
    left.refuses(alone[3], "already_used", "bastion")
    left.refuses(interrupted[1], "already_used", "bastion")
    stage.wait_for_agreement()
    return "14 people went in; nothing that was decided before, during or after was lost"


def replay(stage):
    left, right = stage.open_gates()
    copied = stage.ticket()
    left.show(copied)
    right.show(copied)
    outcomes = sorted((gate.answer()["reason"] for gate in (left, right)))
    check(outcomes == ["already_used", "ok"], f"one code at two gates at once gave {outcomes}")
    right.machine.unplug()
    other = stage.ticket()
    left.admits(other, "bastion")
    right.admits(other, "alone")
    right.turns_to("alone")
    check(not left.conflicts and not right.conflicts, "a conflict before anybody could know")
    right.machine.plug()
    right.turns_to("bastion")
    stage.wait_for_agreement(conflicts=1)
    for gate in (left, right):
        told = gate.conflicts[0]
        check({told["first_gate"], told["second_gate"]} == {left.gate["name"], right.gate["name"]},
              f"the conflict names other gates: {told}")
    return "with a network one of two copies went in; without one both did, and both gates were told"


def slow_network(stage):
    left, right = stage.open_gates(budget="300ms")
    # A busy machine may answer late by itself: the scene begins when the bastion has answered.
    wait_until("the bastion to answer in time", lambda: left.scan(stage.ticket())["mode"] == "bastion")
    wait_until("the gate to be in the bastion's mode", lambda: left.mode == "bastion")
    left.modes.clear()
    left.machine.weather(delay_ms=200, jitter_ms=20)
    slow = [left.admits(stage.ticket(), "alone") for _ in range(3)]
    left.decides_by_itself()
    at_once = [left.admits(stage.ticket(), "alone") for _ in range(3)]
    micros = [scan["micros"] for scan in slow]
    check(min(micros[:2]) >= 250_000, f"it did not wait for the bastion: {micros}")
    check(statistics.median(micros) < 400_000 * PATIENCE, f"it waited longer than the budget: {micros}")
    check(statistics.median(scan["micros"] for scan in at_once) < 250_000 * PATIENCE, "it went on asking who does not answer in time")
    # The sync goes on over the slow wire, round after round, and that must not make the mode flap.
    for _ in range(6):
        left.admits(stage.ticket(), "alone")
        wait_until("the log to reach the bastion over the slow wire", lambda: any(
            device["id"] == left.device and device["entries"] == len(left.scans) for device in
            stage.bastion_status()["devices"]), 60)
    left.admits(stage.ticket(), "alone")
    # It hears the other gate over the slow wire, too, and says so.
    check(left.modes in (["alone"], ["alone", "peers"], ["peers"]), f"the mode flapped: {left.modes}")
    before = list(left.modes)
    left.machine.weather(delay_ms=0, jitter_ms=0)
    left.turns_to("bastion")
    check(left.modes[-1] == "bastion" and "bastion" not in left.modes[:-1] and len(left.modes) <= len(before) + 2,
          f"the mode flapped: {left.modes}")
    # A wire that loses and doubles: whoever decides, everybody gets in, once.
    right.machine.weather(delay_ms=5, jitter_ms=5, loss=0.05, duplicate=0.2)
    for _ in range(5):
        used = stage.ticket()
        right.admits(used)
    right.machine.weather(delay_ms=0, jitter_ms=0, loss=0, duplicate=0)
    stage.wait_for_agreement()
    return f"late answers were not waited for (median {statistics.median(micros) / 1000:.0f} ms); no flapping"


def one_way(stage):
    left, right = stage.open_gates()
    for _ in range(2):
        left.admits(stage.ticket(), "bastion")
        right.admits(stage.ticket(), "bastion")
    # The bastion hears what the gate asks; the gate hears nothing.
    left.machine.deafen(stage.bastion_machine)
    heard = [stage.ticket() for _ in range(4)]
    for code in heard:
        left.admits(code, "alone")
    left.decides_by_itself()
    right.admits(stage.ticket(), "bastion")
    left.machine.hear()
    left.turns_to("bastion")
    left.admits(stage.ticket(), "bastion")
    stage.wait_for_agreement()
    for code in heard:
        right.refuses(code, "already_used", "bastion")
    stage.wait_for_agreement()
    return "what the bastion decided unheard and the gate decided alone is one scan each"


def pester(gates, port=7502):
    """A stranger on the LAN: hears what handhelds announce, says it again as if it were his, and shouts nonsense."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("", port))
        stranger.settimeout(30)
        heard = {}
        while len(heard) < len(gates):
            said, (address, _) = stranger.recvfrom(2000)
            heard[address] = said
        for gate in gates:
            for number in range(1000):
                said = heard[gates[number % len(gates)].machine.address]
                if number % 3 == 0:  # as if it were newer
                    said = said[:13] + (int.from_bytes(said[13:21], "big") + number).to_bytes(8, "big") + said[21:]
                stranger.sendto(said if number % 2 else os.urandom(number % 200), (gate.machine.address, port))


def peers(stage):
    left, right = stage.open_gates()
    for gate in (left, right):
        wait_until("both handhelds to be known to each other",
                   lambda gate=gate: gate.looks_up("SELECT COUNT(*) FROM devices WHERE bastion = 0") == 2)
    stage.bastion_machine.unplug()
    # Staff goes on scanning: whoever gets no answer in time decides alone, and soon asks no more.
    copied = [stage.ticket() for _ in range(3)]
    left.admits(copied[0], "alone")
    right.admits(copied[1], "alone")
    for gate in (left, right):
        gate.turns_to("peers")
    calm = [list(gate.modes) for gate in (left, right)]
    pester((left, right))
    left.admits(copied[2], "alone")
    told = time.monotonic()
    wait_until("what the left gate decided to reach the right one", lambda: right.knows_scans(3))
    told = time.monotonic() - told
    again = right.refuses(copied[2], "already_used", "alone")
    check(again.get("first_gate") == left.gate["name"], f"the refusal names another gate: {again}")
    right.refuses(copied[0], "already_used", "alone")
    check([left.modes, right.modes] == calm, f"a stranger's noise changed the mode: {left.modes}, {right.modes}")
    wait_until("what the right gate decided to reach the left one", lambda: left.knows_scans(5))
    left.refuses(copied[1], "already_used", "alone")
    # Now they cannot hear each other either.
    right.machine.unplug()
    for gate in (left, right):
        gate.turns_to("alone")
    apart = stage.ticket()
    left.admits(apart, "alone")
    right.admits(apart, "alone")
    check(not left.conflicts and not right.conflicts, "a conflict before anybody could know")
    right.machine.plug()
    for gate in (left, right):
        gate.turns_to("peers")
        gate.until("show the conflict", lambda gate=gate: gate.conflicts)
    check(left.mode == right.mode == "peers", f"the bastion had a part in it: {left.modes}, {right.modes}")
    stage.bastion_machine.plug()
    for gate in (left, right):
        gate.turns_to("bastion")
    stage.wait_for_agreement(conflicts=1)
    return f"without the bastion a copy was refused at the other gate, which knew of it in {told * 1000:.0f} ms"


def passed_on(stage):
    left, right = stage.open_gates()
    for gate in (left, right):
        wait_until("both handhelds to be known to each other",
                   lambda gate=gate: gate.looks_up("SELECT COUNT(*) FROM devices WHERE bastion = 0") == 2)
    # The right gate and the bastion do not reach each other; the left gate reaches both.
    right.machine.deafen(stage.bastion_machine)
    cut_off = [stage.ticket(), stage.ticket()]
    for code in cut_off:
        right.admits(code, "alone")
    right.turns_to("peers")

    def bastion_has_it():
        log = next(device for device in stage.bastion_status()["devices"] if device["id"] == right.device)
        return log["entries"] == len(right.scans)
    wait_until("the bastion to be told by the left gate what the right one decided", bastion_has_it, 60)
    for code in cut_off:
        left.refuses(code, "already_used", "bastion")
    here = stage.ticket()
    left.admits(here, "bastion")
    wait_until("the right gate to be told by the left one what the bastion decided",
               lambda: right.looks_up("SELECT COUNT(*) FROM scans") == 5)
    right.refuses(here, "already_used", "alone")
    right.machine.hear()
    right.turns_to("bastion")
    stage.wait_for_agreement()
    return "a handheld that reached the bastion spoke for one that did not"


SCENES = {scene.__name__: (scene, tickets) for scene, tickets in (
    (happy_path, 20), (bastion_crash, 20), (replay, 10), (slow_network, 40), (one_way, 10), (peers, 10), (passed_on, 10))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the folder with the programs")
    parser.add_argument("--scene", required=True, choices=SCENES)
    arguments = parser.parse_args()
    scene, tickets = SCENES[arguments.scene]
    began = time.monotonic()
    lan, told, status = Lan(), "", 0
    try:
        told = scene(Stage(lan, os.path.abspath(arguments.bin), tickets))
    except (AssertionError, Refused, OSError, RuntimeError, KeyError, StopIteration, ValueError,
            subprocess.CalledProcessError):
        traceback.print_exc()
        status = 1
    finally:
        badly = lan.close()
    if badly and status == 0:
        print(f"did not stop cleanly: {', '.join(badly)}", file=sys.stderr)
        status = 1
    if status != 0:
        print(f"logs: {lan.folder}", file=sys.stderr)
        return status
    shutil.rmtree(lan.folder, ignore_errors=True)
    print(f"{arguments.scene}: {told} ({time.monotonic() - began:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
