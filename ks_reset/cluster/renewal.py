"""The credentials of a client, loaded again once the API server no longer accepts them.

kubectl asks an exec plugin again after an answer of 401 (client-go v0.24.17, plugin/pkg/client/auth/exec/exec.go,
roundTripper.RoundTrip). The official loader of Python asks only once a token has passed its own time of expiry, and
reads a tokenFile once (kubernetes-client/python v36, kubernetes/config/kube_config.py).
"""

import threading
from collections.abc import Callable

from urllib3 import HTTPHeaderDict

Headers = Callable[[], HTTPHeaderDict]
AUTHORIZATION = "Authorization"


class Credentials:
    """The headers of requests, for all threads of a client. `load` loads them anew; None where nothing can."""

    def __init__(self, headers: Headers, load: Callable[[], Headers] | None = None) -> None:
        self._headers = headers
        self._load = load
        self._lock = threading.Lock()
        self._useless = ""

    def headers(self) -> HTTPHeaderDict:
        """New headers for a request. An exec plugin renews an expired token here, once for all threads."""
        with self._lock:
            return self._headers()

    def renew(self, refused: str) -> bool:
        """Whether there is another Authorization now than the refused one; loaded once for each refused one.

        Raises the errors of loading.
        """
        with self._lock:
            if self._headers().get(AUTHORIZATION, "") != refused:
                return True  # another thread was first
            if self._load is None or refused == self._useless:
                return False
            self._useless = refused
            self._headers = self._load()
            return bool(self._headers().get(AUTHORIZATION, "") != refused)
