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
IN_SPEC = "spec.finalizers "
CONDITIONS = ("NamespaceDeletion", "NamespaceContent", "NamespaceFinalizers")
"""How the conditions of a namespace in deletion begin."""

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
    commands = {hold: hold.command or _without_finalizer(cluster, hold) for hold in holds}
    own = [hold for hold, command in commands.items() if not command]
    by_hand = {hold: command for hold, command in commands.items() if command}
    words = [f"{hold.who} holds {hold.object} ({hold.release}): {command}." for hold, command in by_hand.items()]
    if own:
        words.append(
            "ks-reset plan repair --out repair.json takes the finalizers of KubeSphere and kubefed off where their "
            "controllers are gone, and ks-reset plan uninstall --out plan.json stops these first."
        )
    if not holds:
        words += _as_the_server_says(namespace) or ["Nothing is known to hold it, so it goes by itself."]
    return " ".join((*words, f"It is gone once this shows nothing: {seen}."))


def _without_finalizer(cluster: ClusterFacts, hold: Blocker) -> str:
    """The command that takes an entry of others off the spec of a namespace; "" for any other hold.

    The contents are deleted with it or without it (kubernetes v1.24.17, pkg/controller/namespace/deletion/
    namespaced_resources_deleter.go, Delete).
    """
    finalizer = hold.what.removeprefix(IN_SPEC)
    if finalizer == hold.what:
        return ""
    kubectl, name = f"kubectl --context {cluster.context}", hold.object.removeprefix(f"{NAMESPACE_KEY} ")
    put = f"{kubectl} replace --raw /api/v1/namespaces/{name}/finalize -f -"
    return f"{kubectl} get namespace {name} -o json | jq '.spec.finalizers-=[\"{finalizer}\"]' | {put}"


def _as_the_server_says(namespace: Obj) -> list[str]:
    """The namespace controller's own words about what is left; [] if it says nothing.

    kubernetes v1.24.17, pkg/controller/namespace/deletion/status_condition_utils.go. A Pod of a node that does not
    answer is such a rest, and its facts do not show it.
    """
    conditions = (namespace.body.get("status") or {}).get("conditions") or []
    true = [c for c in conditions if c.get("status") == "True" and str(c.get("type")).startswith(CONDITIONS)]
    return [f"The namespace controller says: {condition.get('message')}." for condition in true]
