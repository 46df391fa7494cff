"""The components that a request removes alone (--only) or keeps (--keep), object by object.

Without such a choice everything goes as the steps say. With --only an object goes if it is of a chosen component, and a
namespace if nothing of another component is in it; from the others only references to what goes are cut.
"""

from ks_reset import catalogue
from ks_reset.catalogue.components import CORE, EXTENSION, component_entries, component_word, spellings_of
from ks_reset.catalogue.finalizers import finalizer_programs
from ks_reset.catalogue.names import DEPLOYMENT_KEY, NAMESPACE_KEY, WORKLOAD_KEYS
from ks_reset.facts.object_components import components_of
from ks_reset.model import ClusterFacts, Marks, Obj, Request

ANYBODYS = frozenset({"", CORE})
"""Of objects without a component, and of roles and bindings that the core writes into each namespace."""


class ComponentChoice:
    """The choice of a request on one cluster. `only` is empty where everything goes but the components in `staying`."""

    def __init__(self, cluster: ClusterFacts, request: Request) -> None:
        self._cluster, self._components = cluster, components_of(cluster)
        self.only = frozenset(spelling for name in request.only for spelling in spellings_of(name))
        self.staying = staying_components(cluster, request)

    def may_go(self, obj: Obj) -> bool:
        """Whether an object may go: it is of a chosen component, and of none that stays."""
        if not self.only and not self.staying:
            return True
        if obj.kind.key == NAMESPACE_KEY:
            return self.empties(obj)
        component = self._components.of(obj)
        if component.startswith(EXTENSION) and catalogue.is_own_group(obj.kind.group):
            component = CORE  # what an extension adds to the console goes with the console
        return component not in self.staying and (not self.only or component in self.only)

    def empties(self, namespace: Obj) -> bool:
        """Whether a namespace goes whole: it is of a chosen component, and nothing of another one is in it."""
        component = self._components.of(namespace)
        if not self.only:
            return component not in self.staying
        return component in self.only and not self.others_in(namespace.name)

    def follows(self, obj: Obj) -> bool:
        """Whether an object in KubeSphere's own namespaces goes with its owner, which is of a chosen component."""
        return (
            bool(obj.owners) and catalogue.own_namespace(self._cluster, obj.namespace) is not None and self.may_go(obj)
        )

    def goes_with_namespace(self, obj: Obj) -> bool:
        """Whether an object goes with its namespace, as roles that the core writes into each one do."""
        namespace = self._cluster.get(NAMESPACE_KEY, obj.namespace)
        return namespace is not None and self.empties(namespace) and self._components.of(obj) in ANYBODYS

    def others_in(self, namespace: str) -> list[str]:
        """The components in a namespace that are not chosen, by name; of the core only with a program there."""
        inside = [obj for obj in self._cluster.all() if obj.namespace == namespace]
        found = {self._components.of(obj) for obj in inside} - ANYBODYS
        programs = {self._components.of(obj) for obj in inside if obj.kind.key in WORKLOAD_KEYS}
        return sorted((found | (programs & {CORE})) - self.only)

    def has_parts_in(self, namespace: Obj) -> bool:
        """Whether anything of a chosen component is in this namespace; False for any other object."""
        inside = (obj for obj in self._cluster.all() if obj.namespace == namespace.name)
        return namespace.kind.key == NAMESPACE_KEY and any(self._components.of(obj) in self.only for obj in inside)

    def ties_to(self, marks: Marks, doomed: frozenset[str], key: str) -> Marks:
        """Of the marks of an object of this `Kind.key` that stays, those to take off with --only.

        They are references to owners to be deleted, and finalizers only a program to be deleted takes off.
        """
        if not self.only:
            return marks
        owners = tuple(owner for owner in marks.owners if owner.get("uid") in doomed)
        return Marks(finalizers=tuple(f for f in marks.finalizers if self._releases(key, f)), owners=owners)

    def _releases(self, key: str, finalizer: str) -> bool:
        """Whether all programs on the cluster that take a finalizer off are of chosen components."""
        names = finalizer_programs(key, finalizer)
        found = self._cluster.of(DEPLOYMENT_KEY)
        programs = [obj for obj in found if {*names} & {obj.name, catalogue.program_name(obj)}]
        return bool(programs) and all(self._components.of(program) in self.only for program in programs)


def staying_components(cluster: ClusterFacts, request: Request) -> frozenset[str]:
    """The components that stay by choice: those named, and all others with a program in KubeSphere's own namespace.

    In one with another project's name the rest is judged object by object (facts/shared_namespaces.py). A program that
    stays without its rights and types would end in errors. One whose operator is forgone goes on so.
    """
    homes = kept_homes(request)
    if not homes:
        return frozenset()
    own = {home for home in homes if catalogue.own_namespace(cluster, home)}
    programs = (obj for key in WORKLOAD_KEYS for obj in cluster.of(key) if obj.namespace in own)
    beside = {components_of(cluster).of(program) for program in programs}
    forgone = {e.component for e in catalogue.load_catalogue().operators if e.name in request.forgone_operators}
    chosen = {spelling for name in request.kept_components for spelling in spellings_of(name)}
    return frozenset(({*chosen, *beside} | _components_of_operators(request)) - ANYBODYS - forgone)


def kept_homes(request: Request) -> dict[str, str]:
    """The namespaces that --keep and --keep-operator keep, each with the component or the operator in it."""
    known, chosen = component_entries(), request.kept_components
    homes = {home: component_word(name) for name in chosen if name in known for home in known[name].namespaces}
    extensions = [component_word(name) for name in chosen]
    operators = (e for e in catalogue.load_catalogue().operators if e.name in request.kept_operators)
    return homes | {f"extension-{name}": name for name in extensions} | {e.namespace: e.name for e in operators}


def _components_of_operators(request: Request) -> set[str]:
    return {e.component for e in catalogue.load_catalogue().operators if e.name in request.kept_operators}


def namespaces_that_go(cluster: ClusterFacts, request: Request) -> list[Obj]:
    """KubeSphere's own namespaces on a cluster that the request lets go whole."""
    choice = ComponentChoice(cluster, request)
    own = (n for n in cluster.of(NAMESPACE_KEY) if catalogue.own_namespace_entry(n) is not None)
    return [namespace for namespace in own if choice.may_go(namespace)]
