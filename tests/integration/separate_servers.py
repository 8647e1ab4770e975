#!/usr/bin/env python3
"""The six servers as six processes: a purchase through client-api, then each domain API refuses strangers."""

import argparse
import os
import shutil
import sys
import tempfile

from parts import Api, Process, Refused, free_port, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ADMIN = ("admin@estadio.example", "separate-admin-password")


def refused_without_token(url, path):
    try:
        Api(url).get(path)
    except Refused as refusal:
        assert refusal.status == 401, f"{url}{path} answers a stranger with {refusal.status}"
        return
    raise AssertionError(f"{url}{path} answers a stranger")


def refused(status, code, action):
    """The problem document of a call that must be refused in this way."""
    try:
        action()
    except Refused as refusal:
        assert (refusal.status, refusal.problem["code"]) == (status, code), f"instead of {status} {code}: {refusal}"
        return refusal.problem
    raise AssertionError(f"expected {status} {code}, but it was allowed")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="ticketing-servers-")
    names = ["identity", "payments", "notifications", "ticketing", "client", "admin"]
    ports = {name: free_port() for name in names}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    common = ["--service_secret=a-secret-that-they-all-share"]
    knows = {"payments": ["identity"], "notifications": ["identity"],
             "ticketing": ["identity", "payments", "notifications"],
             "client": ["identity", "ticketing", "payments", "notifications"],
             "admin": ["identity", "ticketing", "payments", "notifications"]}
    processes = []
    try:
        for name in names:
            flags = common + [f"--listen=127.0.0.1:{ports[name]}"]
            flags += [f"--{other}_url={urls[other]}" for other in knows.get(name, [])]
            if name not in ("client", "admin"):
                flags.append(f"--data_dir={folder}/{name}")
            if name == "identity":
                flags += [f"--admin_email={ADMIN[0]}", f"--admin_password={ADMIN[1]}"]
            if name == "notifications":
                flags.append(f"--mailbox_port={free_port()}")
            process = Process(name + "-api", [os.path.join(arguments.bin, name + "-api"), *flags], folder)
            process.line(lambda line: "listening" in line)
            processes.append(process)
        buy(urls, arguments.bin, folder)
        refused_without_token(urls["ticketing"], "/v1/events")
        refused_without_token(urls["payments"], "/v1/ledger/balances")
        refused_without_token(urls["identity"], "/v1/devices")
        refused_without_token(urls["notifications"], "/v1/messages/msg_0000000000001")
        for process in reversed(processes):
            assert process.stop(), f"{process.name} did not stop cleanly"
    except BaseException:
        print(f"logs: {folder}", file=sys.stderr)
        for process in processes:
            process.stop()
        raise
    shutil.rmtree(folder, ignore_errors=True)
    print("1 passed, 0 failed")


def buy(urls, programs, folder):
    chart_path = os.path.join(folder, "chart.json")
    os.spawnv(os.P_WAIT, os.path.join(programs, "chart-tool"), [
        "chart-tool", f"--in={ROOT}/examples/stadium/concert_hall.json", f"--out={chart_path}"])
    admin = wait_until("identity", lambda: Api(urls["admin"]).logged_in(*ADMIN))
    venue = admin.post("/v1/venues", {"name": "Sala", "utc_offset_minutes": -360})
    with open(chart_path, "rb") as chart:
        chart = admin.post("/v1/charts", chart.read())
    event = admin.post("/v1/events", {
        "venue_id": venue["id"], "chart_id": chart["id"], "name": "Concierto", "starts_at": "2030-01-01T20:00:00Z",
        "currency": "MXN",
        "prices": [{"category": c["key"], "price": {"minor": "50000", "currency": "MXN"}} for c in chart["categories"]]})
    session = Api(urls["client"]).post("/v1/accounts", {
        "email": "ana@clientes.example", "password": "a-long-enough-password", "name": "Ana"})
    customer = Api(urls["client"], session["access_token"])
    login = {"email": "ana@clientes.example", "password": "a-long-enough-password"}
    refused(403, "permission-denied", lambda: Api(urls["admin"]).post("/v1/sessions", login))
    hold = customer.post(f"/v1/events/{event['id']}/holds", {"best_available": {"quantity": 2}})
    labels = [item["label"] for item in hold["objects"]]
    gone = refused(409, "seat-not-available", lambda: customer.post(
        f"/v1/events/{event['id']}/holds", {"objects": [{"label": label} for label in labels]}))
    assert sorted(gone["objects"]) == sorted(labels) and all(label in gone["detail"] for label in labels), gone
    order = customer.post("/v1/orders", {"event_id": event["id"], "hold_id": hold["id"]})
    pay = f"/v1/orders/{order['id']}/payments"
    unknown = refused(422, "invalid-field", lambda: customer.post(pay, {"card": {"payment_method": "pm_card_unheard"}}))
    assert unknown["errors"][0]["field"] == "card.payment_method", unknown
    paid = customer.post(pay, {"card": {"payment_method": "pm_card_visa"}})
    assert paid["status"] == "completed" and len(paid["tickets"]) == 2, paid
    assert admin.get("/v1/ledger/balances")["balanced"]


if __name__ == "__main__":
    sys.exit(main())
