"""What mends a gap: the missing permission with the command that gives it, or the command that shows the answer.

The words for a missing permission are those of the API server (kubernetes v1.24.17,
staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go, forbiddenMessage).
"""

import re
import shlex
from collections.abc import Iterable

from ks_reset.model import FleetFacts, Gap

LIST, GROUP, DIAL = "list of ", "API group ", "dial of "
DENIED = re.compile(r"\b403\b|[Ff]orbidden|cannot (list|get)|[Pp]ermission")
USER = re.compile(r'[Uu]ser "([^"]+)"')
ROLE = "ks-reset-read"


def contexts(facts: FleetFacts) -> dict[str, str]:
    """The context of each cluster, by its name."""
    return {cluster.name: cluster.context for cluster in facts.clusters}


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
    user = shlex.quote(users[0]) if users else "NAME"
    if denied:
        yield (
            f"On {cluster} this account lacks the verbs get and list on {', '.join(denied)}; an administrator gives "
            f"them: {kubectl} create clusterrole {ROLE} --verb=get,list --resource={','.join(denied)}, and {kubectl} "
            f"create clusterrolebinding {ROLE} --clusterrole={ROLE} --user={user}."
        )
    others = [gap for gap in gaps if _resource(gap) not in denied]
    commands = sorted({_command(kubectl, gap) for gap in others})
    if commands:
        yield f"On {cluster} see why there is no answer: {'; '.join(commands)}."


def _resource(gap: Gap) -> str:
    """The resource of a list, or of an object, for kubectl; "" if the gap is none of one type."""
    if gap.what.startswith(LIST):
        return gap.what.removeprefix(LIST)
    if gap.what.startswith(DIAL):
        return "secrets"
    return "configmaps" if gap.what.startswith("ConfigMap ") else ""


def _command(kubectl: str, gap: Gap) -> str:
    if gap.what.startswith(GROUP):
        return f"{kubectl} get --raw /apis/{gap.what.removeprefix(GROUP)}"
    if gap.what.startswith(DIAL):
        return f"{kubectl} describe kubefedclusters.core.kubefed.io -A"
    if gap.what.startswith("ConfigMap "):
        namespace, _, name = gap.what.removeprefix("ConfigMap ").partition("/")
        return f"{kubectl} -n {namespace} get configmap {name}"
    return f"{kubectl} get {gap.what.removeprefix(LIST)} -A"
