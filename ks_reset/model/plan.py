"""What will be done: a value that is shown, saved, approved and bound to clusters and UIDs."""

from typing import Any

from msgspec import Struct, field

from ks_reset.model.actions import Gift, Marks, Verb
from ks_reset.model.install import Install, MemberJoin
from ks_reset.model.memory import BeforeImage, Memory, Skipped
from ks_reset.model.objects import Body, Kind, Obj

WRITES = (Verb.SCALE, Verb.STRIP, Verb.DELETE, Verb.MARK, Verb.CREATE, Verb.INSTALL)


class Action(Struct, frozen=True):
    """One thing to do to one object of one cluster.

    `replicas` belongs to SCALE, `marks` to STRIP, `gift` to MARK, `body` to CREATE, `seconds` to QUIET, WATCH and
    STEADY: for how long; `runs` says which controller the Deployment runs, whatever it is called. A DELETE or a STRIP
    goes `along` with the object of that UID: once that is gone, nothing but the plan knows whose it was. An object that
    the plan itself makes has no UID yet; a `sealed` one is whole in a vault or in the operator's files alone. `batch`
    counts where one thing is done several times in a step. The `body` of INSTALL is the chart's values, and `chart` the
    SHA-256 of its bytes; `reaches` is the cluster, by identity, to which a Cluster that is READY leads.
    """

    step: str
    cluster: str
    verb: Verb
    kind: Kind
    name: str
    namespace: str = ""
    uid: str = ""
    why: str = ""
    marks: Marks = field(default_factory=Marks)
    replicas: int = 0
    seconds: int = 0
    runs: str = ""
    along: str = ""
    gift: Gift = field(default_factory=Gift)
    body: Body | None = None
    batch: int = 0
    sealed: bool = False
    chart: str = ""
    reaches: str = ""

    @classmethod
    def on(cls, obj: Obj, step: str, cluster: str, verb: Verb, why: str, **more: Any) -> "Action":
        """An action on an object as read, bound to its UID; `more` is what belongs to the verb."""
        return cls(step, cluster, verb, obj.kind, obj.name, obj.namespace, obj.uid, why, **more)

    @property
    def id(self) -> str:
        """What makes this the same action in another plan: the target and the verb, never the reason."""
        batch = (str(self.batch),) if self.batch else ()
        return " ".join((self.step, self.cluster, self.verb, self.target, self.uid, *batch))

    @property
    def writes(self) -> bool:
        return self.verb in WRITES

    @property
    def target(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind.key} {where}{self.name}"


class PlannedConsequence(Struct, frozen=True):
    """What others do in answer to a step: to which object that the plan does not name itself, and why.

    `fate` is deleted, stuck, changed, made or refused.
    """

    step: str
    cluster: str
    object: str
    fate: str
    why: str


class PlanCluster(Struct, frozen=True):
    """A cluster as a plan names it."""

    identity: str
    name: str
    context: str
    endpoint: str
    version: str
    role: str


class Options(Struct, frozen=True):
    """What the operator asked for beyond the playbook.

    `records` names the stale KubeFedClusters where facts cannot tell which of two it is; `data` names the system
    namespaces whose PersistentVolumeClaims may go with them. `members` are those to work on, by name, or "all"; `later`
    are those that are left for another day. Of members that are `shared` with another host, only this host's traces go.
    `gone` names accounts, <cluster>-<host>, of hosts that the operator knows to be gone. `joins` are this host's own
    accounts when the plan was made, as <kube-system UID>/<account>: once its records are gone nothing else tells.
    `memory` is what is to be given back of KubeSphere, `past` what a run changed and deleted, `watch` for how many
    seconds a canary has to live; 0 for as long as it takes every controller to look again. `install` is what is to be
    put on, `joining` which members are to be joined.
    """

    records: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    members: tuple[str, ...] = ("all",)
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    memory: Memory | None = None
    past: tuple[BeforeImage, ...] = ()
    watch: int = 0
    install: Install | None = None
    joining: tuple[MemberJoin, ...] = ()

    def takes(self, name: str) -> bool:
        """Whether a member of this name is worked on; one that is not is left knowingly."""
        return name not in self.later and ("all" in self.members or name in self.members)


class Plan(Struct, frozen=True):
    """What will be done, to which UID, on which cluster. Shown, saved, approved, bound.

    An `open` one is for a cluster that could not be read: it names that, and no object yet. `digest` is the SHA-256
    over the canonical JSON of all other fields.
    """

    schema: int
    tool: str
    made: str
    playbook: str
    scope: str
    options: Options
    steps: tuple[str, ...]
    clusters: tuple[PlanCluster, ...]
    actions: tuple[Action, ...]
    kept: tuple[Skipped, ...] = ()
    foreseen: tuple[PlannedConsequence, ...] = ()
    open: bool = False
    digest: str = ""
