"""A component to be removed alone is used by another one that stays: it would end in errors.

Events, auditing and tracing keep what they collect in the Elasticsearch of logging, and alerting asks the Prometheus of
monitoring (ks-installer v3.3.1, roles/common/tasks/common-install.yaml, roles/ks-istio/templates/jaeger-cr.yaml.j2,
roles/ks-monitor/tasks/thanos-ruler.yaml). A component without a program, such as one with an empty namespace left, is
not named.
"""

from collections.abc import Iterable

from ks_reset.catalogue.components import component_entries, component_word
from ks_reset.facts.object_components import components_of
from ks_reset.findings.reads import ANY_LIST, EVERYTHING, Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

READS = Reads(decided_by=each(EVERYTHING, ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    only, known = options.request.only, component_entries()
    for cluster in facts.clusters if only else ():
        running = components_of(cluster).running
        staying = [known[name] for name in sorted(running - {*only}) if name in known]
        pairs = [(e.name, used) for e in staying for used in e.uses if used in only and used in running]
        if pairs:
            users = list(dict.fromkeys(component_word(name) for name, _ in pairs))
            words = ",".join([*map(component_word, only), *users])
            yield Finding(
                id="component-in-use",
                severity=Severity.WARNING,
                title=f"{', '.join(users)} of {cluster.name} does not work without what is to be removed",
                evidence=tuple(
                    Evidence(cluster.name, component_word(name), "uses", component_word(used)) for name, used in pairs
                ),
                next=f"{', '.join(users)} would stay, and end in errors: what it sends data to, or asks, is gone.",
                cure=f"Remove it too: ks-reset plan uninstall --only {words} --out plan.json",
            )
