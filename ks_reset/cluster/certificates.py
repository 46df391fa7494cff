"""When certificates run out: those that a record brings, and the one that its server shows."""

import ssl
from urllib.parse import urlsplit

from cryptography import x509


def first_to_expire(pems: dict[str, str]) -> str:
    """`<ISO date> <which>` of the certificate that runs out first; "" if there is none. Keys say which it is."""
    found = [(each.not_valid_after_utc.isoformat(), which) for which, pem in pems.items() for each in _read(pem)]
    return " ".join(min(found)) if found else ""


def of_server(endpoint: str, timeout: float) -> str:
    """The certificate that answers at an https address, as PEM; "" if none does. It is looked at, not trusted."""
    parts = urlsplit(endpoint)
    if parts.scheme != "https" or not parts.hostname:
        return ""
    try:
        return ssl.get_server_certificate((parts.hostname, parts.port or 443), timeout=timeout)
    except (OSError, ValueError):
        return ""


def _read(pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode()) if pem.strip() else []
    except ValueError:
        return []
