"""A fake API server on loopback, in front of a FakeStore: it fails on command, and kills its client at a given write.

Faults, kills and the connection are real; the answers are those of `fake_api.py`.
"""

import json
import os
import random
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any

from msgspec import Struct

from tests.cluster.answering import status
from tests.faults.audit import Audit
from tests.faults.fake_api import Request, answer_request, object_of
from tests.faults.fake_store import FakeStore

AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: a socket closed with it sends RST."""
DOWN = 0.3
"""Seconds of a restart in which every connection is reset."""
LATE, TOO_LATE = 0.2, 1.5
"""Seconds of a slow answer, and of one after the time limit of the commands under test, which is 1 s."""
AHEAD = "Fri, 01 Jan 2038 00:00:00 GMT"


class Fault(Struct, frozen=True):
    """What one answer is instead. `carried_out`: whether the request has its effect all the same."""

    code: int = 0
    body: bytes = b""
    headers: dict[str, str] = {}
    deed: str = "answer"
    carried_out: bool = False


def _refused(code: int, reason: str, **headers: str) -> Fault:
    return Fault(code, json.dumps(status(reason, message=f"injected {code}", code=code)).encode(), headers)


FAULTS = {
    "401": _refused(401, "Unauthorized"),
    "403": _refused(403, "Forbidden"),
    "404 as HTML": Fault(404, b"<html>not found</html>", {"Content-Type": "text/html"}),
    "409": _refused(409, "Conflict"),
    "410": _refused(410, "Expired"),
    "422": _refused(422, "Invalid"),
    "429 with Retry-After": _refused(429, "TooManyRequests", **{"Retry-After": "1"}),
    "500": _refused(500, "InternalError"),
    "503": _refused(503, "ServiceUnavailable"),
    "time-out": Fault(deed="silence"),
    "time-out, carried out": Fault(deed="silence", carried_out=True),
    "reset before the request": Fault(deed="reset"),
    "reset after the request": Fault(deed="reset", carried_out=True),
    "half an answer": Fault(deed="half", carried_out=True),
    "slow answer": Fault(deed="slow", carried_out=True),
    "restart": Fault(deed="restart"),
    "clock jump": Fault(deed="clock", carried_out=True),
}


class Trouble:
    """Which requests fail, on all servers of a fleet: the first `times` of one class, or a share of all.

    `struck` counts the faults by class. With `only_late`, requests before the first write are spared.
    """

    audit: Audit | None = None

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        with self.lock:
            self.name = self.request_class = ""
            self.left, self.share = 0, 0.0
            self.chance = random.Random(0)
            self.struck, self.asked = Counter[str](), Counter[str]()
            self.written, self.down_until = 0, 0.0
            self.kill: Callable[[int, str], bool] = lambda *_: False
            self.child = 0

    def strike(self, name: str, request_class: str, times: int) -> None:
        self.name, self.request_class, self.left = name, request_class, times

    def strike_at_random(self, share: float, seed: int) -> None:
        self.share, self.chance = share, random.Random(seed)

    def next_fault(self, request: Request) -> Fault | None:
        with self.lock:
            kind = request.kind_of_request
            self.asked[kind] += 1
            if time.monotonic() < self.down_until:
                return FAULTS["reset before the request"]
            name = self._drawn(kind)
            if name:
                self.struck[f"{kind}: {name}"] += 1
                if name == "restart":
                    self.down_until = time.monotonic() + DOWN
            return FAULTS[name] if name else None

    def _drawn(self, kind: str) -> str:
        if self.share and self.chance.random() < self.share:
            return self.chance.choice(list(FAULTS))
        if self.left and kind == self.request_class:
            self.left -= 1
            return self.name
        return ""

    def kill_now(self, moment: str) -> bool:
        """Whether the client was killed with -9 here; `moment` is before or after the write counted last."""
        if self.child and self.kill(self.written, moment):
            os.kill(self.child, signal.SIGKILL)
            self.child = 0
            return True
        return False


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, store: FakeStore, trouble: Trouble) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store, self.trouble = store, trouble
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(self, request: Request) -> tuple[int, bytes] | None:
        """Status and content; None if the client was killed before or after its write."""
        trouble = self.trouble
        with trouble.lock if request.writes else nullcontext():
            audit = trouble.audit if request.writes and request.plural != "leases" else None
            if audit:
                audit.check(self.store.identity, request, object_of(self.store, request))
            if request.writes:
                trouble.written += 1
                if trouble.kill_now("before"):
                    return None
            code, body = answer_request(self.store, request)
            if audit and code == 201 and isinstance(body, dict):
                audit.note_made(self.store.identity, body)
            if request.writes and trouble.kill_now("after"):
                return None
        return code, body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def handle_error(self, *_: Any) -> None:
        """A client that was killed, or has given up."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BaseServer

    def do(self) -> None:
        server = self.server
        assert isinstance(server, FakeServer)
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body, kind = json.loads(data) if data else None, self.headers.get("Content-Type", "")
        request = Request(self.command, self.path, body, kind)
        fault = server.trouble.next_fault(request)
        if fault and not fault.carried_out:
            self._fail(fault, fault.code, fault.body)
            return
        answer = server.answer(request)
        if answer is None:
            self._reset()
        elif fault:
            self._fail(fault, *answer)
        else:
            self._send(*answer, {})

    do_GET = do_PATCH = do_DELETE = do_POST = do_PUT = do  # noqa: N815

    def _fail(self, fault: Fault, code: int, content: bytes) -> None:
        match fault.deed:
            case "answer":
                self._send(code, content, fault.headers)
            case "clock":
                self._send(code, content, {"Date": AHEAD})
            case "slow":
                time.sleep(LATE)
                self._send(code, content, {})
            case "half":
                self._send(code, content, {}, len(content) // 2)
                self.close_connection = True
            case "silence":
                time.sleep(TOO_LATE)
                self._reset()
            case _:
                self._reset()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.connection.close()
        self.close_connection = True

    def _send(self, code: int, content: bytes, headers: dict[str, str], part: int | None = None) -> None:
        self.send_response_only(code)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[:part])

    def log_message(self, *_: object) -> None:
        pass
