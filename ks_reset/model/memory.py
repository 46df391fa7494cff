"""What is remembered of a fleet: which namespace belonged to which Workspace, and objects as they were."""

from typing import Literal

from msgspec import Struct

from ks_reset.model.marks import Marks
from ks_reset.model.objects import Body, Kind, Obj


class Membership(Struct, frozen=True, order=True):
    """A namespace of a cluster, by identity, name and UID, and the Workspace that it belonged to.

    `there` says whether that Workspace was on this cluster: kubefed spreads a namespace with its label also to where
    its Workspace is not.
    """

    cluster: str
    namespace: str
    uid: str
    workspace: str
    there: bool = True


class BeforeImage(Struct, frozen=True):
    """An object as it was on a cluster, by identity; what became of it: `deed`, and the marks that were taken off.

    `why` it cannot be given back, empty if it can. What is `sealed` is whole in a vault alone.
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
    """An object that is left alone, or not given back whole, on a cluster by its name, and why."""

    cluster: str
    object: str
    why: str


class Memory(Struct, frozen=True):
    """What KubeSphere knew at one moment, `taken`, on the fleet of this `host`, by identity: bonds, and its objects.

    `left` is what another version of KubeSphere does not take.
    """

    taken: str
    host: str = ""
    bonds: tuple[Membership, ...] = ()
    objects: tuple[BeforeImage, ...] = ()
    left: tuple[Skipped, ...] = ()
