"""The memory of a fleet: the Workspace of each namespace, and objects as they were."""

from typing import Literal

from msgspec import Struct

from ks_reset.model.marks import Marks
from ks_reset.model.objects import Body, Kind, Obj


class Membership(Struct, frozen=True, order=True):
    """A namespace of a cluster, by identity, name and UID, and its Workspace.

    `there` is true if the Workspace was on this cluster: kubefed also spreads a namespace with its label to clusters
    without its Workspace.
    """

    cluster: str
    namespace: str
    uid: str
    workspace: str
    there: bool = True


class BeforeImage(Struct, frozen=True):
    """An object as it was on a cluster, by identity; `deed` is the verb of the run's action, `marks` were removed.

    `why` is the reason against a restore, "" for none. A `sealed` object is complete in a vault only.
    """

    cluster: str
    kind: Kind
    body: Body
    deed: Literal["delete", "remove-marks", "scale"] = "delete"
    marks: Marks = Marks()
    why: str = ""
    sealed: bool = False

    @property
    def obj(self) -> Obj:
        return Obj(self.kind, self.body)


class Skipped(Struct, frozen=True):
    """An object left alone or not fully restored, on a cluster by its name, and why."""

    cluster: str
    object: str
    why: str


class Memory(Struct, frozen=True):
    """Memberships and objects of KubeSphere at the time `taken`, on the fleet of this `host`, by identity.

    `left` are the objects without a form in another version of KubeSphere.
    """

    taken: str
    host: str = ""
    bonds: tuple[Membership, ...] = ()
    objects: tuple[BeforeImage, ...] = ()
    left: tuple[Skipped, ...] = ()
