"""A namespace of KubeSphere's is in deletion: nothing can be created there, and whatever joins or installs needs to.

kubernetes v1.24.17, staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go: a creation in a
namespace that is terminating is forbidden.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, EVERYTHING, Reads, anywhere, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation import Blocker, State, blockers_of
from ks_reset.simulation.objects import to_sim_object

HOLDS = "holds it"
"""The field of the evidence of what keeps the namespace."""
UNANSWERED = "its APIService"
"""Holds by a list that is not read; the finding unreadable has it as evidence."""

ABOUT = About(Group.DELETIONS, "No namespace of KubeSphere's is in deletion", Urgency.REINSTALL)
READS = Reads(found_in=each(NAMESPACE_KEY), worded_by=anywhere(EVERYTHING, ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        going = [obj for obj in cluster.of(NAMESPACE_KEY) if obj.deleting and catalogue.own_namespace_entry(obj)]
        for namespace in going:
            holds = _holds(facts, cluster, namespace)
            yield Finding(
                id="terminating-system-namespace",
                severity=Severity.WARNING,
                title=f"KubeSphere's namespace {namespace.name} of {cluster.name} is in deletion",
                evidence=(
                    Evidence(cluster.name, namespace.title, "metadata.deletionTimestamp", _time(namespace)),
                    *(Evidence(cluster.name, h.object, HOLDS, h.what) for h in holds if h.who != UNANSWERED),
                ),
                next="Nothing can be created in it: no join, no installation and no ServiceAccount of an agent.",
                cure=_way_on(cluster, namespace, holds),
            )


def _time(namespace: Obj) -> str:
    return str(namespace.meta.get("deletionTimestamp", ""))


def _holds(facts: FleetFacts, cluster: ClusterFacts, namespace: Obj) -> list[Blocker]:
    """What keeps it, down to the objects inside; not the namespace controller, which works."""
    found = blockers_of(State.of(facts.whole()), to_sim_object(cluster.identity, namespace))
    return [hold for hold in dict.fromkeys(found) if hold.command or not hold.runs]


def _way_on(cluster: ClusterFacts, namespace: Obj, holds: list[Blocker]) -> str:
    """The playbook that takes KubeSphere's own finalizers off, the commands for all others, and how the end is seen."""
    seen = f"kubectl --context {cluster.context} get namespace {namespace.name} --ignore-not-found"
    own = [hold for hold in holds if not hold.command]
    by_hand = [hold for hold in holds if hold.command]
    words = [f"{hold.who} holds {hold.object} ({hold.release}): {hold.command}." for hold in by_hand]
    if own:
        words.append(
            "ks-reset plan repair --out repair.json takes the finalizers of KubeSphere and kubefed off where their "
            "controllers are gone, and ks-reset plan uninstall --out plan.json stops these first."
        )
    if not holds:
        words.append("Nothing is known to hold it, so it goes by itself.")
    return " ".join((*words, f"It is gone once this shows nothing: {seen}."))
