"""The states in which a finding stops a playbook: the cases of the findings, as whole clusters."""

from collections.abc import Iterator

from msgspec import Struct, structs

from ks_reset import findings
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    CLUSTER_KIND,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_CLUSTER_KIND,
    NAMESPACE_KEY,
    NAMESPACE_KIND,
)
from ks_reset.findings.blocking import ANY, BLOCKING
from ks_reset.model import BeforeImage, ClusterFacts, Finding, FleetFacts, Kind, Memory, Obj, Options
from tests.build import body_of
from tests.cases import module_name
from tests.findings.test_blocking import installs, joined_to_kubefed
from tests.findings.test_rules import CASES, RuleCase

PAIRS = [(book, name) for book, blockers in BLOCKING.items() for name in blockers]


class Stop(Struct, frozen=True):
    """A playbook stopped by a finding in a state; `playbook` is uninstall for a finding that stops every one."""

    case: RuleCase
    playbook: str
    id: str
    facts: FleetFacts
    options: Options

    def __str__(self) -> str:
        return f"{self.case}: {self.playbook}, {self.id}"

    def found(self) -> list[Finding]:
        """The findings of this id that stop the playbook, by the rule of the case."""
        rule = next(rule for rule in findings.RULES if module_name(rule) == self.case.subject)
        found = findings.check_rule(rule, self.facts, self.options)
        return [f for f in found if f.id == self.id and {self.playbook, ANY} & {*f.blocks}]

    def with_facts(self, facts: FleetFacts) -> "Stop":
        return structs.replace(self, facts=facts)


def stops_of(playbook: str, name: str) -> Iterator[Stop]:
    """The states of the cases in which this finding stops this playbook; "*" stands for every playbook."""
    for case in CASES:
        if case.values is None and name in {str(row["id"]) for row in case.findings}:
            for facts, options in _worlds(case, playbook):
                stop = Stop(case, "uninstall" if playbook == ANY else playbook, name, facts, options)
                if stop.found():
                    yield stop
                    break


def _worlds(case: RuleCase, playbook: str) -> Iterator[tuple[FleetFacts, Options]]:
    """The case as it is, and with something of KubeSphere's to be put on, as the playbook asks for."""
    facts, options = whole(case.facts), case.options
    yield facts, options
    if playbook == "reinstall":
        yield facts, options.with_material(install=installs().material.install)
    if playbook == "rejoin":
        yield joined_to_kubefed(facts, options)
    if playbook == "rebind":
        yield facts, options.with_material(memory=Memory("", facts.host.identity))
    if playbook == "restore":
        kept = [obj for cluster in facts.clusters for obj in cluster.all()][:1]
        yield (
            facts,
            options.with_material(past=tuple(BeforeImage(facts.host.identity, o.kind, dict(o.body)) for o in kept)),
        )


def whole(facts: FleetFacts) -> FleetFacts:
    """The fleet with what a case leaves out: the namespaces of objects, and the records that are dialled."""
    host = _with_namespaces(_with_records(facts.host))
    return structs.replace(facts, host=host, members=tuple(map(_with_namespaces, facts.members)))


def _with_namespaces(cluster: ClusterFacts) -> ClusterFacts:
    absent = {obj.namespace for obj in cluster.all() if obj.namespace} - {o.name for o in cluster.of(NAMESPACE_KEY)}
    return _with_rows(cluster, NAMESPACE_KIND, [{"name": name} for name in sorted(absent)])


def _with_records(cluster: ClusterFacts) -> ClusterFacts:
    known = {record.name for record in cluster.of(KUBEFED_CLUSTER_KEY)}
    absent = [d for d in cluster.dials if d.record not in known]
    cluster = _with_rows(cluster, KUBEFED_CLUSTER_KIND, [{"name": d.record, "namespace": d.namespace} for d in absent])
    named = {obj.name for obj in cluster.of(CLUSTER_KEY)}
    return _with_rows(cluster, CLUSTER_KIND, [{"name": d.record} for d in cluster.connections if d.record not in named])


def _with_rows(cluster: ClusterFacts, kind: Kind, metas: list[dict[str, str]]) -> ClusterFacts:
    if not metas:
        return cluster
    made = [Obj(kind, body_of({"kind": kind.kind, "metadata": meta})) for meta in metas]
    objects = {**cluster.objects, kind.key: (*cluster.of(kind.key), *made)}
    return structs.replace(cluster, kinds={**cluster.kinds, kind.key: kind}, objects=objects)
