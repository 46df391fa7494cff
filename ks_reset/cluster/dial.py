"""Dial a record (KubeFedCluster or Cluster): which cluster answers at its address, asked with its own credentials.

A record's endpoint is not its identity; the UID of kube-system behind it is. Two records with one identity
destroyed namespaces.
"""

import base64
import hashlib
import re
from typing import Any

import msgspec
import urllib3

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY
from ks_reset.cluster.access import Access, NoAccess, kubeconfig_access, recorded_access
from ks_reset.cluster.certificates import first_to_expire, server_certificate
from ks_reset.cluster.client import Client
from ks_reset.cluster.proxies import connection_pool
from ks_reset.cluster.transport import NotFound, Transport
from ks_reset.errors import Forbidden, ResetError, Unknown
from ks_reset.escape import without_userinfo
from ks_reset.model import Dial, Obj, Reach

TIMEOUT = 8.0
WATCH_PATIENCE = 10.0
"""Seconds of temporary failures that a watch through a record outlasts."""
ACCOUNT = re.compile(r"system:serviceaccount:[a-z0-9.-]+:(?P<name>[a-z0-9.-]+)")


def dial_record(host: Client, record: Obj, timeout: float = TIMEOUT) -> Dial:
    """Ask the API server at the record's endpoint for its identity. Never raises; `Dial.reach` tells how it went."""
    dialled = Dial(
        record.name, record.namespace, _recorded_endpoint(record), "", Reach.NOT_DIALLED, way=record.kind.kind
    )
    dialled = dialled.but(recorded=str((record.body.get("status") or {}).get("uid", "")))
    try:
        reached = recorded_access(host, record)
    except NoAccess as error:
        return dialled.but(ca=_ca_digest(str(record.spec.get("caBundle") or "")), reach=error.reach, detail=str(error))
    return _dial_access(dialled, reached, timeout)


def dial_kubeconfig(name: str, kubeconfig: str, timeout: float = TIMEOUT) -> Dial:
    """The same for a base64 kubeconfig as a Cluster holds it; the result is named `name`. Never raises."""
    dialled = Dial(name, "", "", "", Reach.NOT_DIALLED, way="kubeconfig")
    try:
        return _dial_access(dialled, kubeconfig_access(kubeconfig), timeout)
    except NoAccess as error:
        return dialled.but(reach=error.reach, detail=str(error))


def connect_record(host: Client, record: Obj, timeout: float = TIMEOUT) -> Client:
    """A client for the cluster behind a record, with the record's own credentials. Raises Unknown without an answer."""
    said = f"The cluster behind the record {record.name} cannot be asked"
    try:
        way = recorded_access(host, record)
        client = _client_for(way, _pool_for(way), timeout, f"record {record.name}", WATCH_PATIENCE)
        client.read_identity()
    except (ResetError, NotFound, NoAccess, OSError, urllib3.exceptions.HTTPError) as error:
        raise Unknown(f"{said}: {error}") from error
    except ValueError:  # its text may hold a credential
        raise Unknown(f"{said}: its CA or certificate is invalid.") from None
    return client


def has_client_certificate(kubeconfig: str) -> bool:
    """Whether a base64 kubeconfig has a client certificate; false for an invalid one. Never raises."""
    try:
        return bool(kubeconfig_access(kubeconfig).cert)
    except NoAccess:
        return False


def _dial_access(dialled: Dial, way: Access, timeout: float) -> Dial:
    dialled = dialled.but(
        endpoint=without_userinfo(way.endpoint), ca=_ca_digest(way.ca), account=service_account_name(way.token)
    )
    try:
        return _ask_identity(dialled, way, timeout)
    except Forbidden as error:
        return dialled.but(reach=Reach.REFUSED, detail=str(error), expires=_first_expiry(way, None))
    except (ResetError, NotFound, OSError, urllib3.exceptions.HTTPError) as error:
        return dialled.but(reach=Reach.UNREACHABLE, detail=str(error), expires=_first_expiry(way, None))
    except ValueError:  # its text may hold a credential
        return dialled.but(reach=Reach.UNREACHABLE, detail="its CA or certificate is invalid")


def _ask_identity(dialled: Dial, way: Access, timeout: float) -> Dial:
    with _pool_for(way) as pool:
        cluster = _client_for(way, pool, timeout)
        identity, version = cluster.identity, cluster.version
    expires = _first_expiry(way, None if way.proxy else server_certificate(way.endpoint, timeout))
    skew = cluster.transport.skew
    return dialled.but(reach=Reach.REACHED, identity=identity, version=version, expires=expires, skew=skew)


def _pool_for(way: Access) -> urllib3.PoolManager:
    tls = way.context() if way.endpoint.startswith("https:") else None
    name: dict[str, Any] = {"server_hostname": way.name, "assert_hostname": way.name} if way.name else {}
    return connection_pool(way.proxy, ssl_context=tls, **name)


def _client_for(way: Access, pool: urllib3.PoolManager, timeout: float, title: str = "", patience: float = 0) -> Client:
    def request_headers() -> urllib3.HTTPHeaderDict:
        bearer = {"Authorization": f"Bearer {way.token}"} if way.token else {}
        return urllib3.HTTPHeaderDict({"User-Agent": "ks-reset", **bearer})

    return Client(Transport(pool, way.endpoint, request_headers, timeout=timeout, patience=patience), title)


def _first_expiry(way: Access, server: str | None) -> str:
    """`<date> <kind>` of the first certificate to expire; "" if there is none."""
    return first_to_expire({"client certificate": way.cert, "CA": way.ca, "server certificate": server or ""})


def _recorded_endpoint(record: Obj) -> str:
    if record.kind.key == KUBEFED_CLUSTER_KEY:
        return without_userinfo(str(record.spec.get("apiEndpoint", "")))
    return without_userinfo(str((record.spec.get("connection") or {}).get("kubernetesAPIEndpoint", "")))


def service_account_name(token: str) -> str:
    """The ServiceAccount's name in a token's payload; "" for other tokens.

    kubernetes v1.24.17, pkg/serviceaccount/legacy.go and claims.go: sub is system:serviceaccount:<namespace>:<name>.
    """
    try:
        payload = token.split(".")[1]
        subject = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
    except (IndexError, KeyError, TypeError, ValueError, msgspec.DecodeError):
        return ""
    match = ACCOUNT.fullmatch(str(subject))
    return match["name"] if match else ""


def _ca_digest(ca: str) -> str:
    """The SHA-256 of a CA without surrounding white space; "" for none."""
    return hashlib.sha256(ca.strip().encode()).hexdigest() if ca.strip() else ""
