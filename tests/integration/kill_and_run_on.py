#!/usr/bin/env python3
"""Customers buy while the platform is killed with SIGKILL again and again.

Invariants, checked at the end: every request that was answered holds; every order that says completed has its tickets
and its payment; no seat is on two tickets; a request repeated with its Idempotency-Key after a crash meant one thing;
the ledger balances and agrees with the completed orders.
"""

import argparse
import base64
import http.client
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid

from parts import PATIENCE, Api, Process, Refused, free_port, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ADMIN = ("admin@estadio.example", "kill-test-admin-password")
KILLS = 6
BUYERS = 4


class Platform:
    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.ports = [free_port() for _ in range(5)]
        self.process = None

    def start(self):
        start, client, admin, mobile, smtp = self.ports
        self.process = Process("ticketing-platform", [
            os.path.join(self.programs, "ticketing-platform"), f"--data_dir={self.folder}/data",
            f"--listen=127.0.0.1:{start}", f"--client_web_listen=127.0.0.1:{client}",
            f"--admin_portal_listen=127.0.0.1:{admin}", f"--client_mobile_listen=127.0.0.1:{mobile}",
            f"--mailbox_port={smtp}", f"--web_dir={ROOT}/clients/web", f"--admin_email={ADMIN[0]}",
            f"--admin_password={ADMIN[1]}"], self.folder)
        self.process.line(lambda line: "ready" in line)

    @property
    def client_url(self):
        return f"http://127.0.0.1:{self.ports[1]}"

    @property
    def admin_url(self):
        return f"http://127.0.0.1:{self.ports[2]}"


def persistently(action, seconds=60):
    """Repeats a request, the way a good client does, while nobody answers or the answer says to try again."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        try:
            return action()
        except (OSError, http.client.HTTPException):
            pass
        except Refused as refusal:
            if refusal.status not in (429, 500, 502, 503, 504) and refusal.problem.get("code") not in (
                    "idempotency-in-flight", "aborted"):
                raise
            if refusal.status == 500:
                raise
        if time.monotonic() > deadline:
            raise TimeoutError("the platform did not come back")
        time.sleep(0.05)


class Buyer(threading.Thread):
    """Buys pairs, one after the other, each request with a key that it keeps until it has an answer."""

    def __init__(self, platform, event_id, number, stop):
        super().__init__(daemon=True)
        self.platform, self.event_id, self.stop_event = platform, event_id, stop
        self.email, self.password = f"buyer{number}@clientes.example", "a-long-enough-password"
        self.completed = []
        self.error = None

    def post(self, path, body):
        key = str(uuid.uuid4())
        return persistently(lambda: self.post_with_fresh_token(path, body, key))

    def post_with_fresh_token(self, path, body, key):
        try:
            return self.api.post(path, body, key=key)
        except Refused as refusal:
            if refusal.status != 401:
                raise
            self.api = Api(self.platform.client_url).logged_in(self.email, self.password)
            return self.api.post(path, body, key=key)

    def run(self):
        try:
            anonymous = Api(self.platform.client_url)
            try:
                persistently(lambda: anonymous.post("/v1/accounts", {
                    "email": self.email, "password": self.password, "name": self.email}))
            except Refused as refusal:
                # Registered, but the answer was lost.
                if refusal.problem.get("code") != "account-exists":
                    raise
            self.api = persistently(lambda: Api(self.platform.client_url).logged_in(self.email, self.password))
            while not self.stop_event.is_set():
                self.buy()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def buy(self):
        hold = self.post(f"/v1/events/{self.event_id}/holds", {"best_available": {"quantity": 2}})
        order = self.post("/v1/orders", {"event_id": self.event_id, "hold_id": hold["id"]})
        paid = self.post(f"/v1/orders/{order['id']}/payments", {"card": {"payment_method": "pm_card_visa"}})
        if paid["status"] != "completed":
            paid = wait_until("the order to settle", lambda: next((o for o in [persistently(
                lambda: self.api.get(f"/v1/orders/{order['id']}"))] if o["status"] == "completed"), None))
        self.completed.append(paid)


def audit(platform, event_id, buyers, admin):
    orders = [order for buyer in buyers for order in buyer.completed]
    assert len(orders) >= KILLS, f"only {len(orders)} orders went through"
    seats = {}
    total = 0
    for buyer in buyers:
        for order in buyer.completed:
            now = persistently(lambda path=f"/v1/orders/{order['id']}": buyer.api.get(path))
            assert now["status"] == "completed", f"{order['id']} was completed and is now {now['status']}"
            assert len(now["tickets"]) == 2, f"{order['id']} has {len(now['tickets'])} tickets"
            for ticket in now["tickets"]:
                assert ticket["label"] not in seats, f"{ticket['label']} is on two tickets"
                seats[ticket["label"]] = ticket["id"]
            total += int(now["quote"]["total"]["minor"])
    books = admin.get("/v1/ledger/balances")
    assert books["balanced"], "the ledger does not balance"
    clearing = [a for a in books["accounts"] if "gateway" in a["name"]]
    assert clearing and int(clearing[0]["balance"]["minor"]) >= total, f"the books hold less than was paid: {books}"
    availability = admin.get(f"/v1/events/{event_id}/availability")
    states = base64.b64decode(availability["states"])
    booked = sum(1 for i in range(availability["objects"]) if (states[i // 4] >> (2 * (i % 4))) & 3 == 2)
    assert booked >= len(seats), f"{booked} seats are booked, but {len(seats)} are on tickets"
    return len(orders)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    folder = tempfile.mkdtemp(prefix="ticketing-kill-")
    platform = Platform(os.path.abspath(arguments.bin), folder)
    platform.start()
    try:
        chart_path = os.path.join(folder, "chart.json")
        os.spawnv(os.P_WAIT, os.path.join(platform.programs, "chart-tool"), [
            "chart-tool", f"--in={ROOT}/examples/stadium/stadium.json", f"--out={chart_path}"])
        admin = Api(platform.admin_url).logged_in(*ADMIN)
        venue = admin.post("/v1/venues", {"name": "Sala", "utc_offset_minutes": -360})
        with open(chart_path, "rb") as chart:
            chart = admin.post("/v1/charts", chart.read())
        event = admin.post("/v1/events", {
            "venue_id": venue["id"], "chart_id": chart["id"], "name": "Concierto", "starts_at": "2030-01-01T20:00:00Z",
            "currency": "MXN",
            "prices": [{"category": c["key"], "price": {"minor": "50000", "currency": "MXN"}} for c in chart["categories"]]})
        stop = threading.Event()
        buyers = [Buyer(platform, event["id"], number, stop) for number in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 1.2) * PATIENCE)
            platform.process.kill()
            platform.start()
        time.sleep(0.5 * PATIENCE)
        stop.set()
        for buyer in buyers:
            buyer.join(90 * PATIENCE)
            assert not buyer.is_alive(), "a buyer is stuck"
            assert buyer.error is None, f"a buyer failed: {buyer.error!r}"
        admin = Api(platform.admin_url).logged_in(*ADMIN)
        orders = audit(platform, event["id"], buyers, admin)
        assert platform.process.stop(), "the platform did not stop cleanly"
    except BaseException:
        print(f"logs: {folder}", file=sys.stderr)
        if platform.process:
            platform.process.stop()
        raise
    shutil.rmtree(folder, ignore_errors=True)
    print(f"1 passed, 0 failed: {orders} orders over {KILLS} kills")


if __name__ == "__main__":
    main()
