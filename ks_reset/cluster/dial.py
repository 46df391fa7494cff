"""Dial a KubeFedCluster: which cluster answers at the address it records, asked with its own credentials.

A record's endpoint is not its identity; the UID of kube-system behind it is. Two records with one identity are
what destroyed namespaces. The secret is read for its token alone, which is never kept.

kubefed reads `spec.apiEndpoint`, `spec.caBundle` and `spec.secretRef` (token) in the same way:
kubefed v0.8.1, pkg/controller/util/cluster_util.go, BuildClusterConfig.
"""

import base64
import hashlib
from typing import Any

import urllib3

from ks_reset.cluster.client import Cluster
from ks_reset.cluster.transport import NotFound, Transport
from ks_reset.errors import Forbidden, ResetError
from ks_reset.model import Body, Dial, Kind, Obj, Reach

SECRET = Kind("", "v1", "Secret", "secrets", True)


def undialled(record: Obj) -> Dial:
    """What the record says of itself, without a call: endpoint and CA only."""
    bundle = str(record.spec.get("caBundle") or "")
    ca = hashlib.sha256(bundle.encode()).hexdigest() if bundle else ""
    endpoint = str(record.spec.get("apiEndpoint", ""))
    return Dial(record.name, record.namespace, endpoint, ca, Reach.NOT_DIALLED)


def dial(host: Cluster, record: Obj, timeout: float = 8.0) -> Dial:
    """Ask the API server at the record's endpoint who it is. Never raises for a dead one: that is an answer."""
    base = undialled(record)

    def ended(reach: Reach, identity: str = "", detail: str = "") -> Dial:
        return Dial(base.record, base.namespace, base.endpoint, base.ca, reach, identity, detail)

    name = str((record.spec.get("secretRef") or {}).get("name", ""))
    where = f"secret {record.namespace}/{name}"
    try:
        token = _token(host.get(SECRET, name, record.namespace) if name else None)
    except ValueError:
        return ended(Reach.NO_SECRET, detail=f"{where} holds what is not a token")
    except ResetError as error:
        return ended(Reach.NOT_DIALLED, detail=f"{where} could not be read: {error}")
    if not token:
        return ended(Reach.NO_SECRET, detail=f"{where} has no token")
    try:
        return ended(Reach.REACHED, _reach(record, base.endpoint, token, timeout))
    except Forbidden as error:
        return ended(Reach.REFUSED, detail=str(error))
    except (ResetError, NotFound, OSError, urllib3.exceptions.HTTPError) as error:
        return ended(Reach.UNREACHABLE, detail=str(error))
    except (ValueError, KeyError):  # its text may hold the token
        return ended(Reach.UNREACHABLE, detail="the record's CA, or what answers at its address, makes no sense")


def _token(secret: Body | None) -> str:
    """The token of a Secret; "" if it has none. Raises ValueError for what cannot be one."""
    data = ((secret or {}).get("data") or {}).get("token") or ""
    token = base64.b64decode(data, validate=True).decode("ascii").strip()
    if token and not token.isprintable():
        raise ValueError
    return token


def _reach(record: Obj, endpoint: str, token: str, timeout: float) -> str:
    options: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
    if record.spec.get("caBundle"):
        options["ca_cert_data"] = base64.b64decode(record.spec["caBundle"]).decode()
    if "*" in (record.spec.get("disabledTLSValidations") or []):
        options["cert_reqs"] = "CERT_NONE"
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "ks-reset"}

    def made() -> urllib3.HTTPHeaderDict:
        return urllib3.HTTPHeaderDict(headers)

    with urllib3.PoolManager(**options) as pool:
        return Cluster(Transport(pool, endpoint, made, timeout=timeout, patience=0), "").identity
