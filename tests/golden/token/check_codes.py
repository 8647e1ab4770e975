#!/usr/bin/env python3
"""Checks the golden ticket codes against include/ticketing/token/CODE.md, without the library.

Needs nothing but Python's own library: Ed25519 is written out below (slowly) from RFC 8032. It is here to show
that the specification is enough to write a reader, and to keep the vectors honest.
"""
import hashlib
import json
import pathlib
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def recover_x(y, sign):
    if y >= P:
        return None  # not canonical
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def point(x, y):
    return (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, p):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, p)
        p, scalar = add(p, p), scalar >> 1
    return total


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE = point(recover_x(BASE_Y, 0), BASE_Y)
NEUTRAL = (0, 1, 1, 0)


def encode_point(p):
    z = pow(p[2], P - 2, P)
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


def decode_point(data):
    """A canonical point that is not of small order, or None."""
    y = int.from_bytes(data, "little")
    x = recover_x(y & (1 << 255) - 1, y >> 255)
    if x is None or same(multiply(8, point(x, y & (1 << 255) - 1)), NEUTRAL):
        return None
    return point(x, y & (1 << 255) - 1)


def number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def sign(seed, message):
    digest = hashlib.sha512(seed).digest()
    a = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    key = encode_point(multiply(a, BASE))
    r = number(digest[32:], message) % L
    point_r = encode_point(multiply(r, BASE))
    return point_r + ((r + number(point_r, key, message) * a) % L).to_bytes(32, "little")


def holds(key, message, signature):
    a, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = number(signature[:32], key, message) % L
    return same(multiply(s, BASE), add(r, multiply(h, a)))


def to_text(data):
    bits = len(data) * 8
    spare = -bits % 5
    value = int.from_bytes(data, "big") << spare
    return "".join(DIGITS[value >> 5 * i & 31] for i in range((bits + spare) // 5 - 1, -1, -1))


def to_bytes(text, count):
    """The `count` bytes of a text, or None when it is not their one text."""
    if len(text) != (count * 8 + 4) // 5 or any(c not in DIGITS for c in text):
        return None
    value = 0
    for c in text:
        value = value << 5 | DIGITS.index(c)
    spare = -count * 8 % 5
    return None if value & (1 << spare) - 1 else (value >> spare).to_bytes(count, "big")


FIELDS = (("key_id", 1), ("event_number", 4), ("ticket_id", 8), ("ordinal", 4), ("issue", 2), ("zone", 2), ("ticket_type", 2))


def body(form, claims):
    return bytes([form]) + b"".join(int(claims[name]).to_bytes(size, "big") for name, size in FIELDS)


def verify(text, ring, now, window_seconds, skew):
    """The error of a code at a gate, empty when it is believed."""
    form, size, signed = {141: (1, 88, 24), 301: (2, 188, 56)}.get(len(text), (0, 0, 0))
    data = to_bytes(text, size) if size else None
    if data is None or data[0] != form or data[1] == 0 or not any(data[2:6]):
        return "code-malformed"
    if not any(data[6:14]) or data[6] & 0x80:
        return "code-malformed"
    key = ring.get(data[1])
    if key is None or not key["not_before"] <= now < key["not_after"]:
        return "unknown-key"
    if not holds(key["public_key"], data[:signed], data[signed : signed + 64]):
        return "code-forged"
    if form == 1:
        return ""
    if not holds(data[24:56], data[:124], data[124:]):
        return "code-forged"
    window = int.from_bytes(data[120:124], "big")
    return "" if abs(window - now // window_seconds) <= skew else "token-expired"


def verify_device_code(text):
    data = to_bytes(text, 37)
    good = data is not None and data[0] == 5 and decode_point(data[1:33]) is not None
    return data[1:33] if good and hashlib.blake2b(data[:33], digest_size=32).digest()[:4] == data[33:] else None


def verify_handover(text, key, now):
    data = to_bytes(text, 115)
    if data is None or data[0] != 3 or not any(data[1:5]) or not any(data[5:13]) or data[5] & 0x80:
        return "code-malformed"
    ends = int.from_bytes(data[47:51], "big")
    if decode_point(data[15:47]) is None or ends > now + 7 * 86400:
        return "code-malformed"
    if not holds(key, data[:51], data[51:]):
        return "code-forged"
    return "" if now < ends else "token-expired"


def check(golden):
    seeds = {key["key_id"]: bytes.fromhex(key["seed"]) for key in golden["issuer_keys"]}
    devices = {device["name"]: device for device in golden["devices"]}
    always = {"not_before": -(2**63), "not_after": 2**63}
    ring = {k["key_id"]: {"public_key": bytes.fromhex(k["public_key"]), **always} for k in golden["issuer_keys"]}
    window, skew = golden["window_seconds"], golden["window_skew"]
    for entry in golden["static_codes"]:
        data = body(1, entry["claims"])
        yield entry["name"], to_text(data + sign(seeds[entry["claims"]["key_id"]], data)), entry["text"]
        yield entry["name"], verify(entry["text"], ring, 0, window, skew), ""
    for entry in golden["rotating_codes"]:
        device = devices[entry["device"]]
        data = body(2, entry["claims"]) + bytes.fromhex(device["public_key"])
        data += sign(seeds[entry["claims"]["key_id"]], data)
        yield entry["name"], to_text(data), entry["ticket"]
        data += (entry["now"] // window).to_bytes(4, "big")
        yield entry["name"], to_text(data + sign(bytes.fromhex(device["seed"]), data)), entry["text"]
        yield entry["name"], verify(entry["text"], ring, entry["now"], window, skew), ""
    for entry in golden["refused"]:
        yield entry["name"], verify(entry["text"], ring, entry["now"], window, skew), entry["error"]
    rotation = golden["key_rotation"]
    rotating = {k["key_id"]: {**k, "public_key": bytes.fromhex(k["public_key"])} for k in rotation["keys"]}
    for entry in rotation["cases"]:
        yield entry["name"], verify(entry["text"], rotating, entry["now"], window, skew), entry["error"]
    yield from check_handovers(golden["handovers"], devices)


def check_handovers(golden, devices):
    old, new = devices[golden["from_device"]], golden
    new_key, old_key = bytes.fromhex(new["public_key"]), bytes.fromhex(old["public_key"])
    code = bytes([5]) + new_key
    yield "device code", to_text(code + hashlib.blake2b(code, digest_size=32).digest()[:4]), golden["device_code"]
    yield "device code", verify_device_code(golden["device_code"]), new_key
    for entry in golden["refused_device_codes"]:
        yield entry["name"], verify_device_code(entry["text"]), None
    ticket = to_bytes(golden["ticket"], 120)
    data = bytes([3]) + ticket[2:14] + ticket[18:20] + new_key + golden["ends_at"].to_bytes(4, "big")
    data += sign(bytes.fromhex(old["seed"]), data)
    yield "handover", to_text(data), golden["text"]
    yield "handover", verify_handover(golden["text"], old_key, golden["ends_at"] - 1), ""
    proof = sign(bytes.fromhex(new["seed"]), bytes([4]) + int(golden["account_id"]).to_bytes(8, "big") + data)
    yield "proof", proof.hex(), golden["proof"]
    for entry in golden["refused"]:
        yield entry["name"], verify_handover(entry["text"], old_key, entry["now"]), entry["error"]


def main():
    path = pathlib.Path(__file__).with_name("ticket_codes.json")
    count = wrong = 0
    for name, got, expected in check(json.loads(path.read_text(encoding="utf-8"))):
        count += 1
        if got != expected:
            wrong += 1
            print(f"{name}: got {got!r}, expected {expected!r}")
    print(f"{count} checks, {wrong} wrong")
    return 1 if wrong or count < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
