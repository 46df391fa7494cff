"""A list that could not be read: its objects are neither present nor absent, and no decision may rest on them."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import API_SERVICE_KEY
from ks_reset.findings.mend import contexts, how_to_mend
from ks_reset.findings.reads import Reads, each
from ks_reset.model import GROUP_GAP, ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

READS = Reads(worded_by=each(API_SERVICE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if cluster.gaps:
            yield Finding(
                id="unreadable",
                severity=Severity.UNKNOWN,
                title=f"{len(cluster.gaps)} list(s) of {cluster.name} could not be read",
                evidence=tuple(Evidence(cluster.name, gap.what, "answer", gap.why) for gap in cluster.gaps),
                next="The objects in them are unknown, and unknown is not absent: every plan stops here.",
                cure=" ".join(filter(None, (_cure_of_apis(cluster), _cure_of_gaps(facts, cluster)))),
            )


def _cure_of_gaps(facts: FleetFacts, cluster: ClusterFacts) -> str:
    return how_to_mend(contexts(facts), ((cluster.name, gap) for gap in cluster.gaps))


def _cure_of_apis(cluster: ClusterFacts) -> str:
    """The commands for KubeSphere's aggregated APIs without an answer: nothing but their Service serves them."""
    dead = [api for api in cluster.of(API_SERVICE_KEY) if _is_unread(cluster, api) and catalogue.apiservice_proof(api)]
    commands = "; ".join(f"kubectl --context {cluster.context} delete apiservice {api.name}" for api in dead)
    why = "KubeSphere's Service behind it does not answer. Start it, or delete the APIService"
    return f"{why}: {commands}." if dead else ""


def _is_unread(cluster: ClusterFacts, api: Obj) -> bool:
    served = f"{api.spec.get('group', '')}/{api.spec.get('version', '')}"
    return bool(api.spec.get("service")) and any(gap.what == f"{GROUP_GAP}{served}" for gap in cluster.gaps)
