#!/usr/bin/env python3
"""A wire that is slow, loses and doubles what it carries: Ethernet frames between two TAP devices.

    tap_relay.py INSIDE OUTSIDE [SEED]

Makes both devices in the network namespace that it runs in and says "ready". Each line of standard input is a JSON
object, {"delay_ms", "jitter_ms", "loss", "duplicate"} (the last two of 1, each for one way), and is answered with
"set". Ends with its standard input.
"""

import fcntl
import heapq
import json
import os
import random
import selectors
import signal
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
FRAME_MAX = 65536


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


class Relay:
    def __init__(self, inside, outside, seed):
        self.ends = (open_tap(inside), open_tap(outside))
        self.random = random.Random(seed)
        self.weather = {"delay_ms": 0, "jitter_ms": 0, "loss": 0, "duplicate": 0}
        self.queue, self.count = [], 0  # (when, number, to, frame)
        self.selector = selectors.DefaultSelector()
        for end in (*self.ends, sys.stdin.fileno()):
            self.selector.register(end, selectors.EVENT_READ)

    def carry(self, end):
        """Takes what waits at one end and plans when it leaves at the other."""
        to = self.ends[1 - self.ends.index(end)]
        while True:
            try:
                frame = os.read(end, FRAME_MAX)
            except (BlockingIOError, OSError):  # nothing more, or the device is still down
                return
            if self.random.random() < self.weather["loss"]:
                continue
            for _ in range(1 + (self.random.random() < self.weather["duplicate"])):
                late = self.weather["delay_ms"] + self.random.random() * self.weather["jitter_ms"]
                self.count += 1
                heapq.heappush(self.queue, (time.monotonic() + late / 1000, self.count, to, frame))

    def deliver(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            _, _, to, frame = heapq.heappop(self.queue)
            try:
                os.write(to, frame)
            except OSError:  # the device is down: lost, as on a wire
                pass

    def run(self):
        print("ready", flush=True)
        typed = b""
        while True:
            self.deliver()
            wait = max(0, self.queue[0][0] - time.monotonic()) if self.queue else None
            for key, _ in self.selector.select(wait):
                if key.fd in self.ends:
                    self.carry(key.fd)
                    continue
                more = os.read(key.fd, 4096)
                if not more:
                    return
                *lines, typed = (typed + more).split(b"\n")
                for line in lines:
                    self.weather.update(json.loads(line))
                    print("set", flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Relay(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1).run()
