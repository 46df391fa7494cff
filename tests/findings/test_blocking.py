"""Which finding stops which playbook: the table, an installation or a join, and never by what it has begun itself."""

from base64 import b64encode
from typing import Any

import pytest
import yaml
from msgspec import structs

from ks_reset import findings
from ks_reset.cluster import has_client_certificate
from ks_reset.errors import Refused, Unknown
from ks_reset.findings.blocking import ANY, BLOCKING
from ks_reset.findings.conditions import always
from ks_reset.findings.request.token_kubeconfig import never_ready
from ks_reset.model import (
    Action,
    BeforeImage,
    Create,
    Evidence,
    Finding,
    FleetFacts,
    Install,
    Kind,
    MemberJoin,
    Memory,
    Options,
    Severity,
)
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.runbook import render_playbook
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.reading import facts_of
from ks_reset.workflows.plan import checked_plan
from tests.build import Rows, asked, facts
from tests.cases import module_name
from tests.findings.test_rules import CASES

CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
CONFIGURED = Kind("installer.kubesphere.io", "v1alpha1", "ClusterConfiguration", "clusterconfigurations", True)
RECORD = Kind("core.kubefed.io", "v1beta1", "KubeFedCluster", "kubefedclusters", True)
CRD = Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False)
ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts", True)
SYSTEM = "kubesphere-system"
PUTTING_ON = ("reinstall", "rejoin")
INSTALLS = ("uninstall", "reinstall")
PUTS = ("old-owner", "terminating-workspace", "terminating-federated", "two-records-one-cluster", "records-disagree")
PUTS += (
    "two-clusters-one-cluster",
    "template-takes-away",
    "rebuilt-cluster",
    "unplaced-target",
    "foreign-kubefed",
    "namespaced-kubefed",
)
JOINS = ("two-hosts", "other-host", "other-jwt-secret", "clock-skew", "expired-certificate")
GAINED = {
    **{name: {"reinstall", "rejoin"} for name in PUTS},
    "managed-without-host": {"reinstall"},
    "terminating-system-namespace": {"reinstall", "rejoin"},
    "unreadable": {"reinstall", "rejoin"},
    "unchecked": {"reinstall", "rejoin"},
    "dead-webhook": {"reinstall"},
    **{name: {"rejoin"} for name in JOINS},
}
"""The findings of a fleet that stop these playbooks too; no other finding in tests/cases does."""


def past(kind: Kind, name: str, namespace: str = "", **more: Any) -> BeforeImage:
    return BeforeImage("uid-of-host", kind, {"metadata": {"name": name, "namespace": namespace}, **more})


def join(name: str) -> MemberJoin:
    return MemberJoin(f"uid-of-{name}", past(CLUSTER, name))


def installs(*more: BeforeImage) -> Options:
    spec = {"multicluster": {"clusterRole": "host"}}
    return asked(install=Install("v3.3.1", (*more, past(CONFIGURED, "ks-installer", SYSTEM, spec=spec))))


def cases() -> list[tuple[FleetFacts, Options]]:
    """The facts and options of every finding's case that is not of these two playbooks alone."""
    return [(c.facts, c.options) for c in CASES if not (c.options.material.install or c.options.material.joining)]


def gained(given: FleetFacts, options: Options) -> set[tuple[str, str]]:
    """Findings and playbooks: what stops a reinstall or a rejoin in a condition, and not always."""
    stopped = {(each.id, book) for each in findings.check_fleet(given, options) for book in each.blocks}
    return {(name, book) for name, book in stopped if book in PUTTING_ON and BLOCKING[book][name][0] is not always}


def joined_to_kubefed(given: FleetFacts, options: Options) -> tuple[FleetFacts, Options]:
    """All members and whatever is recorded, and one that nobody has heard of, are to be joined to a host of 3.x."""
    host = structs.replace(given.host, kinds=given.host.kinds | {RECORD.key: RECORD})
    names = ["new", *(member.name for member in given.members), *(dial.record for dial in given.host.dials)]
    options = options.with_material(joining=tuple(join(name) for name in dict.fromkeys(names)))
    return structs.replace(given, host=host), options


def test_these_findings_stop_an_installation_or_a_join_beside_their_own_playbooks_and_no_others() -> None:
    seen: dict[str, set[str]] = {}
    for given, options in cases():
        installing = gained(given, options.with_material(install=installs().material.install))
        for name, book in installing | gained(*joined_to_kubefed(given, options)):
            seen.setdefault(name, set()).add(book)
    assert seen == GAINED


def test_a_host_of_4_gives_its_member_the_secret_and_has_no_kubefed_that_could_delete_there() -> None:
    subject = {"kind": "ServiceAccount", "namespace": "fed", "name": "eu-hub"}
    binding = {"kind": "ClusterRoleBinding", "metadata": {"name": "kubefed-controller-manager:eu-hub"}}
    joined = {"apiVersion": "rbac.authorization.k8s.io/v1", **binding, "subjects": [subject]}
    given = facts([], {"eu": [joined]}, read={"host": {"jwt": "one"}, "eu": {"jwt": "another"}})
    options = asked(joining=(join("eu"),))
    assert {each.id for each in findings.check_fleet(given, options)} >= {"other-host", "other-jwt-secret"}
    assert gained(given, options) == set()
    assert gained(*joined_to_kubefed(given, options)) == {("other-host", "rejoin"), ("other-jwt-secret", "rejoin")}


def test_a_webhook_whose_backend_is_still_to_come_does_not_stop_the_installation_that_made_it() -> None:
    case = next(case for case in CASES if str(case) == "dead_webhook/no_backend")
    under_way = {"apiVersion": CONFIGURED.api_version, "kind": CONFIGURED.kind}
    under_way |= {"metadata": {"name": "ks-installer", "namespace": SYSTEM}}
    assert gained(facts(case.host), installs()) == {("dead-webhook", "reinstall")}
    assert gained(facts([*case.host, under_way]), installs()) == set()


def test_without_a_plan_to_put_something_on_no_finding_stops_it() -> None:
    for given, options in cases():
        assert not [each for each in findings.check_fleet(given, options) if set(each.blocks) & set(PUTTING_ON)]


def test_the_table_names_playbooks_and_findings_that_exist_and_says_why() -> None:
    assert set(BLOCKING) - {ANY} <= set(playbooks.playbook_names())
    seen = {str(row["id"]) for case in CASES for row in case.findings}
    assert {name for blockers in BLOCKING.values() for name in blockers} <= seen
    assert all(why.endswith((".", ").")) for blockers in BLOCKING.values() for _, why in blockers.values())


def test_an_installation_that_cannot_succeed_stops_the_playbooks_before_which_it_is_asked() -> None:
    assert {book for book, blockers in BLOCKING.items() if "images" in blockers} == set(INSTALLS)
    rules = {module_name(rule).replace("_", "-") for rule in findings.INSTALL_RULES}
    assert all(rules <= set(BLOCKING[book]) for book in INSTALLS)


def install_finding(name: str, severity: Severity, title: str, blocks: tuple[str, ...] = INSTALLS) -> Finding:
    evidence = (Evidence("host", "values file", "a", "b"),)
    return Finding(name, severity, title, evidence, "That follows.", "Do this.", blocks=blocks)


def test_all_findings_against_an_installation_are_told_at_once_and_unknown_is_not_refused() -> None:
    known = install_finding("a", Severity.WARNING, "No")
    unknown = install_finding("b", Severity.UNKNOWN, "Perhaps")
    findings.require_feasible("reinstall", [])
    findings.require_feasible("reinstall", [install_finding("c", Severity.WARNING, "Stops nothing", ())])
    with pytest.raises(Refused, match=r"2 finding\(s\).*\n  1. \[a\] No. That follows. Do this.\n  2. \[b\] Perhaps."):
        findings.require_feasible("uninstall", [known, unknown])
    with pytest.raises(Unknown, match=r"\[b\]"):
        findings.require_feasible("uninstall", [unknown])


def test_a_runbook_says_what_stops_its_playbook_and_why() -> None:
    text = render_playbook(playbooks.load_playbook("rejoin"))
    assert "- `claimed-member`: Two hosts would work on one member.\n" in text
    assert "- `unreadable`: " in text
    assert "`living-member`" not in text
    assert "What stops it" not in render_playbook(playbooks.load_playbook("reset"))
    own = render_playbook(structs.replace(playbooks.load_playbook("defuse"), name="mine"))
    assert ("`living-member`" in own, "`images`" in own) == (True, False)


def test_a_runbook_tells_apart_the_findings_asked_for_with_a_values_file() -> None:
    text = render_playbook(playbooks.load_playbook("uninstall"))
    of_fleet, _, of_installation = text.partition("With `--values`, unless `--uninstall-only` is given")
    assert ("`network-policy`" in of_fleet, "`images`" in of_fleet) == (True, False)
    assert "- `images`: Pods of KubeSphere would not start.\n" in of_installation
    assert "With `--values`" not in render_playbook(playbooks.load_playbook("rejoin"))


def old_owner() -> FleetFacts:
    workspace = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1", "uid": "old"}
    return facts([{"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [workspace]}}])


def test_a_namespace_that_names_an_old_workspace_stops_a_reinstall() -> None:
    with pytest.raises(Refused, match=r"reinstall cannot be planned: 1 namespace\(s\) of host are owned by"):
        findings.require_unblocked(playbooks.load_playbook("reinstall"), old_owner(), installs())
    findings.require_unblocked(playbooks.load_playbook("uninstall"), old_owner(), Options())


def test_all_findings_that_stop_a_playbook_are_told_at_once() -> None:
    places = [{"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}]
    users = [
        {"kind": kind, "metadata": {"name": "mine", "namespace": "kubesphere-system"}}
        for kind in ("ConfigMap", "PersistentVolumeClaim")
    ]
    with pytest.raises(Refused) as stopped:
        findings.require_unblocked(playbooks.load_playbook("uninstall"), facts([*places, *users]), Options())
    head, *lines = str(stopped.value).splitlines()
    together = "The flags that their commands add can be given in one command."
    assert head == f"uninstall cannot be planned. 2 findings stop it. {together}"
    assert [line[:5] for line in lines] == ["  1. ", "  2. "]
    assert "--discard ConfigMap/kubesphere-system/mine" in str(stopped.value)
    assert "--delete-data" in str(stopped.value)


def test_a_refusal_says_how_much_of_the_evidence_it_leaves_out() -> None:
    claims: Rows = [{"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}]
    claims += [
        {"kind": "PersistentVolumeClaim", "metadata": {"name": f"mine-{n}", "namespace": "kubesphere-system"}}
        for n in range(5)
    ]
    with pytest.raises(Refused, match="and 2 more, which ks-reset doctor -v shows"):
        findings.require_unblocked(playbooks.load_playbook("uninstall"), facts(claims), Options())


def test_a_record_that_leads_nobody_knows_where_leaves_a_join_unknown_and_the_hosts_own_does_not() -> None:
    meta = {"name": "host", "labels": {"cluster-role.kubesphere.io/host": ""}}
    own: Rows = [{"apiVersion": CLUSTER.api_version, "kind": CLUSTER.kind, "metadata": meta}]
    unread = {"record": "host", "reach": "unreachable", "endpoint": "https://10.233.0.1:443"}
    options = asked(joining=(join("eu"),), memory=Memory("", "uid-of-host"))
    for name, stops in (("host", set()), ("old", {"unknown-record"})):
        given = facts(own, {"eu": []}, [{**unread, "record": name}])
        found = [each for each in findings.check_fleet(given, options) if "rejoin" in each.blocks]
        assert {each.id for each in found} & {"unknown-record", "unknown-reach"} == stops
    with pytest.raises(Unknown, match="The cluster behind old is not known"):
        findings.require_unblocked(playbooks.load_playbook("rejoin"), given, options)


@pytest.mark.parametrize("name", ["host", "old"])
def test_a_plan_with_nothing_left_to_put_on_does_not_ask_where_records_lead(name: str) -> None:
    meta = {"name": "ks-installer", "namespace": SYSTEM}
    there = {"apiVersion": CONFIGURED.api_version, "kind": CONFIGURED.kind, "metadata": meta}
    spec = {"spec": {"multicluster": {"clusterRole": "host"}}}
    given = facts([{**there, **spec}], dials=[{"record": name, "reach": "unreachable"}])
    steps = {action.step for action in checked_plan(playbooks.load_playbook("reinstall"), given, installs()).actions}
    assert steps == {"fasten-seatbelt", "await-kubesphere", "loosen-seatbelt"}


def after(given: FleetFacts, actions: tuple[Action, ...]) -> FleetFacts:
    state = State.of(given)
    for action in actions:
        state, _ = apply_action(state, action)
    return facts_of(state)


def test_a_reinstall_that_was_killed_after_any_write_is_not_stopped_by_what_it_has_made() -> None:
    names = {"kind": "ClusterConfiguration"}
    types = past(CRD, "clusterconfigurations.installer.kubesphere.io", spec={"group": CONFIGURED.group, "names": names})
    options, book = installs(types, past(ACCOUNT, "ks-installer", SYSTEM)), playbooks.load_playbook("reinstall")
    clean = facts([{"kind": "Namespace", "metadata": {"name": SYSTEM}}])
    plan = planning.make_plan(book, clean, options)
    made = tuple(action for action in plan.actions if isinstance(action, Create))
    for count in range(len(made) + 1):
        findings.require_unblocked(book, after(clean, made[:count]), options)
    assert len(made) == 3


def test_what_the_installer_makes_then_does_not_stop_it_either() -> None:
    meta = {"name": "ks-installer", "namespace": SYSTEM}
    spec = {"multicluster": {"clusterRole": "host"}, "terminal": {"timeout": 600}}
    group, kind = "tenant.kubesphere.io", "CustomResourceDefinition"
    rows: Rows = [
        {"apiVersion": CONFIGURED.api_version, "kind": CONFIGURED.kind, "metadata": meta, "spec": spec},
        {"kind": "ConfigMap", "metadata": {"name": "kubesphere-config", "namespace": SYSTEM}},
        {"kind": "Secret", "metadata": {"name": "kubesphere-secret", "namespace": SYSTEM}},
        {
            **{"apiVersion": CRD.api_version, "kind": kind, "metadata": {"name": f"workspaces.{group}"}},
            "spec": {"group": group, "names": {"kind": "Workspace"}},
        },
    ]
    book = playbooks.load_playbook("reinstall")
    findings.require_unblocked(book, facts(rows), installs())
    with pytest.raises(Refused, match="earlier"):
        findings.require_unblocked(book, facts(rows[1:]), installs())


def kubeconfig(**user: str) -> str:
    config = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": "https://eu"}}],
        "users": [{"name": "a", "user": user}],
    }
    return b64encode(yaml.safe_dump(config).encode()).decode()


def test_a_kubeconfig_is_certified_by_a_client_certificate_and_not_by_a_token() -> None:
    assert has_client_certificate(kubeconfig(**{"client-certificate-data": b64encode(b"a certificate").decode()}))
    assert not has_client_certificate(kubeconfig(token="a-token"))
    assert not has_client_certificate(b64encode(b"no kubeconfig").decode())


@pytest.mark.parametrize(
    ("version", "never"), [("v3.2.1", False), ("v3.3.0", True), ("v3.3.2", True), ("v3.4.0", False), ("", False)]
)
def test_kubesphere_3_3_never_says_of_a_member_by_token_that_it_is_ready(version: str, never: bool) -> None:
    assert never_ready(version, structs.replace(join("eu"), certified=False)) is never
    assert never_ready(version, join("eu")) is False
