"""The actions of a plan, one class a verb. The class name is the verb: `RemoveMarks` is `remove-marks` in a plan file.

Six files know a verb: this one; `apply/carry_out.py`, with its effect on a cluster; `apply/permissions.py`, with what
it asks of other types; `simulation/actions.py`, with its effect on a state; `report/runbook/commands.py`, with
the command of kubectl or helm, and `checks.py` beside it, with its proof. Mypy names each missing case.
"""

import re
from collections.abc import Iterable
from typing import Any, ClassVar, Self, get_args

from msgspec import Struct

from ks_reset.model.marks import Marks
from ks_reset.model.objects import Body, Kind, Obj


def _as_verb(name: str) -> str:
    """`RemoveMarks` -> `remove-marks`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Target(Struct, frozen=True, tag=_as_verb, tag_field="verb"):
    """The common fields of all actions: the step, the object on a cluster, by identity, and the reason.

    `uid` is "" for an object created by the plan itself. `word` names the verb in a table. `writes` is true for an
    action on users' or KubeSphere's objects; `permissions` are the RBAC verbs it needs on the type of its object
    (`apply/permissions.py` has those on other types).
    """

    word: ClassVar[str] = ""
    writes: ClassVar[bool] = False
    permissions: ClassVar[tuple[str, ...]] = ()

    step: str
    cluster: str
    kind: Kind
    name: str
    namespace: str = ""
    uid: str = ""
    why: str = ""

    @classmethod
    def on(cls, obj: Obj, step: str, cluster: str, why: str, **more: Any) -> Self:
        """An action on an object as read, bound to its UID; `more` are the fields of the verb."""
        return cls(step, cluster, obj.kind, obj.name, obj.namespace, obj.uid, why, **more)

    @property
    def verb(self) -> str:
        """The verb as the plan file has it, such as `remove-marks`."""
        return str(self.__struct_config__.tag)

    @property
    def id(self) -> str:
        """Equal for the same action in another plan: step, cluster, verb and object with its UID, not the reason."""
        return " ".join((self.step, self.cluster, self.verb, self.target, self.uid))

    @property
    def target(self) -> str:
        """`Kind.group namespace/name`."""
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind.key} {where}{self.name}"


class Scale(Target, frozen=True, kw_only=True):
    """Set `spec.replicas`. The number from before is kept in an annotation while it is 0."""

    word: ClassVar[str] = "scale"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get", "patch")
    replicas: int


class RemoveMarks(Target, frozen=True, kw_only=True):
    """Remove entries of the metadata.

    `along` is the UID of another object deleted by the plan: without that one, facts give no reason for this action.
    `possible` are entries a running controller may add before it is stopped; they are removed as well where present.
    """

    word: ClassVar[str] = "remove marks"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get", "patch")
    marks: Marks
    along: str = ""
    possible: Marks = Marks()

    @property
    def all_marks(self) -> Marks:
        """Every entry this action may remove."""
        return self.marks | self.possible


class Delete(Target, frozen=True, kw_only=True):
    """Delete the object with this UID. `along` is as for RemoveMarks."""

    word: ClassVar[str] = "delete"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get", "delete")
    along: str = ""


class AddMarks(Target, frozen=True, kw_only=True):
    """Add entries to the metadata."""

    word: ClassVar[str] = "add marks"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get", "patch")
    marks: Marks


class Create(Target, frozen=True, kw_only=True):
    """Create the object. A `sealed` body holds digests; the vault or the operator's files have the credentials."""

    word: ClassVar[str] = "create"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get", "create")
    body: Body
    sealed: bool = False


class InstallChart(Target, frozen=True, kw_only=True):
    """Install a chart with helm. `chart` is the SHA-256 of its bytes in hex; `sealed` is as for Create.

    The permissions are for helm's Secrets (helm v3.19.5, pkg/storage/driver/secrets.go).
    """

    word: ClassVar[str] = "install by helm"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get", "list", "create", "update", "delete")
    chart: str
    values: Body
    sealed: bool = False


class WaitQuiet(Target, frozen=True, kw_only=True):
    """Wait until the Deployment has no pods and its leader-election lock was not renewed for so many seconds.

    `runs` is the controller of the Deployment, by its name in the catalogue.
    """

    word: ClassVar[str] = "wait until quiet"
    permissions: ClassVar[tuple[str, ...]] = ("get",)
    seconds: int
    runs: str = ""


class WaitReady(Target, frozen=True, kw_only=True):
    """Wait until a Deployment is available; or, with `reaches`, until a Cluster is ready and reaches this identity."""

    word: ClassVar[str] = "wait until it works"
    reaches: str = ""


class WaitStable(Target, frozen=True, kw_only=True):
    """Wait until the object exists and has kept its UID for so many seconds.

    `batch` numbers the waits of one step on the same object.
    """

    word: ClassVar[str] = "wait until stable"
    permissions: ClassVar[tuple[str, ...]] = ("get", "list")
    seconds: int = 0
    batch: int = 0

    @property
    def id(self) -> str:
        return f"{super().id} {self.batch}" if self.batch else super().id


class WatchWorkspaces(Target, frozen=True, kw_only=True, omit_defaults=True):
    """Watch the UIDs of all Workspaces for so many seconds while kubefed works. `runs` is as for WaitQuiet.

    The host's are watched, and those of the clusters behind the records `through`: each is the remaining record of a
    cluster that two records reached. Left out of the plan file if empty, so earlier plans keep their digest.
    """

    word: ClassVar[str] = "watch Workspaces"
    seconds: int
    runs: str = ""
    through: tuple[str, ...] = ()


class StopConversion(Target, frozen=True, kw_only=True):
    """Set the conversion of a type to None: its objects are served as they are stored, under another apiVersion."""

    word: ClassVar[str] = "stop conversion"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get", "patch")


class RestoreFinalizer(Target, frozen=True, kw_only=True):
    """Put `kubernetes` back into the spec.finalizers of a namespace, so that its deletion deletes its contents first.

    The permissions on /finalize are in `apply/permissions.py`.
    """

    word: ClassVar[str] = "restore finalizer"
    writes: ClassVar[bool] = True
    permissions: ClassVar[tuple[str, ...]] = ("get",)


class SeatbeltOn(Target, frozen=True, kw_only=True):
    """Create the objects of the seatbelt and see the API server refuse a deletion."""

    word: ClassVar[str] = "seatbelt on"
    permissions: ClassVar[tuple[str, ...]] = ("get", "create", "update")


class SeatbeltOff(Target, frozen=True, kw_only=True):
    """Delete the objects of this playbook's seatbelt."""

    word: ClassVar[str] = "seatbelt off"
    permissions: ClassVar[tuple[str, ...]] = ("get", "delete")


Action = (
    Scale
    | RemoveMarks
    | Delete
    | AddMarks
    | Create
    | InstallChart
    | WaitQuiet
    | WaitReady
    | WaitStable
    | WatchWorkspaces
    | StopConversion
    | RestoreFinalizer
    | SeatbeltOn
    | SeatbeltOff
)
Patch = Scale | RemoveMarks | AddMarks | StopConversion
ObjectWrite = Patch | Delete | Create | RestoreFinalizer
Lasting = WaitReady | WaitStable | WatchWorkspaces
"""What facts cannot show afterwards, so the journal says which of these were seen to end."""
VERBS: tuple[type[Target], ...] = get_args(Action)


def actions_by_cluster(actions: Iterable[Action]) -> dict[str, list[Action]]:
    """The actions of each cluster, in their order, by its identity."""
    parts: dict[str, list[Action]] = {}
    for action in actions:
        parts.setdefault(action.cluster, []).append(action)
    return parts
