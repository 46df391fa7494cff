"""What stays on a cluster by the operator's choice: kept operators with all that is theirs, kept types, users' objects.

The types of a program without KubeSphere stay without a choice, unless --discard names them.

A kept operator is known by its entry in the catalogue alone, so its namespace and objects stay also where its workload
is stopped, gone or called otherwise. So do those of the other programs in its namespace, and of a kept component. A
type is known by the name of its CRD, `plural.group`.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.components import component_word
from ks_reset.catalogue.entries import OperatorEntry
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.facts.component_choice import kept_homes, staying_components
from ks_reset.facts.crds import PATCH_TO_STOP_CONVERSION
from ks_reset.facts.operators import is_brought
from ks_reset.facts.shared_types import types_of_standalone_programs
from ks_reset.model import ClusterFacts, Obj, Request, Skipped


class Kept:
    """The choices of a request on one cluster, looked up once.

    `namespaces` are those of kept operators and components, each with its name; `components` are those in them.
    `groups` are the API groups with objects that stay.
    """

    def __init__(self, cluster: ClusterFacts, request: Request) -> None:
        self.namespaces, self.components = kept_homes(request), staying_components(cluster, request)
        known = catalogue.load_catalogue()
        beside = [entry for entry in known.operators if self._stays_beside(entry, request)]
        kept = [*(e for e in known.operators if e.name in request.kept_operators), *beside]
        operators = [*kept, *(entry for entry in known.operators if entry.name in request.forgone_operators)]
        self._cluster, self._given_up = cluster, discarded_types(request)
        alone = types_of_standalone_programs(cluster).items()
        self._alone = {name: user for name, user in alone if name not in (*self._given_up, *request.kept_types)}
        self._types = frozenset((*request.kept_types, *self._alone))
        self._operators = {group: entry for entry in operators for group in entry.groups}
        self._whole_groups = {group: entry.name for entry in kept for group in entry.groups}
        self._whole_groups |= {
            group: component_word(entry.name)
            for entry in known.components
            if entry.name in self.components
            for group in entry.groups
            if group not in self._whole_groups
        }
        self.groups = (
            self._operators.keys() | self._whole_groups.keys() | {name.partition(".")[2] for name in request.kept_types}
        )

    def _stays_beside(self, entry: OperatorEntry, request: Request) -> bool:
        """Whether an operator that no flag names runs in a namespace that stays."""
        named = {*request.kept_operators, *request.forgone_operators}
        return entry.name not in named and entry.namespace in self.namespaces and entry.component in self.components

    def is_of_kept_type(self, obj: Obj) -> bool:
        """Whether an object stays as it is, by its type: named by --keep-type, or of a program without KubeSphere."""
        return obj.kind.resource in self._types

    def keeps_object(self, obj: Obj) -> bool:
        """Whether an object in KubeSphere's API groups stays: by its type, its kept operator, or as a user's."""
        if obj.kind.resource in self._types or obj.kind.resource in self._given_up:
            return obj.kind.resource in self._types
        return obj.kind.group in self._whole_groups or self._is_users(obj)

    def must_not_lose(self, obj: Obj) -> bool:
        """Whether the loss of an object is one for users by their choice: of a kept type, or theirs of an operator."""
        return self.is_of_kept_type(obj) or (obj.kind.resource not in self._given_up and self._is_users(obj))

    def serves_group(self, group: str) -> bool:
        """Whether a type of an API group stays."""
        return group in self.groups or any(name.partition(".")[2] == group for name in self._types)

    def calls_standalone_program(self, namespaces: Iterable[str]) -> bool:
        """Whether all these namespaces are those of programs without KubeSphere."""
        homes, called = {user.namespace for user in self._alone.values()}, {*namespaces}
        return bool(called) and called <= homes

    def names_type(self, crd: Obj) -> bool:
        """Whether a CRD stays as it is, with every object: it is of a kept type, or its operator is kept."""
        return crd.name in self._types or crd.spec.get("group") in self._whole_groups

    def operator_of(self, obj: Obj) -> str:
        """The kept operator whose namespace, type or object of its types this is; "" for none."""
        if obj.kind.key == NAMESPACE_KEY:
            return self.namespaces.get(obj.name, "")
        group = str(obj.spec.get("group", "")) if obj.kind.key == CRD_KEY else obj.kind.group
        return self._whole_groups.get(group, "")

    def must_not_follow(self, obj: Obj) -> bool:
        """Whether an object stays by choice, so it must not go with its owner; so does all in a kept namespace."""
        inside = obj.namespace in self.namespaces
        return self.must_not_lose(obj) or bool(self.operator_of(obj)) or inside

    def keeps_type(self, crd: Obj) -> bool:
        """Whether a CRD stays: it is named, its operator is kept, or users' objects of it stay without theirs."""
        if crd.name in self._types or crd.name in self._given_up:
            return crd.name in self._types
        return self._keeps_kind(str(crd.spec.get("group")), str((crd.spec.get("names") or {}).get("kind")))

    def keeps_owner(self, group: str, kind: str) -> bool:
        """Whether owners of this kind stay."""
        served = self._cluster.kinds.get(f"{kind}.{group}")
        if served and (served.resource in self._types or served.resource in self._given_up):
            return served.resource in self._types
        return self._keeps_kind(group, kind)

    def _keeps_kind(self, group: str, kind: str) -> bool:
        """With an operator that goes (--without-operator) a type stays for objects of users alone."""
        if group in self._whole_groups:
            return True
        key = f"{kind}.{group}"
        unread = key in self._cluster.kinds and key not in self._cluster.objects  # there may be users' objects
        return group in self._operators and (unread or any(map(self._is_users, self._cluster.of(key))))

    def kept_types(self) -> Iterable[Skipped]:
        """The types that stay as they are, each with the reason, and what follows from it."""
        for crd in self._cluster.of(CRD_KEY) if self._types else ():
            if crd.name in self._types:
                count = sum(1 for obj in self._cluster.of(f"{crd.spec['names']['kind']}.{crd.spec['group']}"))
                user = self._alone.get(crd.name)
                why = f"of {user.title}, which runs without KubeSphere" if user else _follows(self._cluster, crd)
                yield Skipped(self._cluster.name, crd.title, f"it stays with its {count} object(s) {why}")

    def _is_users(self, obj: Obj) -> bool:
        entry = self._operators.get(obj.kind.group)
        return entry is not None and not is_brought(obj, entry)


def discarded_types(request: Request) -> frozenset[str]:
    """The types that --discard names; a namespace has no dot in its name.

    kubernetes v1.24.17, staging/src/k8s.io/apimachinery/pkg/api/validation/generic.go, ValidateNamespaceName.
    """
    return frozenset(name for name in request.discard if "/" not in name and "." in name)


def _follows(cluster: ClusterFacts, crd: Obj) -> str:
    """The rest of the sentence about a kept type: the flag, and what ends."""
    text = "(--keep-type); a controller in KubeSphere's namespaces goes, and does not act on them any more"
    conversion = (crd.spec.get("conversion") or {}).get("webhook") or {}
    home = str(((conversion.get("clientConfig") or {}).get("service") or {}).get("namespace", ""))
    if not catalogue.own_namespace(cluster, home):
        return text
    stored = ", ".join(v["name"] for v in crd.spec.get("versions") or () if v.get("storage"))
    return (
        f"{text}. Its conversion webhook in {home} goes too: only the stored version {stored} can be read then. While "
        "objects are stored in another one the run stops before the seatbelt goes off, until: kubectl --context "
        f"{cluster.context} patch crd {crd.name} --type=merge -p '{PATCH_TO_STOP_CONVERSION}'"
    )
