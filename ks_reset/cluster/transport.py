"""One request and its answer: paths in, JSON out, API errors translated once into ours.

Reads are retried here, since they change nothing. A write is never sent twice from here: after a cut connection
nobody knows whether it was done, so the caller reads the object again first.
"""

import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import urllib3
from urllib3 import HTTPHeaderDict

from ks_reset.cluster.retry import patiently
from ks_reset.errors import Conflict, Forbidden, ResetError, Retry, Unknown
from ks_reset.model import Body

JSON = "application/json"
CONNECT = 5.0
"""Seconds to connect and to agree on TLS, where one request may take longer."""


class NotFound(Exception):
    """404, said by an API server: the one object asked for is absent. Never raised for a list."""


class NotServed(NotFound):
    """404, and not in an API server's words for an object: the type is not served there, or something else answers."""


class Gone(ResetError):
    """410: the continue token of a paged list has expired; the list starts again."""


class Transport:
    """Sends requests to one API server.

    `patience` is for how many seconds a read is tried again after temporary errors. `skew` is how many seconds the
    server's clock was ahead of ours when it last answered, give or take one.
    """

    def __init__(
        self,
        pool: urllib3.PoolManager,
        server: str,
        headers: Callable[[], HTTPHeaderDict],
        *,
        timeout: float = 30.0,
        patience: float = 8.0,
    ) -> None:
        self._pool = pool
        self._headers = headers
        self._lock = threading.Lock()
        self._timeout = urllib3.Timeout(connect=min(CONNECT, timeout), read=timeout)
        self.server = server.rstrip("/")
        self.patience = patience
        self.skew = 0.0

    def request(
        self, method: str, path: str, body: Any = None, *, content_type: str = JSON, accept: str = JSON
    ) -> Body:
        """Send one request and decode the answer.

        Raises NotFound (404), Conflict (409), Gone (410), Forbidden (401, 403), Retry (429, 5xx, no connection) or
        ResetError (anything else).
        """
        if method == "GET":
            return self._patiently(lambda: self._once(method, path, None, content_type, accept))
        return self._once(method, path, body, content_type, accept)

    def _patiently(self, call: Callable[[], Body]) -> Body:
        try:
            return patiently(call, self.patience)
        except Retry as error:
            raise Unknown(f"{error} (tried for {self.patience:.0f} s)") from error

    def _once(self, method: str, path: str, body: Any, content_type: str, accept: str) -> Body:
        with self._lock:  # an exec plugin refreshes its token here; once is enough
            headers = self._headers()
        headers["Accept"], headers["Content-Type"] = accept, content_type
        data = None if body is None else msgspec.json.encode(body)
        try:
            answer = self._pool.request(
                method, self.server + path, body=data, headers=headers, timeout=self._timeout, retries=False
            )
        except ValueError:  # its text holds the header, and that the token
            raise Unknown(f"The credentials for {self.server} cannot be sent: they hold what no header may.") from None
        except urllib3.exceptions.SSLError as error:
            raise Unknown(f"The certificate of {self.server} was not accepted: {error}.") from error
        except urllib3.exceptions.HTTPError as error:
            raise Retry(f"{method} {self.server}{path} got no answer: {_reason(error)}") from error
        self.skew = _skew(answer.headers.get("Date"))
        if answer.status >= 300:
            raise _translate(method, self.server + path, answer)
        try:
            return msgspec.json.decode(answer.data, type=dict[str, Any]) if answer.data else {}
        except msgspec.MsgspecError as error:
            raise Unknown(f"What answers {method} {self.server}{path} is not an API server: {error}.") from error


def _reason(error: Exception) -> str:
    inner = next((arg for arg in error.args if isinstance(arg, Exception)), error)
    text = str(getattr(error, "reason", None) or inner)
    return text.rpartition(": ")[2] or type(error).__name__


def _translate(method: str, url: str, answer: urllib3.BaseHTTPResponse) -> Exception:
    said = _message(answer.data) or answer.reason or ""
    what = f"{method} {url} was answered with {answer.status}: {said}"
    match answer.status:
        case 404:
            return NotFound(what) if _status(answer.data) else NotServed(what)
        case 401:
            return Forbidden(f"{what}. The API server does not accept these credentials; log in again.")
        case 403:
            return Forbidden(f"{what}. Ask for this permission, or use a context that has it.")
        case 409:
            return Conflict(what)
        case 422 if method == "PATCH":  # a JSON Patch whose `test` did not hold
            return Conflict(what)
        case 410:
            return Gone(what)
        case 429 | 500 | 502 | 503 | 504:
            return Retry(what, _seconds(answer.headers.get("Retry-After")))
    return ResetError(what)


def _message(data: bytes) -> str:
    try:
        return str(msgspec.json.decode(data).get("message", ""))
    except (msgspec.DecodeError, AttributeError):
        return data[:200].decode(errors="replace")


def _skew(date: str | None) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - int(time.time()) if date else 0.0
    except ValueError:
        return 0.0


def _status(data: bytes) -> bool:
    """Whether an API server says this: for an object that is not there it answers with a Status."""
    try:
        return bool(msgspec.json.decode(data, type=dict[str, Any]).get("kind") == "Status")
    except msgspec.MsgspecError:
        return False


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isdigit() else 0.0
