"""A LAN of network namespaces: every machine has one of its own, joined by veth pairs to one bridge.

Nothing of it has a name that another run could meet, and nothing has to be tidied up: the namespaces live as long as
the processes in them, and those end with the test, also when it is killed.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from parts import Process

CLONE_NEWNET = 0x40000000
SKIPPED = 77
NETWORK = "10.77.0."


def need(condition, why):
    """Ends the test as skipped when this machine cannot play it."""
    if not condition:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)


def sh(commands, runner=("ip", "-batch", "-")):
    subprocess.run(runner, input=commands, text=True, check=True, stdout=subprocess.DEVNULL)


class Machine:
    """A namespace with an address on the LAN."""

    def __init__(self, lan, name, number):
        self.lan, self.name, self.address = lan, name, f"{NETWORK}{number}"
        self.port = f"v{number}"  # its socket in the switch
        self.relay = None
        # Lives until the pipe of its standard input breaks; says when it is inside.
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo inside; exec cat >/dev/null"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        need(self.holder.stdout.readline() == b"inside\n", "a process may not have a network namespace of its own")
        sh(f"link add {self.port} type veth peer name lan0 netns {self.holder.pid}\n"
           f"link set {self.port} master bridge up\n")
        self.inside(f"link set lo up\naddress add {self.address}/24 brd + dev lan0\nlink set lan0 up\n")

    def command(self, *argv):
        """A command line that runs in this namespace, and dies with the test."""
        return ["nsenter", "-t", str(self.holder.pid), "-n", "setpriv", "--pdeathsig", "KILL", *argv]

    def inside(self, commands, runner=("ip", "-batch", "-")):
        sh(commands, self.command(*runner))

    def run(self, name, *argv, stdin=False):
        process = Process(name, self.command(*argv), self.lan.folder, stdin)
        self.lan.processes.append(process)
        return process

    def unplug(self):
        sh(f"link set {self.port} down\n")

    def plug(self):
        sh(f"link set {self.port} up\n")

    def deafen(self, *others):
        """Drops what comes in from other machines; what this one sends still reaches them."""
        rules = "\n".join(f"    ip saddr {other.address} drop" for other in others)
        self.inside(f"table inet cut {{\n  chain in {{\n    type filter hook input priority 0; policy accept;\n{rules}\n  }}\n}}\n",
                    ("nft", "-f", "-"))

    def hear(self):
        self.inside("delete table inet cut\n", ("nft", "-f", "-"))

    def weather(self, **weather):
        """How its wire is from now on: delay_ms, jitter_ms, loss, duplicate, as tap_relay.py takes them."""
        if self.relay is None:
            self._put_relay_between()
        self.relay.write(json.dumps(weather))
        self.relay.line(lambda line: line == "set")

    def _put_relay_between(self):
        near, far, own = f"n{self.port}", f"f{self.port}", f"b{self.port}"
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tap_relay.py")
        self.relay = Process(f"relay-{self.name}", ["setpriv", "--pdeathsig", "KILL", sys.executable, script, near, far],
                             self.lan.folder, stdin=True)
        self.lan.processes.append(self.relay)
        self.relay.line(lambda line: line == "ready")
        sh(f"link add {own} type bridge\nlink set {own} up\nlink set {near} master {own} up\n"
           f"link set {far} master bridge up\nlink set {self.port} master {own}\n")


class Lan:
    """The switch. Making it moves this process, and whatever it starts from then on, out of the host's network; only
    one thread may run by then."""

    def __init__(self):
        missing = [tool for tool in ("ip", "nft", "unshare", "nsenter", "setpriv") if shutil.which(tool) is None]
        need(not missing, "missing: " + ", ".join(missing) + " (Debian packages iproute2, nftables, util-linux)")
        need(os.access("/dev/net/tun", os.R_OK | os.W_OK), "/dev/net/tun cannot be opened")
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET) != 0:
            need(False, "no network namespace of its own: " + os.strerror(ctypes.get_errno()))
        self.machines, self.processes = [], []
        try:
            sh(f"link set lo up\nlink add bridge type bridge\naddress add {NETWORK}254/24 brd + dev bridge\nlink set bridge up\n")
        except subprocess.CalledProcessError:
            need(False, "the kernel has no bridges")
        self.folder = tempfile.mkdtemp(prefix="ticketing-scenes-")  # of the logs and data of all

    def machine(self, name):
        self.machines.append(Machine(self, name, len(self.machines) + 1))
        return self.machines[-1]

    def close(self):
        """Stops every program; gives the names of those that did not end well by themselves."""
        killed = {process for process in self.processes if process.process.poll() == -signal.SIGKILL}
        badly = [process.name for process in reversed(self.processes) if not process.stop() and process not in killed]
        for machine in self.machines:
            machine.holder.stdin.close()
            machine.holder.wait()
        return badly
