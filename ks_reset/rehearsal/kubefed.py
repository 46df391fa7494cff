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

from ks_reset.catalogue.names import (
    KUBEFED_CONFIG_KIND,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_HOST_NAME,
    KUBEFED_NAMESPACE,
    KUBEFED_TYPES_GROUP,
    NAMESPACE_KIND,
    SECRET_KIND,
    SERVICE_ACCOUNT_KIND,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
)
from ks_reset.cluster import Client, until
from ks_reset.errors import Conflict, ResetError
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.objects import put_objects, read_manifests
from ks_reset.rehearsal.plane.kubelet import Program
from ks_reset.rehearsal.plane.ports import reserve_ports
from ks_reset.rehearsal.plane.process import Argv

TOKEN_SECONDS = 20.0
CONFIG_NAME = "kubefed"


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


def install_kubefed(cluster: Client, binaries: Path, targets: tuple[Target, ...]) -> None:
    """Apply kubefed's own CRDs, then each missing Federated CRD of the targets, then the FederatedTypeConfigs."""
    _create_once(cluster, NAMESPACE_KIND, {"metadata": {"name": KUBEFED_NAMESPACE}})
    put_objects(cluster, read_manifests(binaries / "crds"))
    served = cluster.kinds()
    put_objects(cluster, [_federated_crd(t) for t in targets if f"Federated{t.kind}.types.kubefed.io" not in served])
    put_objects(cluster, [_type_config(t) for t in targets])


def join_cluster(
    binaries: Path, kubeconfig: Path, host: str, member: Client, record: Join, host_name: str = KUBEFED_HOST_NAME
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


def controller_program(binaries: Path, kubeconfig: Path, log: Path) -> Program:
    """kubefed's controller for the process kubelet, at 200 requests a second; at its default of 5 it starts slowly."""

    def controller_argv() -> Argv:
        with ExitStack() as stack:
            health, metrics = stack.enter_context(reserve_ports(2))
        return [
            str(binaries / "controller-manager"),
            f"--kubeconfig={kubeconfig}",
            f"--kubefed-namespace={KUBEFED_NAMESPACE}",
            "--rest-config-qps=200",
            "--rest-config-burst=400",
            f"--healthz-addr=127.0.0.1:{health}",
            f"--metrics-addr=127.0.0.1:{metrics}",
            "--v=4",
        ]

    return Program(KUBEFED_NAMESPACE, KUBEFED_CONTROLLER_MANAGER, controller_argv, log)


@contextmanager
def short_delays(host: Client) -> Iterator[None]:
    """Inside the block, kubefed is configured to start with a delay of 1 s, not 20 s, before it retries an object.

    It reads its KubeFedConfig at its start alone (kubefed v0.8.1, cmd/controller-manager/app/controller-manager.go),
    so the recorded value is put back at the end; a later start takes the full time again.
    """
    before = host.get(KUBEFED_CONFIG_KIND, CONFIG_NAME, KUBEFED_NAMESPACE) or {}
    delays = before["spec"]["controllerDuration"]

    def write_delay(available: str) -> None:
        spec = {"controllerDuration": {**delays, "availableDelay": available}}
        host.merge_patch(KUBEFED_CONFIG_KIND, CONFIG_NAME, KUBEFED_NAMESPACE, {"spec": spec})

    write_delay("1s")
    yield
    write_delay(delays["availableDelay"])


def _service_account(member: Client, name: str) -> None:
    secret = f"{name}-token"
    marks = {SERVICE_ACCOUNT_NAME_ANNOTATION: name}
    token = {"type": "kubernetes.io/service-account-token"}
    _create_once(member, NAMESPACE_KIND, {"metadata": {"name": KUBEFED_NAMESPACE}})
    about = {"name": name, "namespace": KUBEFED_NAMESPACE}
    _create_once(member, SERVICE_ACCOUNT_KIND, {"metadata": about, "secrets": [{"name": secret}]})
    _create_once(
        member,
        SECRET_KIND,
        {"metadata": {"name": secret, "namespace": KUBEFED_NAMESPACE, "annotations": marks}, **token},
    )

    def token_is_there() -> bool:
        body = member.get(SECRET_KIND, secret, KUBEFED_NAMESPACE) or {}
        return "token" in (body.get("data") or {})

    if not until(token_is_there, TOKEN_SECONDS):
        raise ResetError(f"No token was written into the secret {KUBEFED_NAMESPACE}/{secret} of {member.context}.")


def _create_once(cluster: Client, kind: Kind, body: Body) -> None:
    try:
        cluster.create(kind, body)
    except Conflict:
        return


def _type_config(target: Target) -> Body:
    plain = {"kind": target.kind, "pluralName": target.plural, "scope": target.scope, "version": target.version}
    federated = {
        "group": KUBEFED_TYPES_GROUP,
        "kind": f"Federated{target.kind}",
        "pluralName": f"federated{target.plural}",
        "scope": target.scope,
        "version": "v1beta1",
    }
    name = f"{target.plural}.{target.group}" if target.group else target.plural
    return {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "FederatedTypeConfig",
        "metadata": {"name": name, "namespace": KUBEFED_NAMESPACE},
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
            "group": KUBEFED_TYPES_GROUP,
            "scope": target.scope,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [version],
        },
    }
