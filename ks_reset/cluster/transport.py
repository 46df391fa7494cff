"""One request and its answer: paths in, JSON out, API errors translated into our own.

Reads are repeated after temporary errors. A write is sent once: after a lost connection its effect is unknown, so the
caller reads the object again first.
"""

import ssl
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import urllib3
from urllib3 import HTTPHeaderDict

from ks_reset import __version__
from ks_reset.cluster.answer_reader import read_answer
from ks_reset.cluster.answers import printable_text
from ks_reset.cluster.refusals import answered_message, answered_status, decoded_text, not_taken, refusal, unprocessable
from ks_reset.cluster.renewal import AUTHORIZATION, Credentials, Headers
from ks_reset.cluster.retry import retry_patiently
from ks_reset.errors import Conflict, Forbidden, ResetError, Retry, Unknown
from ks_reset.escape import without_userinfo
from ks_reset.model import Body

urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # a kubeconfig or a record asked for it
JSON = "application/json"
CONNECT = 5.0
"""Seconds for connection and TLS handshake; a request may take longer."""
MANAGED = ("POST", "PUT", "PATCH")
"""The methods that take a field manager, of at most 128 characters (kubernetes v1.34.4,
staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go, ValidateFieldManager)."""
CUT_OFF = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError, ConnectionError)


class NotFound(Unknown):
    """404 with an API server's Status: the requested object is absent. Never raised for a list.

    A caller that does not expect it ends as for anything unknown.
    """


class NotServed(NotFound):
    """404 without a Status: the type is not served, or the answer is not an API server's."""


class Gone(Unknown):
    """410: the continue token of a paged list has expired; read the list again."""


class _NotAccepted(Forbidden):
    """401: the API server does not accept the credentials."""


class Transport:
    """Sends requests to one API server.

    `patience`: seconds for repeating a read after temporary errors. `skew`: seconds by which the server's clock was
    ahead of ours at its last answer, within one second. `run` is the id of the run that sends requests, "" for none: it
    is in their User-Agent, and the field manager of what they write.
    """

    def __init__(
        self,
        pool: urllib3.PoolManager,
        server: str,
        headers: Headers | Credentials,
        *,
        timeout: float = 30.0,
        patience: float = 8.0,
    ) -> None:
        self._pool = pool
        self._credentials = headers if isinstance(headers, Credentials) else Credentials(headers)
        self._timeout = urllib3.Timeout(connect=min(CONNECT, timeout), read=timeout)
        self._seconds = timeout
        self.server = without_userinfo(server).rstrip("/")
        self.patience = patience
        self.skew = 0.0
        self.run = ""

    def request(
        self, method: str, path: str, body: Any = None, *, content_type: str = JSON, accept: str = JSON
    ) -> Body:
        """Send one request and decode the answer.

        Raises NotFound (404), Conflict (409), Gone (410), Forbidden (401, 403), Denied (403 by admission), Retry (429,
        5xx, no connection, a namespace being deleted), Refused for a write that is not taken, Invalid for an object
        that fails validation, else Unknown.
        """
        if method == "GET":
            return self._read_patiently(lambda: self._send_once(method, path, None, content_type, accept))
        return self._send_once(method, path, body, content_type, accept)

    def _read_patiently(self, call: Callable[[], Body]) -> Body:
        try:
            return retry_patiently(call, self.patience)
        except Retry as error:
            raise Unknown(f"{error} (tried for {self.patience:.0f} s)") from error

    def _send_once(self, method: str, path: str, body: Any, content_type: str, accept: str) -> Body:
        """Send a request; again with new credentials if these are not accepted, which leaves it without effect."""
        used = self._credentials.headers()
        try:
            return self._send(used.copy(), method, path, body, content_type, accept)
        except _NotAccepted:
            if not self._credentials.renew(used.get(AUTHORIZATION, "")):
                raise
        return self._send(self._credentials.headers(), method, path, body, content_type, accept)

    def _send(self, headers: HTTPHeaderDict, method: str, path: str, body: Any, content_type: str, accept: str) -> Body:
        headers["Accept"], headers["Content-Type"] = accept, content_type
        if self.run:
            headers["User-Agent"] = f"{headers.get('User-Agent', 'ks-reset')}/{__version__} (run {self.run})"
        managed = _with_manager(path, self.run) if method in MANAGED and self.run else path
        data = None if body is None else msgspec.json.encode(body)
        try:
            answer = self._pool.request(
                method,
                self.server + managed,
                body=data,
                headers=headers,
                timeout=self._timeout,
                retries=False,
                preload_content=False,
            )
            content = read_answer(answer, f"{method} {self.server}{path}", self._seconds)
        except ValueError:  # its text has the header with the token
            raise Unknown(
                f"The credentials for {self.server} cannot be sent: they contain characters that a header may not have."
            ) from None
        except urllib3.exceptions.SSLError as error:
            raise _tls_error(f"{method} {self.server}{path}", self.server, error) from error
        except urllib3.exceptions.HTTPError as error:
            through = f" through the proxy {self._pool.proxy}" if self._pool.proxy else ""
            raise Retry(f"{method} {self.server}{path} got no answer{through}: {_failure_reason(error)}") from error
        self.skew = _clock_skew(answer.headers.get("Date"))
        request = f"{method} {self.server}{path}"
        if answer.status >= 300:
            raise _as_error(method, request, answer, content)
        return _decoded_body(method, request, content)


def _with_manager(path: str, run: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}fieldManager=ks-reset-run-{run}"


def _decoded_body(method: str, request: str, data: bytes) -> Body:
    """The JSON object answered; {} for a write answered with nothing. Raises Unknown for anything else."""
    if not data and method != "GET":
        return {}
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        shown = printable_text(decoded_text(data)) or "nothing"
        raise Unknown(f"What answers {request} is not an API server: the answer was {shown} ({error}).") from error


def _tls_error(request: str, server: str, error: urllib3.exceptions.SSLError) -> ResetError:
    """Retry for a handshake cut off, as by a load balancer without a backend; Unknown for one that fails."""
    inner = next((arg for arg in error.args if isinstance(arg, Exception)), error)
    if isinstance(inner, CUT_OFF):
        return Retry(f"{request} got no answer: the TLS handshake was cut off ({_failure_reason(error)})")
    if isinstance(inner, ssl.SSLCertVerificationError | ssl.CertificateError):
        return Unknown(f"The certificate of {server} was not accepted: {error}.")
    return Unknown(f"No TLS connection to {server} is possible: {error}.")


def _failure_reason(error: Exception) -> str:
    inner = next((arg for arg in error.args if isinstance(arg, Exception)), error)
    text = str(getattr(error, "reason", None) or inner)
    return text.rpartition(": ")[2] or type(error).__name__


def _as_error(method: str, request: str, answer: urllib3.BaseHTTPResponse, content: bytes) -> ResetError:
    """The error for a status of 300 or more.

    A write that the API server refuses is Refused; a redirection is Unknown: it leads to something else than this API
    server, and nothing is sent there.
    """
    reason = answered_message(content) or printable_text(answer.reason or "")
    what = f"{request} was answered with {answer.status}: {reason}"
    match answer.status:
        case 404:
            return NotFound(what) if answered_status(content).get("kind") == "Status" else NotServed(what)
        case 401:
            return _NotAccepted(f"{what}. The API server does not accept these credentials; log in again.")
        case 403:
            return refusal(method, what, content)
        case 409:
            return Conflict(what)
        case 422 if method != "GET":
            return unprocessable(method, what, content)
        case 410:
            return Gone(what)
        case 429 | 500 | 502 | 503 | 504:
            return Retry(what, _retry_seconds(answer.headers.get("Retry-After")))
    is_refusal = method != "GET" and 400 <= answer.status < 500
    return not_taken(what) if is_refusal else Unknown(what)


def _clock_skew(date: str | None) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - int(time.time()) if date else 0.0
    except (ValueError, OverflowError, TypeError, IndexError):
        return 0.0


def _retry_seconds(header: str | None) -> float:
    return float(header) if header and header.isdecimal() and header.isascii() else 0.0
