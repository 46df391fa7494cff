"""Users' objects depend on an operator in a namespace of KubeSphere's: without it nobody acts on them any more.

KubeSphere's prometheus-operator watches ServiceMonitors and PrometheusRules of the whole cluster (ks-installer v3.3.1,
roles/ks-monitor/files/prometheus/prometheus-operator); the others do likewise (catalogue/data/operators.yaml).
"""

from collections.abc import Iterable

from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.facts.operators import RUNS_AS, Served, served_by_bundled
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, OWN_TYPES, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.CONTENTS, "No object of users needs KubeSphere's operators", Urgency.KNOW)
READS = Reads(found_in=each(OWN_TYPES, ANY_LIST), decided_by=each(*RUNS_AS))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    chosen = {*options.request.kept_operators, *options.request.forgone_operators}
    for cluster in facts.clusters:
        choice = ComponentChoice(cluster, options.request)
        for served in served_by_bundled(cluster):
            if served.operator.name not in chosen and choice.may_go(served.workload):
                yield _served_finding(cluster, served)


def _served_finding(cluster: ClusterFacts, served: Served) -> Finding:
    name, namespace = served.operator.name, served.operator.namespace
    return Finding(
        id="operator-of-users",
        severity=Severity.WARNING,
        title=f"{len(served.objects)} object(s) of users on {cluster.name} depend on KubeSphere's {name}",
        evidence=tuple(
            Evidence(cluster.name, obj.title, "acted on by", served.workload.title) for obj in served.objects
        ),
        next=f"An uninstall takes {name} away with the namespace {namespace}: {served.operator.loses}.",
        cure=f"Keep it, with its namespace, types and roles: ks-reset plan uninstall --keep-operator {name} --out "
        f"plan.json. Or go on without it: ks-reset plan uninstall --without-operator {name} --out plan.json. "
        "Or install the operator elsewhere first.",
    )
