"""Build a scenario on empty planes: manifests, kubefed, joins, controllers, and the wait for a healthy state."""

import sys
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from ks_reset.catalogue.names import (
    KS_CONTROLLER_MANAGER,
    KUBEFED_CLUSTER_KIND,
    KUBEFED_MANAGED_LABEL,
    KUBEFED_NAMESPACE,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KIND,
    NAMESPACES_FINALIZER,
    PERSISTENT_VOLUME_CLAIM_KIND,
)
from ks_reset.errors import Unknown
from ks_reset.model import Body
from ks_reset.rehearsal import kubefed
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.kubefed import Join
from ks_reset.rehearsal.objects import put_objects, read_manifests
from ks_reset.rehearsal.plane.kubelet import Kubelet, Program
from ks_reset.rehearsal.plane.process import Argv
from ks_reset.rehearsal.standin.api import ROLE
from ks_reset.rehearsal.standin.clusters import label_record

STANDIN = (KUBESPHERE_NAMESPACE, KS_CONTROLLER_MANAGER)
HOST_ROLE = "host"


@contextmanager
def build_fleet(world: RehearsalFleet, folder: Path, root: Path, values: Mapping[str, str]) -> Iterator[None]:
    """Fill the planes and run the controllers inside the block; all is healthy when it is entered."""
    world.reinstall = partial(reinstall_kubesphere, world, folder, values)
    world.fill = partial(_fill_plane, world, folder, values, but=(*world.scenario.once, *world.scenario.joined))
    with ExitStack() as stack, ThreadPoolExecutor(len(world.clusters)) as pool:
        for done in [pool.submit(_fill_plane, world, folder, values, plane) for plane in world.clusters]:
            done.result()
        world.say("Manifests are on")
        _join_all(world)
        with kubefed.short_delays(world.host):
            for plane, program in _controller_programs(world, root):
                cluster = world.clusters[plane]
                world.kubelets[plane, program.deployment] = stack.enter_context(Kubelet(cluster, program))
            await_health(world)
        yield


def await_health(world: RehearsalFleet) -> None:
    """Return when kubefed is ready, every namespace bound to its Workspace, and every claim to its volume."""
    world.wait("kubefed reaches every cluster", lambda: _clusters_ready(world))
    world.wait("the multi-cluster project is spread", lambda: _project_is_spread(world))
    for plane, name, workspace in world.scenario.business():
        place = f"{plane}/{name}"
        world.wait(f"{place} is bound", partial(_namespace_is_settled, world, plane, name, workspace))
    for plane, name in world.business:
        world.born[plane, name] = (world.clusters[plane].get(NAMESPACE_KIND, name) or {})["metadata"]["uid"]


def reinstall_kubesphere(world: RehearsalFleet, folder: Path, values: Mapping[str, str]) -> None:
    """Install KubeSphere and kubefed again, and join the clusters; users' objects are left out.

    Their pods are the same processes as before: the kubelets start them once their Deployments exist.
    """
    for plane in world.clusters:
        _fill_plane(world, folder, values, plane, but=world.scenario.once)
    _join_all(world)
    with kubefed.short_delays(world.host):
        world.wait("kubefed reaches every cluster again", lambda: _clusters_ready(world))


def _fill_plane(
    world: RehearsalFleet, folder: Path, values: Mapping[str, str], plane: str, but: Collection[str] = ()
) -> None:
    cluster, scenario = world.clusters[plane], world.scenario
    spec = scenario.planes[plane]
    known = {**values, "cluster": plane, "role": spec.role}
    if plane == scenario.kubefed.host:
        kubefed.install_kubefed(cluster, world.kubefed, scenario.kubefed.targets)
    bodies = [body for name in spec.manifests for body in read_manifests(folder / name, known, but)]
    for tenants in scenario.tenants:
        if tenants.plane == plane and not but:
            bodies += [b for name in tenants.namespaces for b in _tenant_objects(folder, name, tenants.workspace)]
    put_objects(cluster, bodies)


def _tenant_objects(folder: Path, namespace: str, workspace: str) -> list[Body]:
    label = f', kubesphere.io/workspace: "{workspace}"' if workspace else ""
    return read_manifests(folder / "tenant.yaml", {"namespace": namespace, "workspace": label})


def _join_all(world: RehearsalFleet) -> None:
    """Join every cluster. Called before kubefed starts: it reads new records at its start, then every 10 s."""
    host = world.scenario.kubefed.host
    for name in world.scenario.kubefed.joins:
        kubefed.join_cluster(world.kubefed, world.kubeconfig, host, world.clusters[name], Join(name, name))
        label_record(world.host, name)
    world.say("Clusters are joined")


def _controller_programs(world: RehearsalFleet, root: Path) -> Iterator[tuple[str, Program]]:
    for plane, spec in world.scenario.planes.items():
        log = root / plane / "ks-controller-manager.log"
        yield plane, Program(*STANDIN, partial(_standin_argv, world.kubeconfig, plane, spec.role), log)
    host = world.scenario.kubefed.host
    config = root / host / "kubeconfig"
    yield host, kubefed.controller_program(world.kubefed, config, root / host / "kubefed.log")


def _standin_argv(kubeconfig: Path, context: str, role: str) -> Argv:
    module = [sys.executable, "-m", "ks_reset.rehearsal.standin", f"--kubeconfig={kubeconfig}", f"--context={context}"]
    return [*module, *(["--multicluster"] if role == HOST_ROLE else [])]


def _clusters_ready(world: RehearsalFleet) -> bool:
    records = world.host.list(KUBEFED_CLUSTER_KIND, KUBEFED_NAMESPACE)
    ready = [r for r in records if _has_condition(r, "Ready")]
    return len(ready) == len(world.scenario.kubefed.joins)


def _project_is_spread(world: RehearsalFleet) -> bool:
    federated, kinds = world.scenario.federated, world.host.kinds()
    name = federated.namespace
    bodies = [world.host.get(kinds[f"{kind}.types.kubefed.io"], name, name) for kind in federated.kinds]
    return all(body and _has_condition(body, "Propagation") for body in bodies)


def _has_condition(body: Body, kind: str) -> bool:
    conditions = (body.get("status") or {}).get("conditions") or []
    return any(c["type"] == kind and c["status"] == "True" for c in conditions)


def _namespace_is_settled(world: RehearsalFleet, plane: str, name: str, workspace: str) -> bool:
    cluster = world.clusters[plane]
    namespace = cluster.get(NAMESPACE_KIND, name)
    if not namespace or NAMESPACES_FINALIZER not in namespace["metadata"].get("finalizers", []):
        return False
    try:
        claims = cluster.list(PERSISTENT_VOLUME_CLAIM_KIND, name)
    except Unknown:
        return False
    bound = all((claim.get("status") or {}).get("phase") == "Bound" for claim in claims)
    return bound and _owner_is_as_expected(world, plane, namespace, workspace)


def _owner_is_as_expected(world: RehearsalFleet, plane: str, namespace: Body, workspace: str) -> bool:
    """Whether the owner is the Workspace of the label, and roles exist; kubefed removes owners from its objects."""
    meta = namespace["metadata"]
    uids = [owner["uid"] for owner in meta.get("ownerReferences", [])]
    if not workspace:
        return not uids
    has_roles = world.clusters[plane].get(ROLE, "viewer", meta["name"]) is not None
    managed = meta["labels"].get(KUBEFED_MANAGED_LABEL) == "true"
    return has_roles and (managed or uids == [world.workspace_uid(workspace, plane)])
