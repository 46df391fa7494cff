"""Dial a record, a KubeFedCluster or a Cluster: who answers at the address it records, asked with its own credentials.

A record's endpoint is not its identity; the UID of kube-system behind it is. Two records with one identity are
what destroyed namespaces.
"""

import base64
import hashlib
import re
from typing import Any

import msgspec
import urllib3

from ks_reset.cluster.access import KUBEFED, Access, NoAccess, access, of_kubeconfig
from ks_reset.cluster.certificates import first_to_expire, of_server
from ks_reset.cluster.client import Client
from ks_reset.cluster.transport import NotFound, Transport
from ks_reset.errors import Forbidden, ResetError
from ks_reset.model import Dial, Obj, Reach

TIMEOUT = 8.0
ACCOUNT = re.compile(r"system:serviceaccount:[a-z0-9.-]+:(?P<name>[a-z0-9.-]+)")


def dial(host: Client, record: Obj, timeout: float = TIMEOUT) -> Dial:
    """Ask the API server at the record's endpoint who it is. Never raises: that nobody answers is an answer."""
    said = Dial(record.name, record.namespace, _endpoint(record), "", Reach.NOT_DIALLED, way=record.kind.kind)
    said = said.but(recorded=str((record.body.get("status") or {}).get("uid", "")))
    try:
        found = access(host, record)
    except NoAccess as error:
        return said.but(ca=_digest(str(record.spec.get("caBundle") or "")), reach=error.reach, detail=str(error))
    return _tried(said, found, timeout)


def dial_by(name: str, kubeconfig: str, timeout: float = TIMEOUT) -> Dial:
    """Ask who answers by a kubeconfig in base64, such as a Cluster would hold, called by this name. Never raises."""
    said = Dial(name, "", "", "", Reach.NOT_DIALLED, way="kubeconfig")
    try:
        return _tried(said, of_kubeconfig(kubeconfig), timeout)
    except NoAccess as error:
        return said.but(reach=error.reach, detail=str(error))


def certified(kubeconfig: str) -> bool:
    """Whether a kubeconfig in base64 brings a client certificate. Never raises: one that is none brings none."""
    try:
        return bool(of_kubeconfig(kubeconfig).cert)
    except NoAccess:
        return False


def _tried(said: Dial, found: Access, timeout: float) -> Dial:
    said = said.but(endpoint=found.endpoint, ca=_digest(found.ca), account=account(found.token))
    try:
        return _asked(said, found, timeout)
    except Forbidden as error:
        return said.but(reach=Reach.REFUSED, detail=str(error), expires=_expiry(found, None))
    except (ResetError, NotFound, OSError, urllib3.exceptions.HTTPError) as error:
        return said.but(reach=Reach.UNREACHABLE, detail=str(error), expires=_expiry(found, None))
    except ValueError:  # its text may hold a credential
        return said.but(reach=Reach.UNREACHABLE, detail="its CA or certificate is none")


def _asked(said: Dial, found: Access, timeout: float) -> Dial:
    def headers() -> urllib3.HTTPHeaderDict:
        bearer = {"Authorization": f"Bearer {found.token}"} if found.token else {}
        return urllib3.HTTPHeaderDict({"User-Agent": "ks-reset", **bearer})

    tls = found.context() if found.endpoint.startswith("https:") else None
    name: dict[str, Any] = {"server_hostname": found.name, "assert_hostname": found.name} if found.name else {}
    with urllib3.PoolManager(ssl_context=tls, **name) as pool:
        transport = Transport(pool, found.endpoint, headers, timeout=timeout, patience=0)
        cluster = Client(transport, "")
        identity, version = cluster.identity, cluster.version
    expires = _expiry(found, of_server(found.endpoint, timeout))
    return said.but(reach=Reach.REACHED, identity=identity, version=version, expires=expires, skew=transport.skew)


def _expiry(found: Access, server: str | None) -> str:
    """When the first certificate on this way runs out, as `<date> <which>`; "" if there is none."""
    return first_to_expire({"client certificate": found.cert, "CA": found.ca, "server certificate": server or ""})


def _endpoint(record: Obj) -> str:
    if record.kind.key == KUBEFED:
        return str(record.spec.get("apiEndpoint", ""))
    return str((record.spec.get("connection") or {}).get("kubernetesAPIEndpoint", ""))


def account(token: str) -> str:
    """Whose token it is, if a ServiceAccount's: the name alone, which its payload has in the clear; "" for others.

    kubernetes v1.24.17, pkg/serviceaccount/legacy.go and claims.go: sub is system:serviceaccount:<namespace>:<name>.
    """
    try:
        payload = token.split(".")[1]
        subject = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
    except (IndexError, KeyError, TypeError, ValueError, msgspec.DecodeError):
        return ""
    found = ACCOUNT.fullmatch(str(subject))
    return found["name"] if found else ""


def _digest(ca: str) -> str:
    """The CA's hash, whatever white space is around it; "" for none."""
    return hashlib.sha256(ca.strip().encode()).hexdigest() if ca.strip() else ""
