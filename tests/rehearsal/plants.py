"""What is wrong with a fleet, put there and taken away again: each plant is a context manager over a world.

Those that ks-reset has to be called otherwise for yield the environment of that call.
"""

import json
import ssl
import threading
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ks_reset.catalogue.names import KUBEFED_NAMESPACE
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.objects import put_objects

CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
RECORD = Kind("core.kubefed.io", "v1beta1", "KubeFedCluster", "kubefedclusters", True)
TYPE_CONFIG = Kind("core.kubefed.io", "v1beta1", "FederatedTypeConfig", "federatedtypeconfigs", True)
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps", True)
BINDING = Kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", False)
FEDERATED = Kind("types.kubefed.io", "v1beta1", "FederatedConfigMap", "federatedconfigmaps", True)
Plant = Callable[[RehearsalFleet], AbstractContextManager[dict[str, str]]]


def made(kind: Kind, name: str, namespace: str = "", on: str = "host", **body: Body) -> Plant:
    """An object of its own."""

    @contextmanager
    def plant(world: RehearsalFleet) -> Iterator[dict[str, str]]:
        cluster, labels = world.clusters[on], body.pop("labels", {})
        meta = {"name": name, "labels": labels, **({"namespace": namespace} if namespace else {})}
        put_objects(cluster, [{"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **body}])
        yield {}
        cluster.delete(kind, name, namespace)

    return plant


def record(name: str, **spec: Body | str) -> Plant:
    """A KubeFedCluster like the member's, with the given changes."""

    @contextmanager
    def plant(world: RehearsalFleet) -> Iterator[dict[str, str]]:
        like = world.host.get(RECORD, "test", KUBEFED_NAMESPACE) or {}
        with made(RECORD, name, KUBEFED_NAMESPACE, spec=like["spec"] | spec)(world):
            yield {}

    return plant


def patched(
    kind: Kind, name: str, namespace: str, change: Callable[[RehearsalFleet], Body], on: str = "host", sub: str = ""
) -> Plant:
    """Change an existing object; its changed fields are restored at the end."""

    @contextmanager
    def plant(world: RehearsalFleet) -> Iterator[dict[str, str]]:
        cluster, new = world.clusters[on], change(world)
        before = cluster.get(kind, name, namespace) or {}
        path = kind.path(namespace, name) + sub
        cluster.request("PATCH", path, new, MERGE_PATCH)
        yield {}
        cluster.request("PATCH", path, {key: before.get(key) for key in new}, MERGE_PATCH)

    return plant


def called(**environment: str) -> Plant:
    """Nothing is changed; ks-reset is called otherwise."""

    @contextmanager
    def plant(_: RehearsalFleet) -> Iterator[dict[str, str]]:
        yield environment

    return plant


@contextmanager
def silent_member(world: RehearsalFleet) -> Iterator[dict[str, str]]:
    """A context with an address without a server."""
    with _elsewhere(world, "https://127.0.0.1:1") as kubeconfig:
        yield {"KUBECONFIG": str(kubeconfig)}


@contextmanager
def late_clock(world: RehearsalFleet) -> Iterator[dict[str, str]]:
    """A member with its clock ten minutes behind: a proxy before its API server changes the Date of each answer."""
    kubeconfig = json.loads(world.kubeconfig.read_text())
    entry = next(c["cluster"] for c in kubeconfig["clusters"] if c["name"] == "test")
    tls = ssl.create_default_context(cadata=b64decode(entry["certificate-authority-data"]).decode())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {k: v for k, v in self.headers.items() if k in ("Authorization", "Accept")}
            request = urllib.request.Request(entry["server"] + self.path, headers=headers)
            with urllib.request.urlopen(request, context=tls) as answer:
                data = answer.read()
            self.send_response_only(200)
            self.send_header("Date", format_datetime(datetime.now(UTC) - timedelta(minutes=10), usegmt=True))
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with _elsewhere(world, f"http://127.0.0.1:{server.server_port}") as changed:
            yield {"KUBECONFIG": str(changed)}
        server.shutdown()


@contextmanager
def _elsewhere(world: RehearsalFleet, server: str) -> Iterator[Path]:
    """A kubeconfig with the member's context pointing to another cluster."""
    config = json.loads(world.kubeconfig.read_text())
    for entry in config["clusters"]:
        if entry["name"] == "test":
            entry["cluster"] = {"server": server}
    path = world.kubeconfig.with_name("elsewhere")
    path.write_text(json.dumps(config))
    yield path
    path.unlink()


def runs_out(days: int) -> Plant:
    """A record with another authority in its CA bundle, valid for so many days; negative for an expired one."""

    @contextmanager
    def plant(world: RehearsalFleet) -> Iterator[dict[str, str]]:
        like = world.host.get(RECORD, "test", KUBEFED_NAMESPACE) or {}
        bundle = b64decode(like["spec"]["caBundle"]) + _authority(days)
        with record("brief", caBundle=b64encode(bundle).decode())(world):
            yield {}

    return plant


def _authority(days: int) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "brief")])
    end = datetime.now(UTC) + timedelta(days=days)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(end - timedelta(days=90)).not_valid_after(end)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def other_jwt(world: RehearsalFleet) -> Body:
    text = "authentication:\n  jwtSecret: another\n"
    return {"data": {"kubesphere.yaml": text}}


def kubeconfig_of_host(world: RehearsalFleet) -> Body:
    found = world.host.get(CLUSTER, "host") or {}
    return {"spec": {"connection": {"kubeconfig": found["spec"]["connection"]["kubeconfig"]}}}


def not_ready(_: RehearsalFleet) -> Body:
    said = {"type": "Ready", "status": "False", "reason": "ClusterNotReachable", "message": "no route to host"}
    at = "2026-01-01T00:00:00Z"
    return {"status": {"conditions": [said | {"lastProbeTime": at, "lastTransitionTime": at}]}}


@contextmanager
def stray(world: RehearsalFleet) -> Iterator[dict[str, str]]:
    """A federated object placed on the host alone, and a managed target of it on the member."""
    spec = {"template": {"data": {"a": "1"}}, "placement": {"clusters": [{"name": "host"}]}}
    target = made(CONFIG_MAP, "stray", "catalog", on="test", labels={"kubefed.io/managed": "true"})
    with made(FEDERATED, "stray", "catalog", spec=spec)(world), target(world):
        yield {}


def joined(account: str) -> Plant:
    """What the join of another host leaves."""
    role = {"apiGroup": BINDING.group, "kind": "ClusterRole", "name": f"kubefed-controller-manager:{account}"}
    subject = {"kind": "ServiceAccount", "namespace": KUBEFED_NAMESPACE, "name": account}
    return made(BINDING, role["name"], on="test", roleRef=role, subjects=[subject])
