#!/usr/bin/env python3
"""Plays one ticket through the whole platform, with real processes, real mail and a real picture of the ticket.

    story.py --bin build/release/bin                  plays the story and ends; exit status 1 if a step failed
    story.py --bin build/release/bin --keep-running   goes on serving until Ctrl-C

Each step prints one line and the time it took.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from parts import (Api, Link, Process, Refused, free_port, pdf_page_as_png, pdf_text, require_tools,  # noqa: E402
                   wait_until)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

ADMIN = ("admin@estadio.example", "demo-admin-password")
BOX_OFFICE = ("taquilla@estadio.example", "demo-taquilla-password")
CUSTOMER = ("ana@clientes.example", "demo-customer-password")
RIVAL = ("beto@clientes.example", "demo-customer-password")


class StoryFailed(Exception):
    pass


def check(condition, what):
    if not condition:
        raise StoryFailed(what)


def refused(status, code, action):
    """The problem document of a call that must be refused in this way."""
    try:
        action()
    except Refused as answer:
        check(answer.status == status and answer.problem["code"] == code,
              f"expected {status} {code}, got {answer.status} {answer.problem.get('code')}: {answer.problem.get('detail')}")
        return answer.problem
    raise StoryFailed(f"expected {status} {code}, but it was allowed")


def ticket_codes_apart(code):
    """A code with one character changed, and one whose signature nobody made."""
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    spot = 20
    altered = code[:spot] + digits[(digits.index(code[spot]) + 1) % 32] + code[spot + 1:]
    forged = code[:40] + "".join(digits[(i * 7 + 3) % 32] for i in range(len(code) - 41)) + "0"
    return altered, forged


class Story:
    def __init__(self, arguments):
        self.bin = os.path.abspath(arguments.bin)
        self.folder = os.path.abspath(arguments.data_dir) if arguments.data_dir else tempfile.mkdtemp(prefix="ticketing-demo-")
        os.makedirs(self.folder, exist_ok=True)
        self.processes = []
        self.started = time.monotonic()
        self.fixed_ports = arguments.keep_running
        self.scans = {}  # scan id -> what the handheld said

    # ---- the stage

    def run(self, name, *flags, stdin=False, log=None):
        process = Process(log or name, [os.path.join(self.bin, name), *flags], self.folder, stdin)
        self.processes.append(process)
        return process

    def port(self, usual):
        return usual if self.fixed_ports else free_port()

    def step(self, title, action):
        began = time.monotonic()
        detail = action()
        print(f"  ✓ {title}: {detail} ({(time.monotonic() - began) * 1000:,.0f} ms)", flush=True)

    def start_platform(self):
        self.ports = {name: self.port(port) for name, port in
                      {"start": 7400, "client": 7401, "admin": 7402, "mobile": 7403, "smtp": 7425}.items()}
        self.platform_flags = [
            f"--data_dir={self.folder}/platform",
            f"--listen=127.0.0.1:{self.ports['start']}",
            f"--client_web_listen=127.0.0.1:{self.ports['client']}",
            f"--admin_portal_listen=127.0.0.1:{self.ports['admin']}",
            f"--client_mobile_listen=127.0.0.1:{self.ports['mobile']}",
            f"--mailbox_port={self.ports['smtp']}",
            f"--web_dir={ROOT}/clients/web",
            f"--admin_email={ADMIN[0]}", f"--admin_password={ADMIN[1]}",
            "--demo_logins=" + ";".join("|".join((who, *login)) for who, login in (
                ("Administrator", ADMIN), ("Box office", BOX_OFFICE), ("Customer", CUSTOMER))),
        ]
        self.run_platform()
        self.start = Api(f"http://127.0.0.1:{self.ports['start']}")
        self.client_url = f"http://127.0.0.1:{self.ports['client']}"
        self.admin_url = f"http://127.0.0.1:{self.ports['admin']}"
        return f"every API in one process, data in {self.folder}"

    def run_platform(self):
        self.platform = self.run("ticketing-platform", *self.platform_flags)
        self.platform.line(lambda line: "ready" in line)

    # ---- the story

    def prepare_event(self):
        chart_path = os.path.join(self.folder, "chart.json")
        subprocess.run([os.path.join(self.bin, "chart-tool"), f"--in={ROOT}/examples/stadium/stadium.json",
                        f"--out={chart_path}"], check=True, stdout=subprocess.DEVNULL)
        self.admin = Api(self.admin_url).logged_in(*ADMIN)
        venue = self.admin.post("/v1/venues", {"name": "Estadio Nacional", "city": "Ciudad de México",
                                               "time_zone": "America/Mexico_City", "utc_offset_minutes": -360})
        with open(chart_path, "rb") as chart:
            chart = self.admin.post("/v1/charts", chart.read())
        starts = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        doors = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        prices = [{"category": category["key"], "price": {"minor": str(25000 + 15000 * i), "currency": "MXN"}}
                  for i, category in enumerate(reversed(chart["categories"]))]
        self.event = self.admin.post("/v1/events", {
            "venue_id": venue["id"], "chart_id": chart["id"], "name": "Final de vuelta: Águilas – Rayados",
            "starts_at": starts, "doors_open_at": doors, "currency": "MXN", "prices": prices,
            "fees": [{"name": "Cargo por servicio", "basis_points": 500}], "tax_basis_points": 1600})
        self.admin.post("/v1/staff", {"email": BOX_OFFICE[0], "password": BOX_OFFICE[1], "name": "Tania Taquilla",
                                      "language": "es", "roles": ["box_office"]})
        check(chart["seats"] >= 25000, "the stadium has fewer than 25,000 seats")
        self.events_path = "/v1/events/" + self.event["id"]
        return (f"{chart['seats']:,} seats, {chart['areas']} standing areas, {chart['suites']} suites, "
                f"{len(self.event['gates'])} gates, {len(self.event['zones'])} zones, {len(prices)} prices")

    def hold_seats(self):
        anonymous = Api(self.client_url)
        session = anonymous.post("/v1/accounts", {"email": CUSTOMER[0], "password": CUSTOMER[1], "name": "Ana Ñandú",
                                                  "language": "es"})
        self.customer = Api(self.client_url, session["access_token"])
        events = self.customer.get("/v1/events")["events"]
        check(any(event["id"] == self.event["id"] for event in events), "the event is not listed")
        before = self.customer.get(self.events_path + "/availability")
        self.hold = self.customer.post(self.events_path + "/holds", {"best_available": {"quantity": 2}})
        self.labels = [item["label"] for item in self.hold["objects"]]
        check(len(self.labels) == 2, "best available did not give two seats")
        check(self.hold["objects"][0]["row"] == self.hold["objects"][1]["row"], "the seats are not in one row")
        after = wait_until("the availability to change", lambda: next(
            (a for a in [self.customer.get(self.events_path + "/availability")] if a["version"] != before["version"]), None))
        check(after["states"] != before["states"], "the held seats still show as free")
        rival_session = anonymous.post("/v1/accounts", {"email": RIVAL[0], "password": RIVAL[1], "name": "Beto"})
        self.rival = Api(self.client_url, rival_session["access_token"])
        problem = refused(409, "seat-not-available", lambda: self.rival.post(
            self.events_path + "/holds", {"objects": [{"label": label} for label in self.labels]}))
        check(sorted(problem["objects"]) == sorted(self.labels), "the refusal does not name the seats")
        return f"{' and '.join(self.labels)} held; the second customer got 409 with both named"

    def pay(self):
        order = self.customer.post("/v1/orders", {"event_id": self.event["id"], "hold_id": self.hold["id"], "language": "es"})
        path = f"/v1/orders/{order['id']}/payments"
        refused(402, "payment-declined",
                lambda: self.customer.post(path, {"card": {"payment_method": "pm_card_chargeDeclined"}}))
        key = str(uuid.uuid4())
        approve = {"card": {"payment_method": "pm_card_visa"}}
        self.order = self.customer.post(path, approve, key=key)
        check(self.order["status"] == "completed", f"the order is {self.order['status']}")
        again = self.customer.post(path, approve, key=key)
        check(again["id"] == self.order["id"] and again["payment"]["id"] == self.order["payment"]["id"],
              "a repeated payment was not the same payment")
        self.tickets = [t for t in self.customer.get("/v1/tickets")["tickets"] if t["order_id"] == order["id"]]
        check(len(self.tickets) == 2 and all(len(t["code"]) == 141 for t in self.tickets), "the tickets are not issued")
        books = self.admin.get("/v1/ledger/balances")
        check(books["balanced"] and int(books["entries"]) > 0, "the ledger does not balance")
        total = self.order["quote"]["total"]
        return f"declined, then approved: {int(total['minor']) / 100:,.2f} {total['currency']}; ledger balances"

    def read_mail(self):
        def arrived():
            messages = self.start.get(f"/mailbox/messages?to={CUSTOMER[0]}")["messages"]
            return messages[0] if messages else None
        message = wait_until("the confirmation mail", arrived)
        mail = self.start.get(f"/mailbox/messages/{message['id']}")
        pdfs = [(n, a) for n, a in enumerate(mail["attachments"]) if a["content_type"] == "application/pdf"]
        check(len(pdfs) == 2, f"{len(pdfs)} PDF tickets instead of 2")
        self.pdf_paths = {}
        for number, _ in pdfs:
            path = os.path.join(self.folder, f"ticket-{number}.pdf")
            with open(path, "wb") as out:
                out.write(self.start.get(f"/mailbox/messages/{message['id']}/attachments/{number}", raw=True))
            text = " ".join(pdf_text(path).split())
            ticket = next((t for t in self.tickets if t["id"] in text or t["label"] in text), None)
            check(ticket is not None, "a PDF does not name its seat")
            for shown in ("Águilas", ticket["seat"], ticket["row"]):
                check(shown in text, f"the PDF of {ticket['label']} does not show {shown!r}")
            self.pdf_paths[ticket["id"]] = path
        check(len(self.pdf_paths) == 2, "the two PDFs are not of the two seats")
        return f"\"{mail.get('subject', message.get('subject'))}\", one PDF per seat"

    def enrol_handheld(self):
        self.cloud_link = Link(self.ports["admin"])
        self.start_bastion("bastion-1", free_port())
        gate = next(g for g in self.event["gates"] if g["name"] == self.tickets[0]["gate"])
        self.gate = gate
        ready = self.start_handheld()
        self.handheld_id = ready["device_id"]
        check(ready["tickets"] >= 2, "the handheld has no tickets")
        self.cloud_link.cut()
        return f"enrolled with the symbol on its screen, {ready['tickets']} tickets on the device; the link to the cloud is cut"

    def start_handheld(self):
        self.handheld = self.run(
            "handheld", f"--data_dir={self.folder}/handheld", f"--pairing={self.pairing}",
            f"--gate={self.gate['id']}", f"--event={self.event['id']}",
            # Longer than a gate's 300 ms: a busy machine's disk must not turn the story into another one.
            "--decision_budget=2s",
            "--name=Handheld puerta " + self.gate["id"], "--output=json", stdin=True)
        return json.loads(self.handheld.line(lambda line: '"ready"' in line))

    def ticket_zone(self):
        """The id of the zone whose name is on the ticket."""
        return next(z["id"] for z in self.event["zones"] if z["name"] == self.tickets[0]["zone"])

    def start_bastion(self, name, port):
        pairing = self.admin.post("/v1/pairings", {"kind": "bastion", "name": name})
        self.bastion_port = port
        self.bastion = self.run(
            "bastion", f"--data_dir={self.folder}/{name}", f"--listen=127.0.0.1:{port}",
            f"--cloud_url=http://127.0.0.1:{self.cloud_link.port}", f"--pairing_code={pairing['code']}", log=name)
        ready = json.loads(self.bastion.line(lambda line: '"ready"' in line))
        self.pairing = ready["pairing"]
        self.bastion_api = Api(f"https://127.0.0.1:{port}", pin=ready["pin"])

    def scan(self, text):
        """Hands a line to the handheld (a code, or the path of a picture) and gives what it says."""
        self.handheld.write(text)
        while True:
            result = json.loads(self.handheld.line(lambda line: '"scan_id"' in line))
            # A handheld that was killed shows its last answer again when it comes back, in case nobody saw it.
            if result["scan_id"] not in self.scans:
                self.scans[result["scan_id"]] = result
                return result

    def scan_at_the_gate(self):
        first, self.second = self.tickets
        picture = pdf_page_as_png(self.pdf_paths[first["id"]], os.path.join(self.folder, "page"))
        result = self.scan(picture)
        check(result["outcome"] == "admitted" and result["ticket_id"] == first["id"],
              f"the ticket in the picture was {result['outcome']}: {result['reason']}")
        check(result["mode"] == "bastion", f"the mode is {result['mode']}, not bastion")
        micros = result["micros"]
        time.sleep(limits_reread_seconds())
        again = self.scan(first["code"])
        check(again["outcome"] == "refused" and again["reason"] == "already_used", f"the second scan was {again}")
        check(again.get("first_at") and again.get("first_gate"), "the refusal tells neither time nor gate")
        other = self.ticket_of_another_zone()
        wrong = self.scan(other["code"])
        check(wrong["outcome"] == "refused" and wrong["reason"] in ("wrong_gate", "wrong_zone"), f"a wrong zone gave {wrong}")
        check(wrong.get("right_gates"), "the refusal does not tell the right gate")
        altered, forged = ticket_codes_apart(self.second["code"])
        for code in (altered, forged):
            result = self.scan(code)
            check(result["outcome"] == "refused" and result["reason"] in ("forged", "malformed"), f"a false code gave {result}")
        return (f"admitted from the picture in {micros / 1000:.1f} ms; used again, another zone (go to gate "
                f"{wrong['right_gates'][0]}), altered and forged refused")

    def ticket_of_another_zone(self):
        zones = [z["id"] for z in self.event["zones"] if z["id"] not in self.gate["zones"]]
        for zone in zones:
            try:
                hold = self.rival.post(self.events_path + "/holds", {"best_available": {"quantity": 1, "zone": zone}})
            except Refused:
                continue
            order = self.rival.post("/v1/orders", {"event_id": self.event["id"], "hold_id": hold["id"]})
            order = self.rival.post(f"/v1/orders/{order['id']}/payments", {"card": {"payment_method": "pm_card_visa"}})
            return order["tickets"][0]
        raise StoryFailed("no zone has another gate")

    def lose_the_bastion(self):
        self.bastion.kill()
        alone = self.scan(self.second["code"])
        check(alone["outcome"] == "admitted" and alone["mode"] == "alone", f"without the bastion: {alone}")
        time.sleep(limits_reread_seconds())
        again = self.scan(self.second["code"])
        check(again["reason"] == "already_used", f"alone it forgot: {again}")
        self.cloud_link.mend()
        self.start_bastion("bastion-2", self.bastion_port)
        # Its key is another one: a handheld speaks to nobody at the old address until staff has paired it again.
        check(self.handheld.stop(), "the handheld did not stop")
        self.start_handheld()
        scans = self.check_the_cloud()
        self.check_logs_agree()
        return f"went on alone ({alone['micros'] / 1000:.1f} ms); a new bastion took over; {len(scans)} scans in the cloud, each once"

    def check_the_cloud(self):
        """Every scan reaches the cloud, once, and as the handheld showed it."""
        def everything_arrived():
            scans = self.admin.get(self.events_path + "/scans?limit=500")["scans"]
            return scans if {s["id"] for s in scans} >= set(self.scans) else None
        scans = wait_until("every scan to reach the cloud", everything_arrived, 60)
        check(len(scans) == len({s["id"] for s in scans}), "a scan is there twice")
        check({s["id"] for s in scans} == set(self.scans), "the cloud knows other scans than the handheld")
        for scan in scans:
            mine = self.scans[scan["id"]]
            check((scan["outcome"], scan["reason"]) == (mine["outcome"], mine["reason"]) and not scan["disputed"],
                  f"the cloud and the handheld disagree about {scan['id']}")
        return scans

    def check_logs_agree(self):
        """The new bastion holds the handheld's whole log: chained and signed, so as many entries are the same entries."""
        def same():
            devices = {device["id"]: device for device in self.bastion_api.get("/v1/status")["devices"]}
            log = devices.get(self.handheld_id)
            return log and log["entries"] == log["entries_in_cloud"] == len(self.scans)
        wait_until("the bastion's log to agree with the handheld's", same)

    def sell_at_the_window(self):
        window = Api(self.admin_url).logged_in(*BOX_OFFICE)
        shift = window.post("/v1/shifts", {"opening_cash": {"minor": "100000", "currency": "MXN"}})
        hold = window.post(self.events_path + "/holds", {"best_available": {"quantity": 1, "zone": self.ticket_zone()}})
        order = window.post("/v1/orders", {"event_id": self.event["id"], "hold_id": hold["id"],
                                           "buyer": {"name": "Público en general"}, "language": "es"})
        total = int(order["quote"]["total"]["minor"])
        paid = window.post(f"/v1/orders/{order['id']}/payments", {"cash": {
            "shift_id": shift["id"], "tendered": {"minor": str(total + 5000), "currency": "MXN"}}})
        check(paid["status"] == "completed", f"the cash order is {paid['status']}")
        check(int(paid["payment"]["change"]["minor"]) == 5000, "the change is wrong")
        path = os.path.join(self.folder, "window.pdf")
        with open(path, "wb") as out:
            out.write(window.get(f"/v1/orders/{order['id']}/tickets.pdf", raw=True))
        result = self.scan(pdf_page_as_png(path, os.path.join(self.folder, "window")))
        check(result["outcome"] == "admitted", f"the printed ticket was {result}")
        closed = window.post(f"/v1/shifts/{shift['id']}/close", {"counted_cash": {
            "minor": str(100000 + total), "currency": "MXN"}})
        check(int(closed["difference"]["minor"]) == 0, "the drawer does not agree")
        check(self.admin.get("/v1/ledger/balances")["balanced"], "the ledger does not balance")
        return f"{total / 100:,.2f} MXN in cash, printed, admitted ({result['mode']}), drawer counted to the centavo"

    # ---- the run

    def play(self):
        print("libticketing: one ticket through the whole platform", flush=True)
        self.step("The platform starts", self.start_platform)
        self.step("1. Staff prepares the event", self.prepare_event)
        self.step("2. A customer holds two seats", self.hold_seats)
        self.step("3. She pays by card", self.pay)
        self.step("4. The tickets come by mail", self.read_mail)
        self.step("5. A handheld enrols at the bastion", self.enrol_handheld)
        self.step("6. The gate scans", self.scan_at_the_gate)
        self.step("7. The bastion dies", self.lose_the_bastion)
        self.step("8. The box office sells for cash", self.sell_at_the_window)
        print(f"The story holds: 8 steps in {time.monotonic() - self.started:.1f} s.", flush=True)

    def show_addresses(self):
        print(f"""
  Start page      http://127.0.0.1:{self.ports['start']}/        what runs where, API documents, mailbox
  Customers       {self.client_url}/        {CUSTOMER[0]} / {CUSTOMER[1]}
  Staff           {self.admin_url}/        {ADMIN[0]} / {ADMIN[1]}
  Box office      {self.admin_url}/        {BOX_OFFICE[0]} / {BOX_OFFICE[1]}
  Phone           http://127.0.0.1:{self.ports['mobile']}/        the customer's log-in

Press Ctrl-C to stop.""", flush=True)

    def close(self):
        ended_well = True
        for process in reversed(self.processes):
            ended_well = process.stop() and ended_well
        return ended_well


def limits_reread_seconds():
    """The same device reading the same ticket again within 5 s gets its first answer again; wait that out."""
    return 5.2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the folder with the programs")
    parser.add_argument("--data_dir", help="where to keep the data; a temporary folder when not given")
    parser.add_argument("--keep-running", action="store_true", help="serve until Ctrl-C, on the usual ports")
    arguments = parser.parse_args()
    require_tools()
    story = Story(arguments)
    status = 0
    try:
        story.play()
        if arguments.keep_running:
            story.show_addresses()
            story.platform.process.wait()
    except KeyboardInterrupt:
        pass
    except (StoryFailed, Refused, TimeoutError, RuntimeError, OSError, KeyError, StopIteration, ValueError,
            subprocess.CalledProcessError) as error:
        print(f"  ✗ {type(error).__name__}: {error}\n    Logs: {story.folder}", file=sys.stderr, flush=True)
        status = 1
    stopped_well = story.close()
    if status == 0 and not stopped_well:
        killed = [p.name for p in story.processes if p.process.returncode not in (0, -9)]
        if killed:
            print(f"  ✗ did not stop cleanly: {', '.join(killed)}; logs: {story.folder}", file=sys.stderr)
            status = 1
    if status == 0 and not arguments.data_dir:
        shutil.rmtree(story.folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
