"""kubefed reports the cluster of a record as not ready: it spreads nothing there, and no deletion ends.

kubefed v0.8.1, pkg/controller/kubefedcluster/controller.go and pkg/apis/core/v1beta1, ClusterConditionType.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY
from ks_reset.credentials.digests import readable_text
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, host
from ks_reset.model import Body, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.FEDERATION, "kubefed reaches the clusters of its records", Urgency.STOPS)
READS = Reads(found_in=host(KUBEFED_CLUSTER_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for record in facts.host.of(KUBEFED_CLUSTER_KEY):
        if condition := failed_condition(record):
            field = f"status.conditions[{condition.get('type')}]"
            words = " ".join(readable_text(condition.get(key)) for key in ("status", "reason", "message")).strip()
            yield Finding(
                id="unready-record",
                severity=Severity.WARNING,
                title=f"kubefed does not reach the cluster of the record {record.name}",
                evidence=(Evidence(facts.host.name, record.title, field, words),),
                next="kubefed spreads nothing there, and the deletion of federated objects waits for it.",
                cure=f"Find the cause: kubectl --context {facts.host.context} -n {record.namespace} describe "
                f"{record.kind.resource}/{record.name}. If the cluster is gone for good: ks-reset plan forget-member "
                f"--members {record.name} --out plan.json.",
            )


def failed_condition(record: Obj) -> Body | None:
    """The condition by which kubefed tells that it does not reach the cluster; None for none.

    Without an answer it writes Offline=True alone (kubefed v0.8.1, pkg/controller/kubefedcluster/clusterclient.go,
    GetClusterHealthStatus).
    """
    ready = ready_condition(record)
    if ready and ready.get("status") != "True":
        return ready
    conditions = (record.body.get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c.get("type") == "Offline" and c.get("status") == "True"), None)


def ready_condition(record: Obj) -> Body | None:
    """The condition Ready, as kubefed last wrote it to the record; None for none."""
    conditions = (record.body.get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c.get("type") == "Ready"), None)
