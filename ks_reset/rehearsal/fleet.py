"""A built scenario, and the incident in its stages."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ks_reset.catalogue.names import (
    DEPLOYMENT_KIND,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_NAMESPACE,
    NAMESPACE_KIND,
    POD_KIND,
    WORKSPACE_KIND,
    WORKSPACE_LABEL,
)
from ks_reset.cluster import Client, until
from ks_reset.errors import ResetError
from ks_reset.model import Body
from ks_reset.rehearsal.kubefed import Join, join_cluster
from ks_reset.rehearsal.plane.kubelet import Kubelet
from ks_reset.rehearsal.spec import Scenario
from ks_reset.rehearsal.standin.informer import Access

Say = Callable[[str], None]
Place = tuple[str, str]
"""Context and namespace."""


SECONDS = 120.0


class RehearsalFleet:
    """Real control planes with KubeSphere's objects, kubefed and the stand-in running.

    `kubeconfig` has one context per plane, `clusters` a connection for each; `business` are the namespaces to keep.
    `reinstall` installs KubeSphere again after an uninstall, and joins; `fill` puts the objects of ks-installer on one
    plane, and joins nothing. Methods raise ResetError if a state they wait for is not reached in time.
    """

    def __init__(
        self, scenario: Scenario, kubefed: Path, kubeconfig: Path, clusters: dict[str, Client], say: Say
    ) -> None:
        self.scenario = scenario
        self.kubefed = kubefed
        self.kubeconfig = kubeconfig
        self.clusters = clusters
        self.say = say
        self.business: list[Place] = [(plane, name) for plane, name, _ in scenario.business()]
        self.kubelets: dict[Place, Kubelet] = {}
        self.born: dict[Place, str] = {}
        self.reinstall: Callable[[], None] = lambda: None
        self.fill: Callable[[str], None] = lambda _: None

    @property
    def host(self) -> Client:
        """The plane with kubefed."""
        return self.clusters[self.scenario.kubefed.host]

    @property
    def test(self) -> Client:
        """The member plane `test`."""
        return self.clusters["test"]

    def arm(self) -> None:
        """Scale kubefed to 0, as the person on call did, and join the stale record; nothing happens yet."""
        self.scale_kubefed(0)
        self.join_stale()

    def restart_kubefed(self) -> None:
        """Scale kubefed to 1 again: it starts to delete Workspaces."""
        self.scale_kubefed(1)

    def live(self) -> None:
        """The incident without a loss yet: kubefed runs with both records, and the flapping Workspace is empty."""
        self.empty_workspace()
        seen = self.watch_uids(self.scenario.incident.workspace)
        self.join_stale()
        self.wait("the Workspace flaps", lambda: len(seen) > 1)

    def add_namespace(self, name: str, workspace: str, context: str = "", *, bound: bool = True) -> Body:
        """Label a new or existing namespace with a Workspace, as a user does. Returns the labelled namespace.

        Waits until it is bound to the Workspace and stays so. The namespace controller removes the label again if it
        sees a Workspace being deleted; the namespace is then labelled once more. Give `bound=False` if no controller
        runs.
        """
        cluster = self.clusters[context or self.scenario.kubefed.host]
        labelled = _label_namespace(cluster, name, workspace)
        looks = [0]

        def stays_bound() -> bool:
            looks[0] = looks[0] + 1 if _belongs_to(cluster, labelled, workspace) else 0
            return looks[0] >= 3

        if bound:
            self.wait(f"{name} belongs to {workspace}", stays_bound)
        return labelled

    def lost(self) -> list[Place]:
        """Business namespaces gone, being deleted, or replaced by another one of the same name."""
        return [place for place in self.business if not self.alive(place)]

    def alive(self, place: Place) -> bool:
        context, name = place
        namespace = self.clusters[context].get(NAMESPACE_KIND, name)
        return bool(namespace) and _is_unhurt(namespace or {}, self.born.get(place, ""))

    def workspace_uid(self, name: str, context: str = "") -> str:
        """The UID of a Workspace, empty while there is none."""
        workspace = self.clusters[context or self.scenario.kubefed.host].get(WORKSPACE_KIND, name)
        return str(workspace["metadata"]["uid"]) if workspace else ""

    def watch_uids(self, workspace: str, context: str = "") -> set[str]:
        """The UIDs of a Workspace, now and later: the set grows while the Workspace flaps.

        Uses a watch: kubefed lets each Workspace live for some 10 ms, and then none for 10 s; polling sees none at all.
        """
        seen: set[str] = set()
        access = Access.read(self.kubeconfig, context or self.scenario.kubefed.host)

        def follow_watch() -> None:
            with suppress(OSError, ValueError):
                for event in access.watch(WORKSPACE_KIND):
                    if event["object"]["metadata"]["name"] == workspace:
                        seen.add(event["object"]["metadata"]["uid"])

        threading.Thread(target=follow_watch, name=f"uids-{workspace}", daemon=True).start()
        self.wait(f"Workspace {workspace} is seen", lambda: bool(seen))
        return seen

    def members_of(self, workspace: str) -> list[Place]:
        """The business namespaces of a Workspace, as in the scenario."""
        return [(plane, name) for plane, name, where in self.scenario.business() if where == workspace]

    def scale_kubefed(self, replicas: int) -> None:
        """Scale kubefed, and return when its Pods and its process follow."""
        self.host.merge_patch(
            DEPLOYMENT_KIND, KUBEFED_CONTROLLER_MANAGER, KUBEFED_NAMESPACE, {"spec": {"replicas": replicas}}
        )
        kubelet = self.kubelets[self.scenario.kubefed.host, KUBEFED_CONTROLLER_MANAGER]
        selector = "kubefed-control-plane=controller-manager"

        def is_scaled() -> bool:
            return (
                kubelet.running == bool(replicas)
                and len(self.host.list(POD_KIND, KUBEFED_NAMESPACE, selector)) == replicas
            )

        self.wait(f"kubefed has {replicas} replicas", is_scaled)

    def join_stale(self) -> None:
        """Join the host's API server to kubefed under a second name."""
        incident = self.scenario.incident
        record = Join(incident.record, incident.plane)
        join_cluster(self.kubefed, self.kubeconfig, self.scenario.kubefed.host, self.clusters[incident.plane], record)

    def empty_workspace(self) -> None:
        """Move every business namespace from the Workspace about to flap to the refuge.

        The multi-cluster project is placed on all clusters: placed by name, its Deployments and ConfigMaps on the
        host would flap as the Workspace does.
        """
        incident, federated = self.scenario.incident, self.scenario.federated
        moved = [p for p in self.members_of(incident.workspace) if p[1] != federated.namespace]
        kinds = self.host.kinds()
        for kind in federated.kinds:
            spec: Body = {"placement": {"clusters": None, "clusterSelector": {}}}
            if kind == "FederatedNamespace":
                spec["template"] = {"metadata": {"labels": {WORKSPACE_LABEL: incident.refuge}}}
            named = kinds[f"{kind}.types.kubefed.io"]
            self.host.merge_patch(named, federated.namespace, federated.namespace, {"spec": spec})
        for context, name in moved:
            _label_namespace(self.clusters[context], name, incident.refuge)
        uid = self.workspace_uid(incident.refuge)
        self.wait("the namespaces have moved", lambda: all(self._owner_uid(place) == uid for place in moved))

    def wait(self, what: str, holds: Callable[[], bool], seconds: float = SECONDS) -> float:
        """Wait until `holds`; returns the seconds it took. Raises ResetError with `what` after `seconds`."""
        start = time.monotonic()
        if not until(holds, seconds):
            raise ResetError(f"After {seconds:.0f} s this was still not so: {what}.")
        took = time.monotonic() - start
        self.say(f"{what} ({took:.1f} s)")
        return took

    def _owner_uid(self, place: Place) -> str:
        namespace = self.clusters[place[0]].get(NAMESPACE_KIND, place[1]) or {"metadata": {}}
        owners = namespace["metadata"].get("ownerReferences") or [{}]
        return str(owners[0].get("uid", ""))


def _label_namespace(cluster: Client, name: str, workspace: str) -> Body:
    labelled = {"metadata": {"name": name, "labels": {WORKSPACE_LABEL: workspace}}}
    if cluster.get(NAMESPACE_KIND, name):
        return cluster.merge_patch(NAMESPACE_KIND, name, "", labelled)
    return cluster.create(NAMESPACE_KIND, labelled)


def _belongs_to(cluster: Client, labelled: Body, workspace: str) -> bool:
    """Whether a labelled namespace is bound, or deleted as a consequence. Labels it again if the label is gone."""
    namespace = cluster.get(NAMESPACE_KIND, labelled["metadata"]["name"])
    if not namespace or not _is_unhurt(namespace, labelled["metadata"]["uid"]):
        return True
    if namespace["metadata"].get("labels", {}).get(WORKSPACE_LABEL) != workspace:
        _label_namespace(cluster, labelled["metadata"]["name"], workspace)
        return False
    return any(owner["name"] == workspace for owner in namespace["metadata"].get("ownerReferences", []))


def _is_unhurt(namespace: Body, uid: str) -> bool:
    meta = namespace["metadata"]
    return not meta.get("deletionTimestamp") and uid in ("", meta["uid"])
