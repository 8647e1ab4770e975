#!/usr/bin/env python3
"""Two processes sell the same event from one database, and are killed, frozen and woken while they do. On PostgreSQL
their connections are cut too, also between a commit and its answer.

Buyers hold two neighbours and book them, each time at whichever process they come to. Invariants, checked at the end at
both processes: a booking that was answered with success is there, under its order and no other; a seat never had two
orders that were both told that it is theirs; both processes tell the same of every seat.
"""

import argparse
import base64
import http.client
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import uuid

from database_wire import DatabaseWire
from parts import PATIENCE, Process, free_port, wait_until

ROWS, SEATS = 24, 50
BUYERS = 8
DISASTERS = 10


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body[:200]!r}")
        self.status = status


class Seller:
    """One ticketing-api process and how to speak to it."""

    def __init__(self, name, programs, folder):
        self.name, self.programs, self.folder = name, programs, folder
        self.port = free_port()
        self.secret = None
        self.process = None
        database = os.environ.get("TICKETING_DATABASE_URL")
        self.wire = DatabaseWire(database, f"{folder}/wire-{name}") if database else None

    def start(self):
        # An argument would stand in the list of processes; this one goes by the environment too.
        environment = dict(os.environ, TICKETING_DATABASE_URL=self.wire.url) if self.wire else None
        self.process = Process(self.name, [
            os.path.join(self.programs, "ticketing-api"), f"--seatsio_listen=127.0.0.1:{self.port}",
            f"--data_dir={self.folder}/data", "--test_mode"], self.folder, environment=environment)
        wait_until(f"{self.name} to answer", lambda: self.healthy())

    def healthy(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5 * PATIENCE)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def send(self, method, path, body=None, secret=None):
        user = secret or self.secret
        headers = {"Authorization": "Basic " + base64.b64encode(f"{user}:".encode()).decode(),
                   "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20 * PATIENCE)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise Refused(response.status, content)
        return json.loads(content) if content else None


def drawing():
    """Rows before a stage, in seats.io's format."""
    rows = []
    for r in range(ROWS):
        rows.append({"label": chr(ord("A") + r), "seats": [
            {"label": str(s + 1), "x": 20.0 * s, "y": 20.0 * r, "categoryKey": 1} for s in range(SEATS)]})
    return {"name": "Hall", "version": 22, "venueType": "ROWS_WITHOUT_SECTIONS",
            "categories": {"list": [{"key": 1, "label": "All", "color": "#336699"}]},
            "subChart": {"width": 1000, "height": 480, "focalPoint": {"x": 500, "y": -50}, "rows": rows}}


class Sale:
    def __init__(self, sellers, event):
        self.sellers, self.event = sellers, event
        self.lock = threading.Lock()
        self.told = {}      # seat -> orders that were told that it is theirs
        self.unknown = set()  # orders whose answer never came
        self.refused = 0
        self.over = threading.Event()

    def change(self, seller, labels, **what):
        seller.send("POST", "/events/groups/actions/change-object-status",
                    {"events": [self.event], "objects": [{"objectId": label} for label in labels], **what})

    def buy(self, rng):
        row, seat = chr(ord("A") + rng.randrange(ROWS)), rng.randint(1, SEATS - 1)
        labels = [f"{row}-{seat}", f"{row}-{seat + 1}"]
        order = f"order-{uuid.uuid4()}"
        asked = False
        try:
            token = rng.choice(self.sellers).send("POST", "/hold-tokens", {"expiresInMinutes": 5})["holdToken"]
            self.change(rng.choice(self.sellers), labels, status="reservedByToken", holdToken=token)
            asked = True
            self.change(rng.choice(self.sellers), labels, status="booked", holdToken=token, orderId=order)
        except Refused as refusal:
            with self.lock:
                self.refused += refusal.status in (400, 409)
            if refusal.status >= 500 and asked:
                with self.lock:
                    self.unknown.add(order)
            return
        except (OSError, http.client.HTTPException):
            if asked:
                with self.lock:
                    self.unknown.add(order)
            return
        with self.lock:
            for label in labels:
                self.told.setdefault(label, []).append(order)

    def buyer(self, seed):
        rng = random.Random(seed)
        while not self.over.is_set():
            self.buy(rng)


def disasters(sellers, rng):
    """Kills, freezes that outlast what the other one does meanwhile, and wires that are cut."""
    for number in range(DISASTERS):
        time.sleep(0.7 * PATIENCE)  # how long they sell between two disasters; nothing waits for it
        seller = rng.choice(sellers)
        if seller.wire:
            seller.wire.cut(answers_first=number % 2 == 0)
            if number % 3 != 0:
                continue
        if rng.random() < 0.5:
            seller.process.process.kill()
            seller.process.process.wait()
            seller.start()
        else:
            seller.process.process.send_signal(signal.SIGSTOP)
            time.sleep(0.7 * PATIENCE)
            seller.process.process.send_signal(signal.SIGCONT)


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def audit(sale):
    reports = [seller.send("GET", f"/reports/events/{sale.event}/byLabel") for seller in sale.sellers]
    views = [{label: (items[0]["status"], items[0].get("orderId")) for label, items in report.items()}
             for report in reports]
    check(views[0] == views[1], "the two processes tell different things")
    check(len(views[0]) == ROWS * SEATS, f"{len(views[0])} seats in the report")
    for label, orders in sale.told.items():
        check(len(orders) == 1, f"{label} was sold twice: {orders}")
        check(views[0][label] == ("booked", orders[0]), f"{label} was sold to {orders[0]} and is {views[0][label]}")
    for label, (status, order) in views[0].items():
        if status == "booked":
            check(order in sale.unknown or order in sale.told.get(label, []), f"{label} is booked by nobody: {order}")
    return sum(1 for status, _ in views[0].values() if status == "booked")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="ticketing-two-sellers-")
    sellers = [Seller(f"seller-{i}", arguments.bin, folder) for i in (1, 2)]
    try:
        for seller in sellers:
            seller.start()
        company = sellers[0].send("POST", "/system/private/create-test-company", {}, secret="superSecretSystemApi")
        for seller in sellers:
            seller.secret = company["workspace"]["secretKey"]
        chart = str(uuid.uuid4())
        sellers[0].send("POST", f"/system/public/charts/{chart}", drawing())
        event = sellers[1].send("POST", "/events", {"chartKey": chart})["key"]
        sale = Sale(sellers, event)
        buyers = [threading.Thread(target=sale.buyer, args=(arguments.seed * 100 + i,)) for i in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
        disasters(sellers, random.Random(arguments.seed))
        sale.over.set()
        for buyer in buyers:
            buyer.join()
        booked = audit(sale)
        check(booked > 100, f"only {booked} seats were sold")
        check(sale.refused > 0, "nobody ever came too late: the sale was not contended")
        print(f"{booked} seats sold by two processes through {DISASTERS} disasters, {sale.refused} refused, "
              f"{len(sale.unknown)} answers lost; nothing sold twice, nothing lost")
    except BaseException:
        for seller in sellers:
            if os.path.exists(f"{folder}/{seller.name}.log"):
                with open(f"{folder}/{seller.name}.log", encoding="utf-8", errors="replace") as log:
                    sys.stderr.write(f"--- {seller.name}\n" + "".join(log.readlines()[-30:]))
        raise
    finally:
        for seller in sellers:
            if seller.process is not None:
                seller.process.process.send_signal(signal.SIGCONT)
                seller.process.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
