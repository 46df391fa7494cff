"""What an installation of KubeSphere brings, whether it has begun, whether it works, and what it waits for.

ks-installer v3.3.1, roles/ks-core/ks-core and roles/ks-multicluster; kubesphere v4.1.3, config/ks-core/templates.
"""

from collections.abc import Iterable

import yaml

from ks_reset import catalogue
from ks_reset.model import Body, Install, Kind, Obj, World

CONFIGURATION = "ClusterConfiguration.installer.kubesphere.io"
INSTALLER = "ks-installer"
SYSTEM, FEDERATION = "kubesphere-system", "kube-federation-system"
CONFIG = "kubesphere-config"
RELEASE = "ks-core"
RELEASED = "meta.helm.sh/release-name"
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
CORE = ("ks-apiserver", "ks-console", "ks-controller-manager")
KUBEFED = "kubefed-controller-manager"
WORKLOADS = ("Deployment.apps", "StatefulSet.apps", "DaemonSet.apps")
KINDS = (*WORKLOADS, "ReplicaSet.apps", "Pod", "PersistentVolumeClaim", CONFIGURATION)
"""What is read while an installation is waited for."""


def begun(world: World) -> bool:
    """Whether an installation of KubeSphere stands here, or is under way: a ClusterConfiguration, or a release."""
    secrets = (secret.labels for secret in world.of("Secret") if secret.namespace == SYSTEM)
    released = any(labels.get("owner") == "helm" and labels.get("name") == RELEASE for labels in secrets)
    return released or world.get(CONFIGURATION, INSTALLER, SYSTEM) is not None


def jwt_secret(config: Body) -> str:
    """The jwtSecret in a ConfigMap kubesphere-config; "" for none. Raises YAMLError for what is no YAML.

    kubesphere v3.3.1, pkg/apiserver/authentication/options.go: authentication.jwtSecret; v4.1.1,
    config/ks-core/templates/kubesphere-config.yaml: authentication.issuer.jwtSecret.
    """
    read = yaml.safe_load((config.get("data") or {}).get("kubesphere.yaml") or "")
    said = (read.get("authentication") or {}) if isinstance(read, dict) else {}
    return str(said.get("jwtSecret") or (said.get("issuer") or {}).get("jwtSecret") or "")


def expected(install: Install | None) -> Iterable[tuple[str, str, str]]:
    """Cluster, namespace and name of each Deployment without which the installation does not work."""
    for past in install.objects if install else ():
        if past.kind.key == CONFIGURATION:
            yield from ((past.cluster, SYSTEM, name) for name in CORE)
            if (past.obj.spec.get("multicluster") or {}).get("clusterRole") == "host":
                yield past.cluster, FEDERATION, KUBEFED
    for chart in install.charts if install else ():
        yield from ((chart.cluster, SYSTEM, name) for name in CORE)


def waiting(world: World, names: Iterable[tuple[str, str]]) -> list[str]:
    """What is not ready yet, one a line: the Deployments of these namespaces and names, what the installer says of
    its components, and whatever else runs in KubeSphere's namespaces."""
    names = list(names)
    absent = [f"Deployment {where}/{name} is not there" for where, name in names if not _there(world, where, name)]
    there = [obj for key in WORKLOADS for obj in world.of(key) if catalogue.system_namespace(obj.namespace)]
    return [*absent, *(line for obj in there if (line := _short(obj))), *_components(world)]


def _there(world: World, namespace: str, name: str) -> bool:
    return world.get(DEPLOYMENT.key, name, namespace) is not None


def _short(obj: Obj) -> str:
    """How many of its pods a workload lacks; "" for none."""
    status = obj.body.get("status") or {}
    if obj.kind.kind == "DaemonSet":
        wanted, ready = status.get("desiredNumberScheduled", 0), status.get("numberAvailable", 0)
    else:
        wanted = obj.spec.get("replicas", 1)
        ready = status.get("availableReplicas", 0) or 0
    seen = status.get("observedGeneration", 0) >= obj.meta.get("generation", 0)
    return "" if seen and ready >= wanted else f"{obj.title}: {ready} of {wanted} pod(s) available"


def _components(world: World) -> Iterable[str]:
    """What ks-installer has not finished, by its own word in the status of its ClusterConfiguration."""
    found = world.get(CONFIGURATION, INSTALLER, SYSTEM)
    status = (found.body.get("status") or {}) if found else {}
    if found and "core" not in status:
        yield "ks-installer has not said yet that the core is on"
    for name, about in sorted(status.items()):
        said = str(about.get("status", "")) if isinstance(about, dict) else ""
        if said and said != "enabled":
            yield f"the component {name} is {said}"
