"""A list that could not be read: its objects are neither present nor absent, and no decision may rest on them."""

from collections.abc import Iterable

import msgspec

from ks_reset.catalogue.names import API_SERVICE_KEY, CRD_KEY, ENDPOINTS_KEY, NAMESPACE_KEY, SERVICE_KEY, WORKLOAD_KEYS
from ks_reset.facts import dead_backends as backends
from ks_reset.findings.mend import contexts, how_to_mend
from ks_reset.findings.reads import Reads, each
from ks_reset.model import LIST_GAP, ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

NONE = msgspec.json.encode({"spec": {"conversion": {"strategy": "None", "webhook": None}}}).decode()

READS = Reads(worded_by=each(API_SERVICE_KEY, CRD_KEY, ENDPOINTS_KEY, NAMESPACE_KEY, SERVICE_KEY, *WORKLOAD_KEYS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if cluster.gaps:
            yield Finding(
                id="unreadable",
                severity=Severity.UNKNOWN,
                title=f"{len(cluster.gaps)} list(s) of {cluster.name} could not be read",
                evidence=tuple(Evidence(cluster.name, gap.what, "answer", gap.why) for gap in cluster.gaps),
                next="The objects in them are unknown, and unknown is not absent: plans that rest on them stop.",
                cure=" ".join(_cures(facts, cluster)),
            )


def _cures(facts: FleetFacts, cluster: ClusterFacts) -> Iterable[str]:
    """Own backends first, with one playbook for all of them; then APIs of others; then all other lists."""
    lists = {f"{LIST_GAP}{each.crd.name}": each for each in backends.dead_conversions(cluster)}
    conversions = [lists[gap.what] for gap in cluster.gaps if gap.what in lists]
    silent = backends.unanswered_apis(cluster)
    if conversions or backends.own_dead_apis(cluster):
        yield (
            "Lists of KubeSphere's own failed because their backend is gone. ks-reset plan repair -o repair.json mends "
            "them, and so does ks-reset plan uninstall -o plan.json before all else. By hand:"
        )
    yield from (_cure_of_conversion(cluster, each) for each in conversions)
    yield from (_cure_of_api(cluster, api) for api, _ in silent)
    told = {*lists, *(gap.what for _, gap in silent)}
    if others := [gap for gap in cluster.gaps if gap.what not in told]:
        yield how_to_mend(contexts(facts), ((cluster.name, gap) for gap in others))
    else:
        yield "Then run this command again."


def _cure_of_conversion(cluster: ClusterFacts, each: backends.Converted) -> str:
    patch = f"kubectl --context {cluster.context} patch crd {each.crd.name} --type=merge -p '{NONE}'"
    return f"{'/'.join(each.service)}, which converts {each.crd.name}, has no endpoints: {patch}."


def _cure_of_api(cluster: ClusterFacts, api: Obj) -> str:
    """An own one without a backend is of no use; any other is started, or deleted by those who know that."""
    kubectl, (namespace, name) = f"kubectl --context {cluster.context}", backends.api_service(api) or ("", "")
    state = "has no endpoints" if backends.is_dead_api(cluster, api) else "does not answer"
    gone = f"{namespace}/{name}, which serves the APIService {api.name}, {state}"
    delete = f"{kubectl} delete apiservice {api.name}"
    if backends.own_api_proof(cluster, api):
        return f"{gone}: start it, or {delete}."
    return (
        f"{gone}. Start it, until {kubectl} -n {namespace} get endpoints {name} shows an address; or, if nobody needs "
        f"it, keep a copy and delete it: {kubectl} get apiservice {api.name} -o yaml > {api.name}.yaml && {delete}."
    )
