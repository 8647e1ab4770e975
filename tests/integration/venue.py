"""A venue with the real programs: the platform with an event and sold tickets, bastions, and handhelds as the people
who hold them see them. On this machine, or each on one of lan.py's."""

import contextlib
import json
import os
import sqlite3
import subprocess
import time
import urllib.parse

from parts import PATIENCE, Api, Process, free_port, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ADMIN = ("admin@estadio.example", "venue-test-admin-password")
STAFF_PIN = "417203"
TICKETS_PER_ORDER = 10
# A gate decides within 300 ms. Where a test is not about time, it gets longer: a busy machine's disk must not turn one
# test into another.
PATIENT = "2s"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def hours_away(hours):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600 * hours))


class Here:
    """This machine, in the place of one of lan.py's."""

    address = "127.0.0.1"

    def __init__(self, folder):
        self.folder, self.processes = folder, []

    def run(self, name, *argv, stdin=False):
        process = Process(name, list(argv), self.folder, stdin)
        self.processes.append(process)
        return process

    def close(self):
        """Stops every program; gives the names of those that did not end well by themselves."""
        killed = {process for process in self.processes if process.process.poll() == -9}
        return [process.name for process in reversed(self.processes) if not process.stop() and process not in killed]


class Venue:
    """The platform with an event. `cloud` is the machine that it runs on; without one it is this machine."""

    def __init__(self, programs, folder, cloud=None):
        self.programs, self.folder = os.path.abspath(programs), folder
        self.here = Here(folder)
        self.cloud = cloud or self.here
        self.codes = []

    def program(self, name):
        return os.path.join(self.programs, name)

    def start_platform(self):
        start, client, admin, mobile, smtp = (free_port() for _ in range(5))
        at = self.cloud.address
        platform = self.cloud.run(
            "ticketing-platform", self.program("ticketing-platform"), f"--data_dir={self.folder}/data",
            f"--listen={at}:{start}", f"--client_web_listen={at}:{client}", f"--admin_portal_listen={at}:{admin}",
            f"--client_mobile_listen={at}:{mobile}", f"--mailbox_port={smtp}", f"--web_dir={ROOT}/clients/web",
            f"--admin_email={ADMIN[0]}", f"--admin_password={ADMIN[1]}")
        platform.line(lambda line: "ready" in line, 60)
        self.client = Api(f"http://{at}:{client}")
        self.admin_port, self.admin_url = admin, f"http://{at}:{admin}"
        self.admin = Api(self.admin_url).logged_in(*ADMIN)

    def sell(self, tickets):
        """Makes an event and sells so many tickets for it."""
        chart_path = os.path.join(self.folder, "chart.json")
        subprocess.run([self.program("chart-tool"), f"--in={ROOT}/examples/stadium/concert_hall.json",
                        f"--out={chart_path}"], check=True, stdout=subprocess.DEVNULL)
        venue = self.admin.post("/v1/venues", {"name": "Sala", "time_zone": "America/Mexico_City",
                                               "utc_offset_minutes": -360})
        with open(chart_path, "rb") as chart:
            chart = self.admin.post("/v1/charts", chart.read())
        self.event = self.admin.post("/v1/events", {
            "venue_id": venue["id"], "chart_id": chart["id"], "name": "Concierto", "starts_at": hours_away(1),
            "doors_open_at": hours_away(-1), "currency": "MXN",
            "prices": [{"category": c["key"], "price": {"minor": "50000", "currency": "MXN"}}
                       for c in chart["categories"]]})
        session = self.client.post("/v1/accounts", {
            "email": "ana@clientes.example", "password": "a-long-enough-password", "name": "Ana"})
        self.customer = Api(self.client.url, session["access_token"])
        # The first two gates lead there, so that a copy can be shown at either.
        shared = set(self.event["gates"][0]["zones"]) & set(self.event["gates"][1]["zones"])
        check(shared, "the first two gates share no zone")
        self.zone = sorted(shared)[0]
        while len(self.codes) < tickets:
            self.codes += [ticket["code"] for ticket in self.buy(min(TICKETS_PER_ORDER, tickets - len(self.codes)))]
        self.tickets = iter(self.codes)

    def buy(self, quantity=1):
        hold = self.customer.post(f"/v1/events/{self.event['id']}/holds",
                                  {"best_available": {"quantity": quantity, "zone": self.zone}})
        order = self.customer.post("/v1/orders", {"event_id": self.event["id"], "hold_id": hold["id"]})
        paid = self.customer.post(f"/v1/orders/{order['id']}/payments", {"card": {"payment_method": "pm_card_visa"}})
        check(paid["status"] == "completed", f"the order is {paid['status']}")
        return paid["tickets"]

    def ticket(self):
        """The code of a ticket that nobody has shown."""
        return next(self.tickets)

    def pair(self, kind, name):
        """A code to enrol with at the cloud."""
        return self.admin.post("/v1/pairings", {"kind": kind, "name": name})["code"]

    def scans_in_cloud(self):
        return self.admin.get(f"/v1/events/{self.event['id']}/scans?limit=500")


class Bastion:
    """A bastion on its data folder. `cloud_url` None: it has no cloud."""

    def __init__(self, venue, name, *flags, machine=None, port=None, folder=None, follow=None, enrol=True, cloud_url=None):
        self.venue, self.name = venue, name
        self.machine, self.port = machine or venue.here, port or free_port()
        self.folder = folder or f"{venue.folder}/{name}"
        self.flags = [f"--data_dir={self.folder}", f"--listen={self.machine.address}:{self.port}", f"--name={name}",
                      f"--staff_pin={STAFF_PIN}", *flags]
        if cloud_url:
            self.flags.append(f"--cloud_url={cloud_url}")
        if follow:
            self.flags += [f"--follow={follow.url}", f"--follow_pin={follow.pin}"]
        self.start(*([f"--pairing_code={venue.pair('bastion', name)}"] if enrol else []))

    @property
    def url(self):
        return f"https://{self.machine.address}:{self.port}"

    def start(self, *flags):
        self.process = self.machine.run(self.name, self.venue.program("bastion"), *self.flags, *flags)
        ready = json.loads(self.process.line(lambda line: '"ready"' in line, 60))
        self.pin, self.pairing, self.id = ready["pin"], ready["pairing"], ready["device_id"]
        self.api = Api(self.url, pin=self.pin)

    def status(self):
        return self.api.get("/v1/status")

    def devices(self):
        return {device["id"]: device for device in self.status()["devices"]}

    def post_form(self, path, **fields):
        with contextlib.closing(self.api.connect()) as connection:
            connection.request("POST", path, urllib.parse.urlencode(fields),
                               {"Content-Type": "application/x-www-form-urlencoded"})
            return connection.getresponse().status

    def log_says(self, words):
        with open(self.process.log_path, encoding="utf-8") as log:
            return words in log.read()


class Handheld:
    """A handheld, as the person who holds it sees it."""

    def __init__(self, venue, name, *flags, machine=None, folder=None, budget=PATIENT):
        self.venue, self.name = venue, name
        self.machine, self.folder = machine or venue.here, folder or f"{venue.folder}/{name}"
        self.flags = [f"--data_dir={self.folder}", f"--name={name}", f"--event={venue.event['id']}", "--output=json",
                      f"--decision_budget={budget}", *flags]
        self.scans, self.notes = {}, []
        self.start()

    def start(self):
        self.earlier = set(self.scans)  # may be shown once more: perhaps nobody saw the last one
        self.mode, self.modes, self.conflicts = None, [], []
        self.process = self.machine.run(self.name, self.venue.program("handheld"), *self.flags, stdin=True)
        ready = json.loads(self.process.line(lambda line: '"ready"' in line, 60))
        self.device, self.mode, self.held_tickets = ready["device_id"], ready["mode"], ready["tickets"]

    def _see(self, line):
        """Takes note of what the screen shows; gives the answer to a scan when the line is one."""
        shown = json.loads(line)
        if shown.get("notice") == "mode":
            self.mode = shown["mode"]
            self.modes.append(self.mode)
        elif shown.get("notice") == "conflict":
            self.conflicts.append(shown)
        elif "notice" in shown or "note" in shown:
            self.notes.append(shown)
        elif "unsaved" in shown:
            return shown
        elif "scan_id" in shown and shown["scan_id"] not in self.earlier:
            check(shown["scan_id"] not in self.scans, f"{self.name} gave one scan twice")
            self.scans[shown["scan_id"]] = shown
            return shown
        return None

    def show(self, code):
        self.process.write(code)

    def answer(self):
        while True:
            answer = self._see(self.process.line())
            if answer:
                return answer

    def scan(self, code):
        self.show(code)
        return self.answer()

    def admits(self, code, *modes):
        result = self.scan(code)
        check(result.get("outcome") == "admitted" and (not modes or result["mode"] in modes),
              f"{self.name} did not admit by {' or '.join(modes)}: {result}")
        return result

    def refuses(self, code, reason, mode=None):
        result = self.scan(code)
        check(result.get("outcome") == "refused" and result["reason"] == reason and mode in (None, result["mode"]),
              f"{self.name} did not refuse by {mode} as {reason}: {result}")
        return result

    def until(self, what, happened, seconds=60):
        """Reads the screen until something is the case."""
        deadline = time.monotonic() + seconds * PATIENCE
        while not happened():
            try:
                self._see(self.process.line(seconds=max(0.05, deadline - time.monotonic()) / PATIENCE))
            except TimeoutError:
                raise TimeoutError(f"waited {seconds} s for {self.name} to {what}; modes: {self.modes}, "
                                   f"conflicts: {len(self.conflicts)}") from None

    def turns_to(self, *modes):
        self.until(f"turn to {' or '.join(modes)}", lambda: self.mode in modes)

    def decides_by_itself(self):
        """With or without others to hear: the other gate may be on the same side of the cut."""
        self.turns_to("alone", "peers")

    def asks_bastion_again(self, used, seconds=60):
        """Shows a used ticket until the bastion is asked about it: a road is trusted again only after a while."""
        def asked():
            time.sleep(0.3)
            return self.scan(used).get("mode") == "bastion"
        return wait_until(f"{self.name} to ask the bastion again", asked, seconds)

    def looks_up(self, question, *values):
        """Asks the device's own database, as somebody with the device in his hands could."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/gate.db?mode=ro", uri=True, timeout=5)) as database:
            return database.execute(question, values).fetchone()[0]

    def knows_scans(self, count):
        return self.looks_up("SELECT COUNT(*) FROM scans") == count

    def held(self):
        """How many scans, and bytes of notes of others' passages, are in its database."""
        return self.looks_up("SELECT (SELECT COUNT(*) FROM scans) + "
                             "(SELECT COALESCE(SUM(LENGTH(notes)), 0) FROM passages)")
