"""What mends a gap: the missing permission with the command that gives it, or the command that shows the answer.

The words for a missing permission are those of the API server (kubernetes v1.24.17,
staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go, forbiddenMessage).
"""

import re
import shlex
from collections.abc import Iterable, Sequence

from ks_reset.model import DIAL_GAP, GROUP_GAP, LIST_GAP, ClusterFacts, FleetFacts, Gap, Obj
from ks_reset.simulation import as_sentences, losses_by_time
from ks_reset.simulation.threats import RESTART

DENIED = re.compile(r"\b403\b|[Ff]orbidden|cannot (list|get)|[Pp]ermission")
USER = re.compile(r'[Uu]ser "([^"]+)"')
ROLE = "ks-reset-read"


def contexts(facts: FleetFacts) -> dict[str, str]:
    """The context of each cluster, by its name."""
    return {cluster.name: cluster.context for cluster in facts.clusters}


def for_cluster(facts: FleetFacts, cluster: ClusterFacts) -> str:
    """The flag of a plan for this cluster alone, with a blank before it; "" for the host, which the call names."""
    return "" if cluster is facts.host else f" --context {shlex.quote(cluster.context)}"


def command_to_see(cluster: ClusterFacts, obj: Obj) -> str:
    """The command that shows an object in a namespace of a cluster, quoted for a shell."""
    name = shlex.quote(f"{obj.kind.resource}/{obj.name}")
    return f"kubectl --context {shlex.quote(cluster.context)} -n {obj.namespace} get {name} -o yaml"


def unless_lost(facts: FleetFacts, program: str, start: str) -> str:
    """The sentence that starts a controller; where users' objects would be lost once it runs, a warning instead."""
    if dangers := [(RESTART, *loss) for loss in losses_by_time(facts)[RESTART]]:
        return f"{as_sentences(dangers)} Do not start {program} before that is prevented: ks-reset doctor."
    return start


def how_to_mend(of: dict[str, str], places: Iterable[tuple[str, Gap]]) -> str:
    """Sentences with a command for each cluster, with the contexts `of` the clusters, by name."""
    by_cluster: dict[str, list[Gap]] = {}
    for cluster, gap in places:
        by_cluster.setdefault(cluster, []).append(gap)
    lines = [line for cluster in sorted(by_cluster) for line in _lines(of, cluster, by_cluster[cluster])]
    return " ".join([*lines, "Then run this command again."])


def _lines(of: dict[str, str], cluster: str, gaps: list[Gap]) -> Iterable[str]:
    kubectl = f"kubectl --context {of.get(cluster, cluster)}"
    denied = sorted({resource for gap in gaps if DENIED.search(gap.why) and (resource := _resource(gap))})
    users = [match[1] for gap in gaps if (match := USER.search(gap.why))]
    user = shlex.quote(users[0]) if users else ""
    if denied:
        yield lacking_permission(of.get(cluster, cluster), ("get", "list"), denied, user, name=cluster, role=ROLE)
    others = [gap for gap in gaps if _resource(gap) not in denied]
    commands = sorted({_command(kubectl, gap) for gap in others})
    if commands:
        yield f"On {cluster} see why there is no answer: {'; '.join(commands)}."


def lacking_permission(
    context: str, verbs: Sequence[str], resources: Sequence[str], user: str = "", name: str = "", role: str = ""
) -> str:
    """The sentence for verbs that are missing on resources, with the commands that give them to the user."""
    kubectl, role = f"kubectl --context {context}", role or f"ks-reset-{'-'.join(verbs)}"
    *first, last = verbs
    words = f"verbs {', '.join(first)} and {last}" if first else f"verb {last}"
    return (
        f"On {name or context} this account lacks the {words} on {', '.join(resources)}; an administrator gives "
        f"{'them' if first else 'it'}: {kubectl} create clusterrole {role} --verb={','.join(verbs)} "
        f"--resource={','.join(resources)}, and {kubectl} create clusterrolebinding {role} --clusterrole={role} "
        f"--user={user or 'NAME'}."
    )


def _resource(gap: Gap) -> str:
    """The resource of a list, or of an object, for kubectl; "" if the gap is none of one type."""
    if gap.what.startswith(LIST_GAP):
        return gap.what.removeprefix(LIST_GAP)
    if gap.what.startswith(DIAL_GAP):
        return "secrets"
    return "configmaps" if gap.what.startswith("ConfigMap ") else ""


def _command(kubectl: str, gap: Gap) -> str:
    if gap.what.startswith(GROUP_GAP):
        return f"{kubectl} get --raw /apis/{gap.what.removeprefix(GROUP_GAP)}"
    if gap.what.startswith(DIAL_GAP):
        return f"{kubectl} describe kubefedclusters.core.kubefed.io -A"
    if gap.what.startswith("ConfigMap "):
        namespace, _, name = gap.what.removeprefix("ConfigMap ").partition("/")
        return f"{kubectl} -n {namespace} get configmap {name}"
    return f"{kubectl} get {gap.what.removeprefix(LIST_GAP)} -A"
