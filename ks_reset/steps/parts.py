"""Remove a component from namespaces of KubeSphere's that stay with other components in them (--only)."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.components import component_word
from ks_reset.catalogue.names import (
    ENDPOINTS_KEY,
    NAMESPACE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    POD_KEY,
    SECRET_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
    WORKLOAD_KEYS,
)
from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.facts.contents import Accounts, Whose
from ks_reset.facts.object_components import components_of
from ks_reset.model import ClusterFacts, Obj, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

LEFT = frozenset({PERSISTENT_VOLUME_CLAIM_KEY, POD_KEY, ENDPOINTS_KEY})
"""Data, which stays with its namespace, and what goes with the object that it was made for."""


def remove_parts(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The objects of the chosen components there, each proven to be KubeSphere's; claims stay with their data.

    What another object owns goes with its owner. Custom resources go before the programs that act on them.
    """
    choice = ComponentChoice(cluster, context.request)
    for namespace in cluster.of(NAMESPACE_KEY) if choice.only else ():
        if catalogue.own_namespace_entry(namespace) and not choice.empties(namespace):
            yield from _parts_in(cluster, choice, namespace)


def _parts_in(cluster: ClusterFacts, choice: ComponentChoice, namespace: Obj) -> Iterable[Removal | Skipped]:
    accounts = Accounts(cluster)
    inside = [obj for obj in cluster.all() if obj.namespace == namespace.name and choice.may_go(obj)]
    parts = [obj for obj in inside if not obj.owners and not _is_left(obj)]
    proven = {obj.uid: account for obj in parts if (account := accounts.of(obj)).whose is not Whose.UNKNOWN}
    for obj in sorted((obj for obj in parts if obj.uid in proven), key=_rank):
        yield Removal(obj, f"of {component_word(components_of(cluster).of(obj))}: {proven[obj.uid].why}")
    for obj in parts:
        if obj.uid not in proven:
            why = "it has a name of the component, but nothing proves that it is KubeSphere's"
            yield Skipped(cluster.name, obj.title, why)
    if proven:
        others = ", ".join(map(component_word, choice.others_in(namespace.name))) or "the core"
        why = f"it stays, since it holds {others} too; of the chosen components their own objects go"
        yield Skipped(cluster.name, namespace.title, why)


def _is_left(obj: Obj) -> bool:
    return obj.kind.key in LEFT or SERVICE_ACCOUNT_NAME_ANNOTATION in obj.annotations


def _rank(obj: Obj) -> int:
    """Custom resources, then other objects, then programs, then the records of helm."""
    if obj.kind.key == SECRET_KEY and obj.labels.get("owner") == "helm":
        return 3
    custom = "." in obj.kind.group and not obj.kind.group.endswith(".k8s.io")
    return 2 if obj.kind.key in WORKLOAD_KEYS else 0 if custom else 1


REMOVE_PARTS = Step(
    "remove-parts",
    "A namespace with other components in it stays, so what goes is deleted by name, once nothing waits for it.",
    after=("prove-quiet", "remove-tenants"),
    removes=remove_parts,
)
