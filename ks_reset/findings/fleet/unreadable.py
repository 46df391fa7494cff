"""A list that could not be read: its objects are neither present nor absent, and no decision may rest on them."""

from collections.abc import Iterable

from ks_reset.catalogue.names import API_SERVICE_KEY, CRD_KEY, ENDPOINTS_KEY, NAMESPACE_KEY, SERVICE_KEY, WORKLOAD_KEYS
from ks_reset.facts import dead_backends as backends
from ks_reset.facts.crds import PATCH_TO_STOP_CONVERSION
from ks_reset.facts.kept import Kept
from ks_reset.findings.about import About, Group
from ks_reset.findings.mend import contexts, how_to_mend
from ks_reset.findings.reads import Reads, each
from ks_reset.model import (
    ClusterFacts,
    Evidence,
    Finding,
    FleetFacts,
    Obj,
    Options,
    Request,
    Severity,
    Urgency,
)

ABOUT = About(Group.API, "Every list was read", Urgency.STOPS)
READS = Reads(worded_by=each(API_SERVICE_KEY, CRD_KEY, ENDPOINTS_KEY, NAMESPACE_KEY, SERVICE_KEY, *WORKLOAD_KEYS))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if cluster.gaps:
            yield Finding(
                id="unreadable",
                severity=Severity.UNKNOWN,
                title=f"{len(cluster.gaps)} list(s) of {cluster.name} could not be read",
                evidence=tuple(Evidence(cluster.name, gap.what, "answer", gap.why) for gap in cluster.gaps),
                next="The objects in them are unknown, and unknown is not absent: plans that rest on them stop.",
                cure=" ".join(_cures(facts, cluster, options.request)),
            )


def _cures(facts: FleetFacts, cluster: ClusterFacts, request: Request) -> Iterable[str]:
    """Own backends first, with one playbook for all of them; then those that stay or are others'; then other lists.

    Where lists of others are unread, the playbook comes last: they stop it.
    """
    own = backends.own_gaps(cluster, request) if cluster.name not in request.shared else {}
    mended = {gap.what for gap in own}
    lists = backends.failing_conversions(cluster)
    silent = backends.unanswered_apis(cluster)
    dead = mended & (lists.keys() | {gap.what for api, gap in silent if backends.is_dead_api(cluster, api)})
    waits = bool(backends.gaps_beyond(cluster, {*own, *backends.computed_gaps(cluster)}))
    if dead and not waits:
        yield (
            "Lists of KubeSphere's own failed because their backend is gone. ks-reset plan repair --out repair.json "
            "mends them, and so does ks-reset plan uninstall --out plan.json before all else. By hand:"
        )
    for name, (crd, backend) in lists.items():
        yield _cure_of_conversion(cluster, crd, backend, starts=name not in mended)
    kept = Kept(cluster, request)
    yield from (_cure_of_api(cluster, api, starts=backends.is_kept_api(kept, api)) for api, _ in silent)
    if dead and waits:
        yield (
            "Lists of KubeSphere's own failed because their backend is gone. Once the others are read, ks-reset plan "
            "repair --out repair.json mends them, and so does ks-reset plan uninstall --out plan.json before all else."
        )
    told = {*lists, *(gap.what for _, gap in silent)}
    if others := [gap for gap in cluster.gaps if gap.what not in told]:
        yield how_to_mend(contexts(facts), ((cluster.name, gap) for gap in others))
    else:
        yield "Then run this command again."


def _cure_of_conversion(cluster: ClusterFacts, crd: Obj, backend: str, *, starts: bool) -> str:
    """The command that reads the type as it is stored; `starts`: its backend stays or is another's; it comes first."""
    kubectl, service = f"kubectl --context {cluster.context}", backends.conversion_service(crd)
    patch = f"{kubectl} patch crd {crd.name} --type=merge -p '{PATCH_TO_STOP_CONVERSION}'"
    if not service or not backends.is_dead(cluster, service):
        return (
            f"{backend}, which converts {crd.name}, does not convert it. Mend it, until {kubectl} get {crd.name} -A "
            f"lists them; or, if nobody needs it, let the type be read as it is stored: {patch}."
        )
    namespace, name = service
    gone = f"{namespace}/{name}, which converts {crd.name}, has no endpoints"
    if not starts:
        return f"{gone}: {patch}."
    return (
        f"{gone}. Start it, until {kubectl} -n {namespace} get endpoints {name} shows an address; or, if nobody needs "
        f"it, let the type be read as it is stored: {patch}."
    )


def _cure_of_api(cluster: ClusterFacts, api: Obj, *, starts: bool) -> str:
    """An own one without a backend is of no use; one that stays or another's is started, or deleted by who knows it."""
    kubectl, (namespace, name) = f"kubectl --context {cluster.context}", backends.api_service(api) or ("", "")
    state = "has no endpoints" if backends.is_dead_api(cluster, api) else "does not answer"
    gone = f"{namespace}/{name}, which serves the APIService {api.name}, {state}"
    delete = f"{kubectl} delete apiservice {api.name}"
    if backends.own_api_proof(cluster, api) and not starts:
        return f"{gone}: start it, or {delete}."
    return (
        f"{gone}. Start it, until {kubectl} -n {namespace} get endpoints {name} shows an address; or, if nobody needs "
        f"it, keep a copy and delete it: {kubectl} get apiservice {api.name} -o yaml > {api.name}.yaml && {delete}."
    )
