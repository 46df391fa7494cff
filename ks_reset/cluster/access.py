"""How a record reaches its cluster: address, CA and credentials. None of them leaves this folder.

A KubeFedCluster has the address and CA, its Secret the token (kubefed v0.8.1, pkg/controller/util/cluster_util.go,
BuildClusterConfig and CustomizeCertificateValidation). A Cluster has a whole kubeconfig (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, syncCluster). Only inline data is used: programs and files named by a
kubeconfig in a cluster are neither run nor read.
"""

import base64
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct, field

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY, SECRET_KIND
from ks_reset.cluster.client import Client
from ks_reset.errors import ResetError
from ks_reset.limits import TooLarge, load_yaml
from ks_reset.model import Body, Obj, Reach

NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which Python has no name."""


class Access(Struct, frozen=True):
    """How to reach one API server; `ca`, `cert` and `key` are PEM.

    `verify` is false if the record turns off certificate checks; `subject` and `period` are false if it turns off the
    check of the certificate's name or validity period. `name` replaces the host name in that check. `proxy` is the URL
    of the proxy to connect through, "" for none.
    """

    endpoint: str
    ca: str = ""
    token: str = field(default="")
    cert: str = ""
    key: str = ""
    verify: bool = True
    subject: bool = True
    period: bool = True
    name: str = ""
    proxy: str = ""

    def __repr__(self) -> str:
        return f"Access({self.endpoint!r})"

    def context(self) -> ssl.SSLContext:
        """The TLS context for urllib3. Raises ValueError for an invalid CA, certificate or key."""
        context = ssl.create_default_context(cadata=self.ca or None)
        context.check_hostname = self.verify and self.subject
        if not self.period:
            context.verify_flags |= NO_CHECK_TIME
        if not self.verify:
            context.verify_mode = ssl.CERT_NONE
        if self.cert:
            with TemporaryDirectory(prefix="ks-reset-") as folder:  # mode 0700; ssl takes certificates from files alone
                chain = Path(folder) / "client.pem"
                chain.write_text(f"{self.cert}\n{self.key}")
                context.load_cert_chain(chain)
        return context


class NoAccess(Exception):
    """A record without usable access data: `reach` says how it counts, the text has no credentials."""

    def __init__(self, reach: Reach, why: str) -> None:
        super().__init__(why)
        self.reach = reach


def recorded_access(host: Client, record: Obj) -> Access:
    """The access data of a KubeFedCluster or a Cluster. Raises NoAccess if it has none to connect with."""
    try:
        return (
            _kubefed_access(host, record)
            if record.kind.key == KUBEFED_CLUSTER_KEY
            else _kubesphere_access(host, record)
        )
    except ResetError as error:
        raise NoAccess(Reach.NOT_DIALLED, f"what holds its credentials could not be read: {error}") from error


def _kubefed_access(host: Client, record: Obj) -> Access:
    raw = host.get(record.kind, record.name, record.namespace) or {}  # facts hold the CA bundle as a digest
    spec = raw.get("spec") or {}
    name = str((spec.get("secretRef") or {}).get("name", ""))
    where = f"secret {record.namespace}/{name}"
    secret = host.get(SECRET_KIND, name, record.namespace) if name else None
    try:
        token = _decoded_text(((secret or {}).get("data") or {}).get("token")).strip()
        ca = _decoded_text(spec.get("caBundle"))
    except ValueError:
        raise NoAccess(Reach.NO_SECRET, f"{where} or the CA bundle is not base64-encoded text") from None
    if not token or not token.isprintable():
        raise NoAccess(Reach.NO_SECRET, f"{where} has no token")
    off = spec.get("disabledTLSValidations") or []
    checks: dict[str, Any] = {
        "verify": "*" not in off,
        "subject": "SubjectName" not in off,
        "period": "ValidityPeriod" not in off,
    }
    proxy = str(spec.get("proxyURL") or "")
    return Access(str(spec.get("apiEndpoint", "")), ca, token, **checks, proxy=proxy)


def _kubesphere_access(host: Client, record: Obj) -> Access:
    raw = host.get(record.kind, record.name) or {}
    connection = (raw.get("spec") or {}).get("connection") or {}
    if not connection.get("kubeconfig"):
        raise NoAccess(Reach.NO_SECRET, "spec.connection.kubeconfig is empty")
    return kubeconfig_access(connection["kubeconfig"], "spec.connection.kubeconfig")


def kubeconfig_access(data: str, where: str = "it") -> Access:
    """The access data in a base64 kubeconfig. Raises NoAccess if it is invalid or names programs or files."""
    try:
        return _parse_kubeconfig(load_yaml(_decoded_text(data)))
    except (ValueError, KeyError, TypeError, AttributeError, TooLarge):
        raise NoAccess(Reach.NO_SECRET, f"{where} is not a kubeconfig") from None


def _parse_kubeconfig(config: Body) -> Access:
    def entry_named(kind: str, name: str) -> Body:
        return next(entry[kind] or {} for entry in config[f"{kind}s"] if entry["name"] == name)

    try:
        context = entry_named("context", config["current-context"])
        server, user = entry_named("cluster", context["cluster"]), entry_named("user", context["user"])
    except StopIteration:
        raise ValueError from None
    if {"exec", "auth-provider", "tokenFile", "client-key", "client-certificate"} & user.keys():
        raise NoAccess(
            Reach.NOT_DIALLED, "its kubeconfig names a program or a file, and ks-reset runs or reads neither"
        )
    return Access(
        str(server["server"]),
        _decoded_text(server.get("certificate-authority-data")),
        str(user.get("token") or "").strip(),
        _decoded_text(user.get("client-certificate-data")),
        _decoded_text(user.get("client-key-data")),
        verify=not server.get("insecure-skip-tls-verify"),
        name=str(server.get("tls-server-name") or ""),
        proxy=str(server.get("proxy-url") or ""),
    )


def _decoded_text(data: Any) -> str:
    """Decoded base64 text; "" for none. Raises ValueError if it is not base64 or not text."""
    return base64.b64decode(str(data), validate=True).decode() if data else ""
