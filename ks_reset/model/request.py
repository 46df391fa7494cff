"""The input of a plan besides facts: choices of the operator, and material from files, vaults and runs."""

from typing import Any

from msgspec import Struct, structs

from ks_reset.model.install import Install, MemberJoin
from ks_reset.model.memory import BeforeImage, Memory


class Request(Struct, frozen=True):
    """The choices of the operator.

    `records` names stale KubeFedClusters where facts do not decide between two; `data` names system namespaces whose
    PersistentVolumeClaims may be deleted with them. `discard` names objects of unknown origin in such namespaces to
    be deleted, as Kind.group/namespace/name, a namespace for all of them there, or a CRD: its type goes with every
    object; and federated objects without target.
    `members` are the members to work on, by name, or "all"; `later` those to leave out now. Of members that are
    `shared` with another host only the traces of this host are removed. `gone` names accounts, <cluster>-<host>, of
    hosts that no longer exist. `watch` is for how many seconds a canary is watched; 0 for as long as every controller
    needs to look again. `accepted` names namespaces: losing them, once no seatbelt denies their deletion, is accepted.
    `kept_operators` names bundled operators to stay, `forgone_operators` those to go although users' objects need
    them; `kept_types` names CRDs to stay with their objects. With `leave` KubeSphere does not come back, so people
    keep the RoleBindings in their namespaces.
    """

    records: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    members: tuple[str, ...] = ("all",)
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    watch: int = 0
    accepted: tuple[str, ...] = ()
    discard: tuple[str, ...] = ()
    kept_operators: tuple[str, ...] = ()
    forgone_operators: tuple[str, ...] = ()
    kept_types: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    kept_components: tuple[str, ...] = ()
    leave: bool = False

    def works_on(self, name: str) -> bool:
        """Whether a member of this name is worked on."""
        return name not in self.later and ("all" in self.members or name in self.members)


class Material(Struct, frozen=True):
    """The material of a plan.

    `joins` are this host's own accounts when the plan was made, as <kube-system UID>/<account>; once its records are
    deleted nothing else names them. `webhooks` are deleted while their backend is paused, and created again; None
    until a plan has been made. `memory` is the state of KubeSphere to restore, `past` the objects changed and deleted
    by a run, `install` the installation, `joining` the members to join.
    """

    joins: tuple[str, ...] = ()
    memory: Memory | None = None
    past: tuple[BeforeImage, ...] = ()
    install: Install | None = None
    joining: tuple[MemberJoin, ...] = ()
    webhooks: tuple[BeforeImage, ...] | None = None


class Options(Struct, frozen=True):
    """Request and material: everything that a playbook needs besides facts."""

    request: Request = Request()
    material: Material = Material()

    def with_request(self, **changes: Any) -> "Options":
        """The same options with these fields of the request."""
        return structs.replace(self, request=structs.replace(self.request, **changes))

    def with_material(self, **changes: Any) -> "Options":
        """The same options with these fields of the material."""
        return structs.replace(self, material=structs.replace(self.material, **changes))
