"""When certificates expire: those in a record, and the one presented by its server."""

import ssl
from urllib.parse import urlsplit

from cryptography import x509


def first_to_expire(pems: dict[str, str]) -> str:
    """`<ISO date> <key>` of the certificate with the earliest expiry date; "" if there is none."""
    certificates = [(key, certificate) for key, pem in pems.items() for certificate in _parse_certificates(pem)]
    expiries = [(certificate.not_valid_after_utc.isoformat(), key) for key, certificate in certificates]
    return " ".join(min(expiries)) if expiries else ""


def server_certificate(endpoint: str, timeout: float) -> str:
    """The certificate presented at an https address, as PEM; "" if there is none. It is not verified."""
    parts = urlsplit(endpoint)
    if parts.scheme != "https" or not parts.hostname:
        return ""
    try:
        return ssl.get_server_certificate((parts.hostname, parts.port or 443), timeout=timeout)
    except (OSError, ValueError):
        return ""


def _parse_certificates(pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode()) if pem.strip() else []
    except ValueError:
        return []
