"""A network between ks-reset and one API server, failing on command."""

import select
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

TICK = 0.05
CHUNK = 65536
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: a socket closed with it sends RST."""


class Proxy:
    """Stands on a loopback port in front of one API server, as a context manager; it forwards until told otherwise."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._upstream = (str(parts.hostname), int(parts.port or 443))
        self._mode, self._late = "forward", 0.0
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.server = f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()

    def forward(self) -> None:
        """Let everything through; data held back by a `drop` arrives now, even if its sender has gone since."""
        self._mode, self._late = "forward", 0.0

    def delay(self, seconds: float) -> None:
        """Every chunk, either way, is so late."""
        self._mode, self._late = "forward", seconds

    def drop(self) -> None:
        """Accept connections and let nothing through, on old ones and new; none is closed."""
        self._mode = "drop"

    def reset(self) -> None:
        """Answer every connection, old or new, with RST."""
        self._mode = "reset"

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                if select.select([self._listener], [], [], TICK)[0]:
                    client, _ = self._listener.accept()
                    threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._upstream) as upstream:
            ends = {client: upstream, upstream: client}
            while not self._over.is_set():
                if self._mode == "reset":
                    for end in ends:
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                    return
                waiting = [] if self._mode == "drop" else list(ends)
                for end in select.select(waiting, [], [], TICK)[0]:
                    data = end.recv(CHUNK)
                    if not data:
                        return
                    time.sleep(self._late)
                    ends[end].sendall(data)
