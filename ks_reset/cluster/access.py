"""What a record says of the way to its cluster: the address, whom to trust, and credentials. None of it leaves here.

A KubeFedCluster has the address and CA, its Secret the token (kubefed v0.8.1, pkg/controller/util/cluster_util.go,
BuildClusterConfig and CustomizeCertificateValidation). A Cluster has a whole kubeconfig (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, syncCluster). Of that just the data is taken: a program or a file that an
object in a cluster names is not run or read.
"""

import base64
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from msgspec import Struct, field

from ks_reset.cluster.client import Client
from ks_reset.errors import ResetError
from ks_reset.model import Body, Kind, Obj, Reach

SECRET = Kind("", "v1", "Secret", "secrets", True)
KUBEFED = "KubeFedCluster.core.kubefed.io"
NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which Python has no name."""


class Access(Struct, frozen=True):
    """`ca`, `cert` and `key` are PEM.

    `verify` is false where the record says not to look at certificates, `subject` and `period` where it says not to
    look at the name in one, or at how long it is good for.
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

    def __repr__(self) -> str:
        return f"Access({self.endpoint!r})"

    def context(self) -> ssl.SSLContext:
        """What urllib3 needs to talk TLS. Raises ValueError for a CA, certificate or key that is none."""
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
    """There is no way to try: how that counts, and a sentence without a credential in it."""

    def __init__(self, reach: Reach, why: str) -> None:
        super().__init__(why)
        self.reach = reach


def access(host: Client, record: Obj) -> Access:
    """The way that a KubeFedCluster or a Cluster records. Raises NoAccess if it has none that can be tried."""
    try:
        return _of_kubefed(host, record) if record.kind.key == KUBEFED else _of_kubesphere(host, record)
    except ResetError as error:
        raise NoAccess(Reach.NOT_DIALLED, f"what holds its credentials could not be read: {error}") from error


def _of_kubefed(host: Client, record: Obj) -> Access:
    name = str((record.spec.get("secretRef") or {}).get("name", ""))
    where = f"secret {record.namespace}/{name}"
    secret = host.get(SECRET, name, record.namespace) if name else None
    try:
        token = _text(((secret or {}).get("data") or {}).get("token")).strip()
        ca = _text(record.spec.get("caBundle"))
    except ValueError:
        raise NoAccess(Reach.NO_SECRET, f"{where} or the CA bundle holds what is none") from None
    if not token or not token.isprintable():
        raise NoAccess(Reach.NO_SECRET, f"{where} has no token")
    off = record.spec.get("disabledTLSValidations") or []
    checks: dict[str, Any] = {
        "verify": "*" not in off,
        "subject": "SubjectName" not in off,
        "period": "ValidityPeriod" not in off,
    }
    return Access(str(record.spec.get("apiEndpoint", "")), ca, token, **checks)


def _of_kubesphere(host: Client, record: Obj) -> Access:
    raw = host.get(record.kind, record.name) or {}
    connection = (raw.get("spec") or {}).get("connection") or {}
    if not connection.get("kubeconfig"):
        raise NoAccess(Reach.NO_SECRET, "spec.connection.kubeconfig is empty")
    return of_kubeconfig(connection["kubeconfig"], "spec.connection.kubeconfig")


def of_kubeconfig(data: str, where: str = "it") -> Access:
    """The way that a kubeconfig in base64 leads. Raises NoAccess if it is none that can be tried."""
    try:
        return _of_kubeconfig(yaml.safe_load(_text(data)))
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        raise NoAccess(Reach.NO_SECRET, f"{where} is not a kubeconfig") from None


def _of_kubeconfig(config: Body) -> Access:
    def named(kind: str, name: str) -> Body:
        return next(entry[kind] or {} for entry in config[f"{kind}s"] if entry["name"] == name)

    try:
        context = named("context", config["current-context"])
        server, user = named("cluster", context["cluster"]), named("user", context["user"])
    except StopIteration:
        raise ValueError from None
    if {"exec", "auth-provider", "tokenFile", "client-key", "client-certificate"} & user.keys():
        raise NoAccess(Reach.NOT_DIALLED, "its kubeconfig names a program or a file, which is not run or read")
    return Access(
        str(server["server"]),
        _text(server.get("certificate-authority-data")),
        str(user.get("token") or "").strip(),
        _text(user.get("client-certificate-data")),
        _text(user.get("client-key-data")),
        verify=not server.get("insecure-skip-tls-verify"),
        name=str(server.get("tls-server-name") or ""),
    )


def _text(data: Any) -> str:
    """Text of base64, as objects hold it; "" for none. Raises ValueError for what is not."""
    return base64.b64decode(str(data), validate=True).decode() if data else ""
