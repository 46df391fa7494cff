"""Cures: each command is complete, with the flags of the call, and the real command line takes it."""

import re
from collections.abc import Iterator

import pytest

from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.findings import check_fleet
from ks_reset.findings.fleet.proxy_without_agent import check
from ks_reset.model import Finding, Options
from tests.build import facts
from tests.commands import TAKES, commands_in, has_way_on, takes_all_flags
from tests.findings.test_rules import CASES, RuleCase, findings_of
from tests.shorthand import expand_case

GIVEN = (("--kubeconfig", ("/my files/config",)), ("--context", ("prod",)), ("--as", ("root",)))
CALL = Call("doctor", given=GIVEN, takes=TAKES)
PLACEHOLDER = re.compile(r"(?<![\w.:'-])[A-Z][A-Z-]{3,}(?![\w'])")
NO_PLACEHOLDERS = {"JSON"}
A_FILE, A_CONTEXT = "the operator's own file", "only the operator knows how to reach that cluster"
PLACEHOLDERS = {
    ("leftover-config", "AGE-KEY"): "the operator's own key",
    ("living-member", "CONTEXT"): A_CONTEXT,
    ("named-record", "CONTEXT"): A_CONTEXT,
    ("managed-without-host", "NAME"): "the answer of the API server does not name the account",
    ("unchecked", "NAME"): "likewise",
    ("namespace-without-workspace", "FILE"): A_FILE,
    ("nothing-to-bind-to", "FILE"): A_FILE,
    ("nothing-to-join-to", "FILE"): A_FILE,
    ("proxy-without-agent", "CONTEXT"): A_CONTEXT,
    ("rebuilt-cluster", "FILE"): A_FILE,
    ("token-kubeconfig", "FILE"): A_FILE,
    ("unfit-member", "FILE"): A_FILE,
    ("unnamed-member", "CONTEXT"): A_CONTEXT,
    ("unread-host", "CONTEXT-OF-THAT-HOST"): A_CONTEXT,
    ("unreached-record", "CONTEXT"): A_CONTEXT,
    ("unrecorded-member", "CONTEXT"): A_CONTEXT,
    ("wiped-namespace", "SNAPSHOT"): A_FILE,
}
"""The values that cannot be known, by finding, each with the reason."""
VALUES_FILE = "the values file is the operator's; it is asked again with the same command"
NO_COMMAND = {
    "admin-password": VALUES_FILE,
    "console-port": VALUES_FILE,
    "etcd-secret": VALUES_FILE,
    "images": VALUES_FILE,
    "jwt-secret": VALUES_FILE,
    "kubernetes-version": VALUES_FILE,
    "source": VALUES_FILE,
    "federated-of-users": "there is nothing to do",
}
"""The findings whose cure is somebody's act outside of the clusters, each with the reason."""
CURES = [pytest.param(case, finding, id=f"{case}/{finding.id}") for case in CASES for finding in findings_of(case)]


def complete(finding: Finding) -> str:
    return complete_commands(finding.cure, CALL)


def faults(words: list[str]) -> Iterator[str]:
    """What a command lacks; who gives rights does not act as the account that lacks them."""
    gives_rights = "create" in words and "clusterrole" in words
    for flag in ("--context", "--kubeconfig", *(() if gives_rights else ("--as",))):
        if flag not in words:
            yield f"without {flag}"
    if words[0] == "ks-reset" and not takes_all_flags(words):
        yield "not taken by the command line"


@pytest.mark.parametrize(("case", "finding"), CURES)
def test_each_command_of_a_cure_is_complete(case: RuleCase, finding: Finding) -> None:
    text = complete(finding)
    wrong = [(" ".join(words), list(faults(words))) for words in commands_in(text) if list(faults(words))]
    assert not wrong, case
    assert has_way_on(text) or finding.id in NO_COMMAND, text
    assert not re.search(r"same command with:|\badd --|NAME=CONTEXT|PLAYBOOK", text), text
    unknown = {(finding.id, found) for found in PLACEHOLDER.findall(text)} - PLACEHOLDERS.keys()
    assert not {found for found in unknown if found[1] not in NO_PLACEHOLDERS}, text


def test_no_placeholder_or_silence_is_allowed_that_no_cure_needs() -> None:
    told = [param.values[1] for param in CURES]
    cures = [finding for finding in told if isinstance(finding, Finding)]
    named = {(finding.id, found) for finding in cures for found in PLACEHOLDER.findall(complete(finding))}
    assert PLACEHOLDERS.keys() <= named
    assert NO_COMMAND.keys() == {finding.id for finding in cures if not has_way_on(complete(finding))}


def test_an_absent_agent_is_not_scaled() -> None:
    case = next(case for case in CASES if case.subject == "proxy_without_agent")
    gone, stopped = (finding.cure for finding in check(case.facts, Options()))
    assert gone.startswith("Apply the agent's manifest on the member again")
    assert stopped.startswith("Start the agent: kubectl --context stopped -n kubesphere-system scale deployment")
    assert gone.endswith("ks-reset doctor --member gone=CONTEXT.")


@pytest.mark.parametrize("kind", ["RoleBinding shop/x$(touch y)", "ClusterRoleBinding x$(touch y)"])
def test_the_name_of_a_binding_is_a_word_of_the_command(kind: str) -> None:
    about = {
        "labels": {"iam.kubesphere.io/user-ref": "li"},
        "owners": ["GlobalRoleBinding.v1alpha2.iam.kubesphere.io li"],
    }
    role = {"kind": "Role", "name": "gone"} if "/" in kind else {"kind": "ClusterRole", "name": "cluster-admin"}
    rows = [{kind: about | {"roleRef": role, "subjects": [{"kind": "User", "name": "li"}]}}]
    found = check_fleet(facts(expand_case({"host": rows})["host"]), Options())
    named = [finding.cure for finding in found if "x$(touch y)" in finding.cure]
    assert named
    assert all("'x$(touch y)'" in cure for cure in named)


def test_webhooks_of_one_program_are_listed_once_with_one_command() -> None:
    (case,) = (case for case in CASES if str(case) == "dead_webhook/of_one_program")
    (finding,) = findings_of(case)
    assert [" ".join(words[:7]) for words in commands_in(finding.cure) if words[0] == "kubectl"] == [
        "kubectl --context host -n kubesphere-system get endpoints"
    ]
    assert [finding.cure.count(name) for name in ("rulegroups.alerting", "users.iam", "plan repair")] == [1, 1, 1]
