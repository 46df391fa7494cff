"""The credentials of a client, loaded again once the API server no longer accepts them.

kubectl asks an exec plugin again after an answer of 401 (client-go v0.24.17, plugin/pkg/client/auth/exec/exec.go,
roundTripper.RoundTrip). The official loader of Python asks only once a token has passed its own time of expiry, and
reads a tokenFile once (kubernetes-client/python v36, kubernetes/config/kube_config.py). Only the Authorization header
is renewed: client certificates belong to the connections.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from urllib3 import HTTPHeaderDict

from ks_reset.errors import ResetError

Headers = Callable[[], HTTPHeaderDict]
AUTHORIZATION = "Authorization"
PAUSE, LONGEST = 60.0, 20.0
"""Seconds between two loads, since a server may refuse each token, and for a load: a plugin may wait for input."""


class Credentials:
    """The headers of requests, for all threads of a client. `load` loads them anew; None where nothing can."""

    def __init__(self, headers: Headers, load: Callable[[], Headers] | None = None) -> None:
        self._headers = headers
        self._load = load
        self._lock = threading.Lock()
        self._next = 0.0

    def headers(self) -> HTTPHeaderDict:
        """New headers for a request. An exec plugin renews an expired token here, once for all threads."""
        with self._lock:
            return self._headers()

    def renew(self, refused: str) -> bool:
        """Whether there is another Authorization now than the refused one; loaded at most once in PAUSE seconds.

        A load that fails, or takes longer than LONGEST seconds, leaves the credentials as they are.
        """
        with self._lock:
            if self._headers().get(AUTHORIZATION, "") != refused:
                return True  # another thread was first
            if self._load is None or not refused or time.monotonic() < self._next:
                return False
            fresh = _loaded(self._load)
            self._next = time.monotonic() + PAUSE
            self._headers = fresh or self._headers
            return bool(self._headers().get(AUTHORIZATION, "") != refused)


def _loaded(load: Callable[[], Headers]) -> Headers | None:
    """What a load gives within LONGEST seconds; None for a failure."""
    found: list[Headers] = []

    def work() -> None:
        with suppress(ResetError):
            found.append(load())

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(LONGEST)
    return next(iter(found), None)
