"""Whose each object inside KubeSphere's own namespaces is: KubeSphere's, a controller's, or unknown.

Kubernetes and controllers write into every namespace: default accounts, certificates, tokens, pods, endpoints. Each
follows from something else in the cluster, which is accounted for in its turn. Events, EndpointSlices and metrics are
not read (facts/gather.py): controllers write them again.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import cached_property
from itertools import groupby

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.contents import content_proof, is_proven_by_use
from ks_reset.catalogue.delivered import delivered_inside_proof
from ks_reset.catalogue.names import (
    CONTROLLER_REVISION_KEY,
    DAEMON_SET_KEY,
    DEPLOYMENT_KEY,
    ENDPOINTS_KEY,
    JOB_KEY,
    LEADER_ANNOTATION,
    LEASE_KEY,
    NAMESPACE_KEY,
    NODE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    POD_KEY,
    REPLICA_SET_KEY,
    SECRET_KEY,
    SERVICE_ACCOUNT_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
    SERVICE_KEY,
    STATEFUL_SET_KEY,
)
from ks_reset.facts.component_choice import namespaces_that_go
from ks_reset.facts.given_up import is_given_up
from ks_reset.facts.join_accounts import joins_of_cluster
from ks_reset.facts.kept import Kept
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.facts.orphan_secrets import join_secrets
from ks_reset.facts.owner_circles import owns_itself
from ks_reset.facts.pod_secrets import secrets_in
from ks_reset.facts.shared_components import SharedComponents
from ks_reset.model import Body, ClusterFacts, Obj, Owner, Request

WORKLOADS = (DEPLOYMENT_KEY, STATEFUL_SET_KEY, DAEMON_SET_KEY)
MADE = (POD_KEY, REPLICA_SET_KEY, CONTROLLER_REVISION_KEY, JOB_KEY)
"""Types whose objects with an owner are made by controllers, and made again; an owner without account may be gone."""
EVERYWHERE = 3
"""An object of the same type and name in every namespace, and in at least so many that stay, is a controller's."""


class Whose(StrEnum):
    KUBESPHERE = "kubesphere"
    CONTROLLER = "controller"
    UNKNOWN = "unknown"


class Account(Struct, frozen=True):
    """Whose an object is, and the reason as a phrase."""

    obj: Obj
    whose: Whose
    why: str


class Accounts:
    """The accounts of the objects of one cluster, each made once."""

    def __init__(self, cluster: ClusterFacts) -> None:
        self._cluster, self.shared = cluster, SharedComponents(cluster)
        self._made: dict[str, Account] = {}
        cluster.all()  # a watched cluster notes it: an account depends on every object

    @cached_property
    def _by_uid(self) -> dict[str, Obj]:
        return {obj.uid: obj for obj in self._cluster.all() if obj.uid}

    @cached_property
    def _homes(self) -> dict[tuple[str, str], set[str]]:
        places = sorted((obj.kind.key, obj.name, obj.namespace) for obj in self._cluster.all())
        return {key: {place[2] for place in inside} for key, inside in groupby(places, lambda place: place[:2])}

    def of(self, obj: Obj) -> Account:
        """The account of an object. While it is being made, an object that leads back to itself is unknown."""
        place = f"{obj.title} {obj.uid}"
        if place not in self._made:
            self._made[place] = Account(obj, Whose.UNKNOWN, "nothing tells whose it is")
            self._made[place] = self._account(obj)
        return self._made[place]

    def inside(self, namespaces: Iterable[str]) -> list[Account]:
        """The accounts of everything in these namespaces."""
        wanted = set(namespaces)
        return [self.of(obj) for obj in self._cluster.all() if obj.namespace in wanted]

    def _account(self, obj: Obj) -> Account:
        if proof := self._proof(obj):
            return Account(obj, Whose.KUBESPHERE, proof)
        if reason := self._reason_made(obj):
            return Account(obj, Whose.CONTROLLER, reason)
        return self._made[f"{obj.title} {obj.uid}"]

    def _proof(self, obj: Obj) -> str | None:
        shared = catalogue.shared_namespace(obj.namespace)
        proof = self.shared.proof_inside(obj) if shared else content_proof(obj)
        return proof or catalogue.extensions_of(self._cluster).proof(obj)

    def _reason_made(self, obj: Obj) -> str:
        """Why a controller made the object, or why it follows from one that is accounted for; "" without a reason."""
        return (
            self._default(obj)
            or self._follows_owner(obj)
            or self._follows_service(obj)
            or self._follows_account(obj)
            or self._used_by_workload(obj)
            or self._held_lock(obj)
            or self._made_by_join(obj)
        )

    def _default(self, obj: Obj) -> str:
        """kubernetes v1.24.17, pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher."""
        if (obj.kind.key, obj.name) in ((SERVICE_ACCOUNT_KEY, "default"), ("ConfigMap", "kube-root-ca.crt")):
            return "Kubernetes makes one in every namespace"
        living = [n.name for n in self._cluster.of(NAMESPACE_KEY) if not n.deleting]
        homes = self._homes.get((obj.kind.key, obj.name), set())
        kept = [name for name in living if catalogue.own_namespace(self._cluster, name) is None]
        everywhere = len(kept) >= EVERYWHERE and homes.issuperset(living)
        return "every namespace has one of this name" if everywhere else ""

    def _follows_owner(self, obj: Obj) -> str:
        """Its owners are KubeSphere's, which the plan may have deleted by now, or are accounted for beside it."""
        if (
            not obj.owners
            or owns_itself(obj, self._by_uid)
            or not all(self._is_accounted(owner, obj) for owner in obj.owners)
        ):
            return ""
        return f"made for {obj.owners[0].kind} {obj.owners[0].name}"

    def _is_accounted(self, reference: Owner, obj: Obj) -> bool:
        """Whether an owner beside the object, or a cluster-wide one, tells whose it is; no other is an owner.

        In a shared namespace KubeSphere's group is no proof: the plan takes such an owner off a user's object. A node
        owns its static pods (kubernetes v1.24.17, pkg/kubelet/pod/mirror_client.go, CreateMirrorPod).
        """
        owner = self._by_uid.get(reference.uid)
        if owner and owner.namespace:
            return owner.namespace == obj.namespace
        if catalogue.is_own_group(reference.group):
            return not catalogue.shared_namespace(obj.namespace)
        if owner is None:
            return obj.kind.key in MADE or self.shared.is_collected(reference, obj)
        return (obj.kind.key, owner.kind.key) == (POD_KEY, NODE_KEY) or self.of(owner).whose is not Whose.UNKNOWN

    def _follows_service(self, obj: Obj) -> str:
        """The controller of endpoints writes those of a Service with a selector (pkg/controller/endpoint)."""
        if obj.kind.key == ENDPOINTS_KEY:
            service = self._cluster.get(SERVICE_KEY, obj.name, obj.namespace)
            return f"made for Service {obj.name}" if service and service.spec.get("selector") else ""
        if obj.kind.key == SERVICE_KEY and (selector := obj.spec.get("selector")):
            for workload in self._own_workloads(obj.namespace):
                if workload.name == obj.name and selector_matches({"matchLabels": selector}, _pod_labels(workload)):
                    return f"it has name and pods of KubeSphere's {workload.kind.kind} {workload.name}"
        return ""

    def _follows_account(self, obj: Obj) -> str:
        """A token goes with its account, also if that is gone already (pkg/controller/serviceaccount)."""
        name = obj.annotations.get(SERVICE_ACCOUNT_NAME_ANNOTATION)
        return f"a token of ServiceAccount {name}" if name and obj.kind.key == SECRET_KEY else ""

    def _used_by_workload(self, obj: Obj) -> str:
        if obj.kind.key == SECRET_KEY and is_proven_by_use(obj):
            naming = [w for w in self._own_workloads(obj.namespace) if obj.name in secrets_in(_pod_spec(w))]
            return f"named by KubeSphere's {naming[0].kind.kind} {naming[0].name}" if naming else ""
        if obj.kind.key != SERVICE_ACCOUNT_KEY:
            return ""
        users = [w for w in self._own_workloads(obj.namespace) if _pod_spec(w).get("serviceAccountName") == obj.name]
        return f"the account of KubeSphere's {users[0].kind.kind} {users[0].name}" if users else ""

    def _held_lock(self, obj: Obj) -> str:
        """A leader-election lock, held by a pod of a workload of KubeSphere's: the holder begins with its name."""
        holder = str(obj.spec.get("holderIdentity", "") if obj.kind.key == LEASE_KEY else "")
        holder = holder or obj.annotations.get(LEADER_ANNOTATION, "").partition('"holderIdentity":"')[2]
        holders = [w for w in self._own_workloads(obj.namespace) if holder.startswith(f"{w.name}-")]
        return f"the leader-election lock of KubeSphere's {holders[0].kind.kind} {holders[0].name}" if holders else ""

    def _made_by_join(self, obj: Obj) -> str:
        """The account of a join, and the Secret in which its host keeps the token; other steps judge them by name."""
        if obj.kind.key == SERVICE_ACCOUNT_KEY and (obj.namespace, obj.name) in self._join_accounts:
            return "the account of a join"
        return "the Secret of a join" if obj.uid in self._join_secrets else ""

    @cached_property
    def _join_accounts(self) -> set[tuple[str, str]]:
        return {(join.namespace, join.account) for join in joins_of_cluster(self._cluster)}

    @cached_property
    def _join_secrets(self) -> set[str]:
        return {s.uid for s in join_secrets(self._cluster)}

    def _own_workloads(self, namespace: str) -> list[Obj]:
        workloads = [obj for key in WORKLOADS for obj in self._cluster.of(key) if obj.namespace == namespace]
        return [workload for workload in workloads if self.of(workload).whose is not Whose.UNKNOWN]


def leaving_namespaces(cluster: ClusterFacts, request: Request) -> list[str]:
    """KubeSphere's own namespaces that a request lets go, by name, except those in deletion: their contents go anyway.

    One in deletion without spec.finalizers counts: nothing empties it, and a released finalizer ends it as it is.
    """
    return [n.name for n in namespaces_that_go(cluster, request) if not n.deleting or not n.spec.get("finalizers")]


def unaccounted_objects(cluster: ClusterFacts, request: Request, joins: Collection[str] = ()) -> list[Obj]:
    """The objects of unknown origin in KubeSphere's namespaces that no flag gives up, without claims.

    `joins` are accounts known to the plan, as <kube-system UID>/<account>: their bindings may be gone by now.
    """
    return unaccounted_objects_in(cluster, leaving_namespaces(cluster, request), request, joins)


def unaccounted_objects_in(
    cluster: ClusterFacts, namespaces: Iterable[str], request: Request, joins: Collection[str] = ()
) -> list[Obj]:
    """The same in these namespaces, by name. The API group of a kept type proves nothing about its objects."""
    accounts, kept = Accounts(cluster).inside(list(namespaces)), Kept(cluster, request)
    unknown = [account.obj for account in accounts if account.whose is Whose.UNKNOWN or _is_kept_here(account, kept)]
    left = [obj for obj in unknown if obj.kind.key != PERSISTENT_VOLUME_CLAIM_KEY and not is_given_up(obj, request)]
    leaving = {*(f"{cluster.identity}/{name}" for name in request.gone), *joins}
    secrets = {secret.uid for secret in join_secrets(cluster, leaving)}
    return [obj for obj in left if obj.uid not in secrets and not _is_leaving_account(obj, cluster, leaving)]


def _is_leaving_account(obj: Obj, cluster: ClusterFacts, leaving: Collection[str]) -> bool:
    return obj.kind.key == SERVICE_ACCOUNT_KEY and f"{cluster.identity}/{obj.name}" in leaving


def _is_kept_here(account: Account, kept: Kept) -> bool:
    return kept.is_of_kept_type(account.obj) and not delivered_inside_proof(account.obj)


def _pod_spec(workload: Obj) -> Body:
    return (workload.spec.get("template") or {}).get("spec") or {}


def _pod_labels(workload: Obj) -> dict[str, str]:
    return ((workload.spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
