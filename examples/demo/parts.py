"""What the story is played with: an HTTP client, processes, a network link that can be cut, pages and pictures."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import queue
import random
import select
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import uuid


# How many times longer than usual everything may take: the tests' builds with sanitizers are slow.
PATIENCE = float(os.environ.get("TICKETING_TEST_PATIENCE", "1"))


class Refused(Exception):
    """An answer with a problem document."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem


class Api:
    """A JSON API. `token` goes with every request; POSTs carry a fresh Idempotency-Key unless one is given.

    A server over https is known by `pin`, the SHA-256 of its public key, as bastions are."""

    def __init__(self, url, token=None, pin=None):
        self.url = url.rstrip("/")
        self.token = token
        self.pin = pin

    def connect(self):
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=60 * PATIENCE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=60 * PATIENCE, context=context)
        connection.connect()
        if self.pin != pin_of(connection.sock.getpeercert(binary_form=True)):
            connection.close()
            raise OSError("the server shows another key")
        return connection

    def send(self, method, path, body=None, key=None, raw=False):
        connection = self.connect()
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        with contextlib.closing(connection):
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            content = response.read()
        if response.status >= 400:
            try:
                problem = json.loads(content)
            except ValueError:
                problem = {"code": "no-problem-document", "detail": content[:200].decode(errors="replace")}
            raise Refused(response.status, problem)
        return content if raw else (json.loads(content) if content else None)

    def get(self, path, **options):
        return self.send("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.send("POST", path, body if body is not None else {}, **options)

    def put(self, path, body, **options):
        return self.send("PUT", path, body, **options)

    def logged_in(self, email, password):
        session = self.post("/v1/sessions", {"email": email, "password": password})
        return Api(self.url, session["access_token"])


def pin_of(certificate):
    """The SHA-256 of the public key in a certificate (DER)."""
    pem = subprocess.run(["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"], input=certificate, check=True,
                         capture_output=True).stdout
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(
        pem.decode().replace("PUBLIC KEY", "CERTIFICATE"))).hexdigest()


def wait_until(what, probe, seconds=30.0):
    """Asks `probe` again and again until it gives something; says what was waited for when it never does."""
    deadline = time.monotonic() + seconds * PATIENCE
    last = None
    while time.monotonic() < deadline:
        try:
            result = probe()
            if result:
                return result
        except (OSError, Refused, http.client.HTTPException) as error:
            last = error
        time.sleep(0.05)
    raise TimeoutError(f"waited {seconds:.0f} s for {what}" + (f"; last: {last}" if last else ""))


def free_port():
    """A port that nobody has, below those that the system hands out: one of these could be given to somebody's
    outgoing connection before the program that is meant to have it listens."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Process:
    """A program of the platform. Its log goes to a file; lines of its standard output can be waited for."""

    def __init__(self, name, command, log_folder, stdin=False, environment=None):
        self.name = name
        self.log_path = os.path.join(log_folder, name + ".log")
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
            env=environment)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\n"))
        self.lines.put(None)

    def line(self, wanted=lambda line: True, seconds=30.0):
        """The next line of standard output that is wanted."""
        deadline = time.monotonic() + seconds * PATIENCE
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"{self.name} printed nothing that was waited for; see {self.log_path}") from None
            if line is None:
                raise RuntimeError(f"{self.name} ended with {self.process.wait()}; see {self.log_path}")
            if wanted(line):
                return line

    def write(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def kill(self):
        """As a power cut would: no chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=15.0):
        """Asks to end and tells whether it ended well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds * PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
                return False
        return self.process.returncode == 0


class Link:
    """A wire between two programs that can be cut: a relay of TCP connections on the loopback address."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.up = True
        self.pairs = set()
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            if not self.up:
                client.close()
                continue
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        try:
            target = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
        except OSError:
            client.close()
            return
        with self.lock:
            self.pairs.add((client, target))
        try:
            while self.up:
                ready, _, _ = select.select([client, target], [], [], 0.2)
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    (target if end is client else client).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            client.close()
            target.close()
            with self.lock:
                self.pairs.discard((client, target))

    def cut(self):
        self.up = False
        with self.lock:
            for pair in self.pairs:
                for end in pair:
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.up = True


def pdf_text(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True,
                          text=True).stdout


def pdf_page_as_png(path, target, dpi=150):
    """Page 1 of a PDF as a picture, the way a printer or a screen would show it."""
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-singlefile", path, target], check=True,
                   stderr=subprocess.DEVNULL)
    return target + ".png"


def decode_bytes(text):
    return base64.b64decode(text)


def require_tools():
    missing = [tool for tool in ("pdftotext", "pdftoppm") if shutil.which(tool) is None]
    if missing:
        raise SystemExit("missing: " + ", ".join(missing) + " (Debian package poppler-utils)")
