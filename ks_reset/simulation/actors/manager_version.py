"""Where ks-controller-manager runs, and in which version: by the tag of its image, else by the types it is served.

Each function about a version says whether a process of the cluster may act so: an unknown version may be any that can
work with the types of the cluster.
"""

import re

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    DEPLOYMENT_KEY,
    FEDERATED_WORKSPACE_KEY,
    KS_CONTROLLER_MANAGER,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.facts.installer import multicluster_role
from ks_reset.simulation.memo import ALIVE, remembered
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State

Version = tuple[int, ...]
UNFEDERATED, UNBOUND = (4,), (4, 1, 3)
"""The first versions without kubefed, and without owners on namespaces."""


@remembered(DEPLOYMENT_KEY, *catalogue.STRAY_KEYS, ALIVE)
def running_clusters(state: State) -> list[str]:
    """The identities of the clusters with a process of ks-controller-manager."""
    return sorted({i.cluster for i in state.alive if i in state.objects and is_manager(state.objects[i])})


def is_manager(deployment: SimObject) -> bool:
    return (
        catalogue.is_reacting_controller(deployment.obj)
        and catalogue.STOP_ORDER[catalogue.stop_rank(deployment.obj)] == KS_CONTROLLER_MANAGER
    )


@remembered(DEPLOYMENT_KEY, *catalogue.STRAY_KEYS, ALIVE)
def running_versions(state: State, cluster: str) -> list[Version | None]:
    """The versions of the processes on a cluster; None for an unknown one."""
    running = [state.objects[i] for i in state.alive if i.cluster == cluster and i in state.objects]
    return [_image_version(deployment) for deployment in running if is_manager(deployment)]


def may_federate(state: State, cluster: str) -> bool:
    """Whether a process there may be one of 3.x with multi-cluster: it writes FederatedWorkspaces.

    The types of kubefed stay after an uninstall, so their presence proves nothing; without them it cannot be.
    """
    if not state.served_kind(cluster, FEDERATED_WORKSPACE_KEY):
        return False
    return any(version is None or version < UNFEDERATED for version in running_versions(state, cluster))


def surely_federates(state: State, cluster: str) -> bool:
    """Whether multi-cluster is known to be on there: ks-installer's configuration makes the cluster a host."""
    configurations = state.cluster_facts(cluster).of(CLUSTER_CONFIGURATION_KEY)
    return may_federate(state, cluster) and any(multicluster_role(obj) == "host" for obj in configurations)


def may_spread(state: State, cluster: str) -> bool:
    """Whether a process there may be one of 4.x: it writes Workspaces into each Cluster itself.

    4.x reads templates as v1beta1 (kubesphere v4.1.3, staging/src/kubesphere.io/api/tenant/v1beta1).
    """
    kind = state.served_kind(cluster, WORKSPACE_TEMPLATE_KEY)
    versions = running_versions(state, cluster)
    return any(v >= UNFEDERATED if v else kind is not None and kind.version == "v1beta1" for v in versions)


def may_cascade(state: State, cluster: str) -> bool:
    """Whether a process there may be 4.1.3 or later: it obeys the annotation of a Workspace being deleted."""
    return any(version is None or version >= UNBOUND for version in running_versions(state, cluster))


def may_set_owner(state: State, cluster: str) -> bool:
    """Whether a process there may be older than 4.1.3: it makes the Workspace the owner of its namespaces."""
    return any(version is None or version < UNBOUND for version in running_versions(state, cluster))


def only_adds_owner(state: State, cluster: str) -> bool:
    """Whether each process there is known to be 4.1.1 or 4.1.2: it takes no other owner off a namespace."""
    versions = running_versions(state, cluster)
    return bool(versions) and all(version and UNFEDERATED <= version < UNBOUND for version in versions)


def _image_version(deployment: SimObject) -> Version | None:
    """The version in the tag of the image: `v4.1.3`, `4.1.3-amd64`; None for another tag or a digest alone."""
    containers = ((deployment.obj.spec.get("template") or {}).get("spec") or {}).get("containers") or [{}]
    images = [str(container.get("image", "")) for container in containers]
    image = next((image for image in images if KS_CONTROLLER_MANAGER in image), images[0])
    tag = re.search(r":v?(\d+)\.(\d+)\.(\d+)(?![\w.])", image.partition("@")[0])
    return tuple(int(part) for part in tag.groups()) if tag else None
