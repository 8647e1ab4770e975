"""The wire between a program and its PostgreSQL server, which can be cut in the middle of anything."""

import contextlib
import os
import re
import select
import socket
import threading

SOCKET = ".s.PGSQL.5432"


class DatabaseWire:
    """A relay of a Unix socket. `url` is `server_url` by way of it; `folder` is made for its socket."""

    def __init__(self, server_url, folder):
        host = re.search("[?&]host=([^&]*)", server_url).group(1)
        self.target = os.path.join(host, SOCKET)
        os.mkdir(folder)
        self.url = server_url.replace(f"host={host}", f"host={folder}")
        self.lock = threading.Lock()
        self.pairs = set()
        self.mute = False
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(os.path.join(folder, SOCKET))
        self.server.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        with contextlib.closing(client), contextlib.closing(socket.socket(socket.AF_UNIX)) as server:
            pair = (client, server)
            try:
                server.connect(self.target)
                with self.lock:
                    self.pairs.add(pair)
                while True:
                    for end in select.select(pair, [], [])[0]:
                        data = end.recv(1 << 16)
                        if not data:
                            return
                        if end is client:
                            server.sendall(data)
                        elif not self.mute:
                            client.sendall(data)
            except (OSError, ValueError):
                pass
            finally:
                with self.lock:
                    self.pairs.discard(pair)

    def cut(self, answers_first):
        """Ends every connection at once. With `answers_first` the server still does what it was asked for the next
        moment, and nobody hears that it did."""
        if answers_first:
            self.mute = True
            threading.Event().wait(0.05)  # how long the server works on unheard; nothing waits for it
        with self.lock:
            for pair in self.pairs:
                for end in pair:
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
        self.mute = False

    def close(self):
        self.server.close()
