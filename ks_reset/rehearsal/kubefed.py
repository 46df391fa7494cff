"""The real kubefed 0.8.1 on a plane: its types, its joins, its controller as a process.

Secrets of ServiceAccounts: `kubefedctl join` waits for one that the ServiceAccount lists (kubefed v0.8.1,
pkg/kubefedctl/join.go, populateSecretInHostCluster), and from Kubernetes 1.24 on nobody makes it. KubeSphere's own
join code writes ServiceAccount and Secret itself (kubesphere v3.3.1, pkg/controller/cluster/join.go,
createServiceAccountWithSecret); `join` does the same first, then lets kubefedctl do the rest, on any version.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from ks_reset.cluster import Client, until
from ks_reset.errors import Conflict, ResetError
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.objects import documents, put
from ks_reset.rehearsal.plane.kubelet import Program
from ks_reset.rehearsal.plane.ports import reserved
from ks_reset.rehearsal.plane.process import Argv

NAMESPACE = "kube-federation-system"
DEPLOYMENT = "kubefed-controller-manager"
HOST_NAME = "kubesphere"
"""The constant that KubeSphere gives as name of the host: ServiceAccounts are called `<cluster>-kubesphere`
(kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go, hostClusterName)."""
TOKEN_SECONDS = 20.0
CONFIG_NAME = "kubefed"
CONFIG = Kind("core.kubefed.io", "v1beta1", "KubeFedConfig", "kubefedconfigs", True)
CORE_NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
SERVICE_ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts", True)
SECRET = Kind("", "v1", "Secret", "secrets", True)


class Target(Struct, frozen=True):
    """A type propagated by kubefed."""

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True

    @property
    def scope(self) -> str:
        return "Namespaced" if self.namespaced else "Cluster"


class Join(NamedTuple):
    """A cluster record: its name, and the context of its API server."""

    name: str
    context: str


def install(cluster: Client, binaries: Path, targets: tuple[Target, ...]) -> None:
    """Apply kubefed's own CRDs, then each missing Federated CRD of the targets, then the FederatedTypeConfigs."""
    _create_once(cluster, CORE_NAMESPACE, {"metadata": {"name": NAMESPACE}})
    put(cluster, documents(binaries / "crds"))
    served = cluster.kinds()
    put(cluster, [_federated_crd(t) for t in targets if f"Federated{t.kind}.types.kubefed.io" not in served])
    put(cluster, [_type_config(t) for t in targets])


def join_cluster(
    binaries: Path, kubeconfig: Path, host: str, member: Client, record: Join, host_name: str = HOST_NAME
) -> None:
    """Run `kubefedctl join` with KubeSphere's names, or with those of another host.

    Joining a context a second time under another name makes the stale record of the incident.
    Raises ResetError with kubefedctl's last lines.
    """
    _service_account(member, f"{record.name}-{host_name}")
    argv = [
        str(binaries / "kubefedctl"),
        "join",
        record.name,
        f"--kubeconfig={kubeconfig}",
        f"--cluster-context={record.context}",
        f"--host-cluster-context={host}",
        f"--host-cluster-name={host_name}",
        f"--secret-name={record.name}-secret",
        "--error-on-existing=false",
        "--v=2",
    ]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        reason = "\n".join(done.stderr.splitlines()[-6:])
        raise ResetError(f"kubefedctl did not join {record.name} ({record.context}) to {host}:\n{reason}")


def controller(binaries: Path, kubeconfig: Path, log: Path) -> Program:
    """kubefed's controller for the process kubelet, at 200 requests a second; at its default of 5 it starts slowly."""

    def controller_argv() -> Argv:
        with ExitStack() as stack:
            health, metrics = stack.enter_context(reserved(2))
        return [
            str(binaries / "controller-manager"),
            f"--kubeconfig={kubeconfig}",
            f"--kubefed-namespace={NAMESPACE}",
            "--rest-config-qps=200",
            "--rest-config-burst=400",
            f"--healthz-addr=127.0.0.1:{health}",
            f"--metrics-addr=127.0.0.1:{metrics}",
            "--v=4",
        ]

    return Program(NAMESPACE, DEPLOYMENT, controller_argv, log)


@contextmanager
def short_delays(host: Client) -> Iterator[None]:
    """Inside the block, kubefed is configured to start with a delay of 1 s, not 20 s, before it retries an object.

    It reads its KubeFedConfig at its start alone (kubefed v0.8.1, cmd/controller-manager/app/controller-manager.go),
    so the recorded value is put back at the end; a later start takes the full time again.
    """
    before = host.get(CONFIG, CONFIG_NAME, NAMESPACE) or {}
    delays = before["spec"]["controllerDuration"]

    def write_delay(available: str) -> None:
        spec = {"controllerDuration": {**delays, "availableDelay": available}}
        host.merge_patch(CONFIG, CONFIG_NAME, NAMESPACE, {"spec": spec})

    write_delay("1s")
    yield
    write_delay(delays["availableDelay"])


def _service_account(member: Client, name: str) -> None:
    secret = f"{name}-token"
    marks = {"kubernetes.io/service-account.name": name}
    token = {"type": "kubernetes.io/service-account-token"}
    _create_once(member, CORE_NAMESPACE, {"metadata": {"name": NAMESPACE}})
    about = {"name": name, "namespace": NAMESPACE}
    _create_once(member, SERVICE_ACCOUNT, {"metadata": about, "secrets": [{"name": secret}]})
    _create_once(member, SECRET, {"metadata": {"name": secret, "namespace": NAMESPACE, "annotations": marks}, **token})

    def token_is_there() -> bool:
        body = member.get(SECRET, secret, NAMESPACE) or {}
        return "token" in (body.get("data") or {})

    if not until(token_is_there, TOKEN_SECONDS):
        raise ResetError(f"No token was written into the secret {NAMESPACE}/{secret} of {member.context}.")


def _create_once(cluster: Client, kind: Kind, body: Body) -> None:
    try:
        cluster.create(kind, body)
    except Conflict:
        return


def _type_config(target: Target) -> Body:
    plain = {"kind": target.kind, "pluralName": target.plural, "scope": target.scope, "version": target.version}
    federated = {
        "group": "types.kubefed.io",
        "kind": f"Federated{target.kind}",
        "pluralName": f"federated{target.plural}",
        "scope": target.scope,
        "version": "v1beta1",
    }
    name = f"{target.plural}.{target.group}" if target.group else target.plural
    return {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "FederatedTypeConfig",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "federatedType": federated,
            "propagation": "Enabled",
            "targetType": {**plain, "group": target.group} if target.group else plain,
        },
    }


def _federated_crd(target: Target) -> Body:
    kind, plural = f"Federated{target.kind}", f"federated{target.plural}"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1beta1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.types.kubefed.io"},
        "spec": {
            "group": "types.kubefed.io",
            "scope": target.scope,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [version],
        },
    }
