"""Which hosts have joined a cluster, by the accounts that their joins left there."""

import re

from msgspec import Struct

from ks_reset.model import Obj, World

ROLE = re.compile(r"kubefed-controller-manager:(?P<account>.+)")
BINDING = "ClusterRoleBinding.rbac.authorization.k8s.io"


class Join(Struct, frozen=True):
    """A ServiceAccount <cluster>-<host> with all rights, and the ClusterRoleBinding that gives it those."""

    account: str
    namespace: str
    role: Obj


def joins(world: World) -> list[Join]:
    """The joins of a cluster by account, each with the binding that a join writes."""
    found = []
    for binding in world.of(BINDING):
        name = ROLE.fullmatch(binding.name)
        subjects = [s for s in binding.body.get("subjects") or [] if s.get("kind") == "ServiceAccount"]
        if name and subjects and subjects[0].get("name") == name["account"]:
            found.append(Join(name["account"], str(subjects[0].get("namespace", "")), binding))
    return sorted(found, key=lambda join: join.account)
