"""Plans: values to show, save and approve, bound to clusters and UIDs."""

from functools import cached_property

from msgspec import Struct

from ks_reset.model.actions import Action, Delete, actions_by_cluster
from ks_reset.model.memory import Skipped
from ks_reset.model.request import Material, Options, Request


class PlannedConsequence(Struct, frozen=True):
    """A consequence of a step for an object not named in the plan, and the reason.

    `fate` is deleted, stuck, changed, made or refused. `uid` is that of the object as read. `whose` says of an object
    that goes: kubesphere, controller (made by one), given up (named by a flag), ending (in deletion already), user.
    """

    step: str
    cluster: str
    object: str
    fate: str
    why: str
    uid: str = ""
    whose: str = ""


class Reliance(Struct, frozen=True):
    """What users' namespaces on a cluster will be without: `what`, how many, `objects` by name, and what follows."""

    cluster: str
    what: str
    count: int
    then: str
    objects: tuple[str, ...] = ()


class StoredData(Struct, frozen=True):
    """A claim in a namespace of KubeSphere's, as `namespace/name`, with its volume and what it holds.

    `fate` is goes (claim and data), kept (the volume stays, in the phase Released) or stays (its namespace stays);
    "" before a plan. `keep` is the command after which the volume outlives its claim, "" if it does so now; `back` says
    how a volume without its claim is found and bound again.
    """

    cluster: str
    claim: str
    volume: str
    size: str
    storage_class: str
    policy: str
    component: str
    holds: str
    keep: str = ""
    fate: str = ""
    back: str = ""


class PlanCluster(Struct, frozen=True):
    """A cluster as a plan names it."""

    identity: str
    name: str
    context: str
    endpoint: str
    version: str
    role: str


class Approval(Struct, frozen=True):
    """Who approved a plan, as user@machine, when, and how: by typing the host's name, by --yes, by its digest."""

    by: str
    at: str
    how: str


class Plan(Struct, frozen=True, dict=True):
    """The actions of a playbook on the clusters of a fleet, each bound to a UID.

    An `open` plan is for a cluster without an answer: it names the cluster and no objects. `digest` is the SHA-256 over
    the canonical JSON of all other fields. `key` names the key of the digests of values in it, as in FleetFacts.
    """

    schema: int
    tool: str
    made: str
    playbook: str
    scope: str
    request: Request
    material: Material
    steps: tuple[str, ...]
    clusters: tuple[PlanCluster, ...]
    actions: tuple[Action, ...]
    kept: tuple[Skipped, ...] = ()
    foreseen: tuple[PlannedConsequence, ...] = ()
    data: tuple[StoredData, ...] = ()
    without: tuple[Reliance, ...] = ()
    open: bool = False
    key: str = ""
    digest: str = ""

    @cached_property
    def doomed(self) -> frozenset[str]:
        """The UIDs of the objects to delete."""
        return frozenset(action.uid for action in self.actions if isinstance(action, Delete))

    @cached_property
    def by_cluster(self) -> dict[str, list[Action]]:
        """The actions of each cluster, in their order, by its identity."""
        return actions_by_cluster(self.actions)

    @property
    def options(self) -> Options:
        """Request and material, to make the same plan from newer facts."""
        return Options(self.request, self.material)
