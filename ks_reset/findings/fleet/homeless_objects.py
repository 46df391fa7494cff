"""Objects are left in a namespace that does not exist: nobody can change them, and their finalizers stay."""

from collections.abc import Iterable
from itertools import groupby

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.facts.homeless_objects import homeless_objects, way_past_absence
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.DELETIONS, "Every object is in a namespace that exists", Urgency.STOPS)
READS = Reads(found_in=each(EVERYTHING), decided_by=each(NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        found = sorted(homeless_objects(cluster), key=lambda obj: obj.namespace)
        for namespace, group in groupby(found, key=lambda obj: obj.namespace):
            objs = list(group)
            yield Finding(
                id="homeless-objects",
                severity=Severity.WARNING,
                title=f"{len(objs)} object(s) of {cluster.name} are in the namespace {namespace}, which does not exist",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.namespace", namespace) for o in objs),
                next="The API server answers each change of them with 404; a playbook that has to change one cannot be "
                "planned. A new namespace of this name has them in it.",
                cure=f"{way_past_absence(cluster, namespace)}.",
            )
