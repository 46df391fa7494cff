"""Each finding against an installation: what its way on says is done, to the values or to the world, and it is gone.

The refusal has the commands too: the uninstall that is for good is planned, and a reinstall is typed again.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.errors import Refused, Unknown
from ks_reset.findings import check_install, require_feasible
from ks_reset.findings.blocking import INSTALL
from tests.commands import TAKES, commands_in
from tests.findings.stops import whole
from tests.findings.test_rules import CASES, RuleCase, findings_of
from tests.findings.ways import carried_out
from tests.shorthand import expand_object

State = RuleCase
NODE = {"conditions": [{"type": "Ready", "status": "True"}], "allocatable": {"cpu": "8", "memory": "16Gi"}}


def with_values(**values: object) -> Callable[[State], State]:
    return lambda case: structs.replace(case, values=structs.replace(case.values, **values))


def with_monitoring_off(case: State) -> State:
    assert case.values
    spec = case.values.spec | {"etcd": {"monitoring": False}}
    return with_values(spec=spec)(case)


def with_images(case: State) -> State:
    images = dict.fromkeys(case.external.images, "")
    return structs.replace(case, external=structs.replace(case.external, images=images))


def with_another_source(case: State) -> State:
    assert case.values
    kind = "chart" if case.values.release >= (4,) else "manifest"
    content = structs.replace(
        case.external.source, error="", kind=kind, version=case.values.version, sha256=case.values.source.sha256
    )
    return structs.replace(case, external=structs.replace(case.external, source=content))


def with_a_node(case: State) -> State:
    return structs.replace(case, host=[*case.host, expand_object({"Node new": {"status": NODE}})])


def with_a_class(case: State) -> State:
    assert case.values
    name = case.values.storage_class or "fast"
    default = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    row = expand_object({f"StorageClass.v1.storage.k8s.io {name}": default})
    return structs.replace(
        case, host=[*case.host, row], members={member: [*rows, row] for member, rows in case.members.items()}
    )


DONE: dict[str, Callable[[State], State]] = {
    "admin-password": with_values(admin_password="A-long-passw0rd"),
    "console-port": with_values(console_port=31999),
    "etcd-secret": with_monitoring_off,
    "images": with_images,
    "jwt-secret": with_values(jwt_secret="0123456789abcdef0123456789abcdef"),
    "kubernetes-version": with_values(allow=("kubernetes-version",)),
    "nodes": with_a_node,
    "source": with_another_source,
    "storage-class": with_a_class,
}
"""By finding, what its way on says, done. Of refusing-webhook the commands are typed."""
STATES = [case for case in CASES if case.values and case.findings]


def refusal(case: State, playbook: str) -> str:
    """The refusal as it is printed, with the flags of the call."""
    assert case.values
    with pytest.raises((Refused, Unknown)) as refused:
        require_feasible(playbook, check_install(case.values, case.facts, case.external))
    given = (("--context", (case.facts.host.context,)), ("--values", ("my values.yaml",)))
    line = f"ks-reset plan {playbook} --context {case.facts.host.context} --values 'my values.yaml'"
    return complete_commands(str(refused.value), Call("plan", playbook, given, TAKES, line=line))


@pytest.mark.parametrize("name", INSTALL)
def test_what_the_way_on_says_is_done_and_the_finding_is_gone(name: str) -> None:
    states = [case for case in STATES if case.subject == name.replace("-", "_")]
    assert states, f"no case of tests/cases/findings shows {name}"
    for case in states:
        (first, *_) = findings_of(case)
        if name in DONE:
            assert not findings_of(DONE[name](case)), case
        else:
            facts = carried_out(case.facts, first.cure)
            assert case.values
            assert name not in {f.id for f in check_install(case.values, facts, case.external)}, case


@pytest.mark.parametrize("case", STATES, ids=str)
def test_a_finding_that_the_values_allow_does_not_stop(case: State) -> None:
    (name, *_) = {str(row["id"]) for row in case.findings}
    assert name in refusal(case, "uninstall")
    assert not findings_of(with_values(allow=(name,))(case))


@pytest.mark.parametrize("name", INSTALL)
def test_the_uninstall_for_good_is_planned(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    case = next(case for case in STATES if case.subject == name.replace("-", "_"))
    words = next(words for words in commands_in(refusal(case, "uninstall")) if "--uninstall-only" in words)
    reading.save_snapshot(whole(case.facts), tmp_path / "s.json.gz")
    without_file = [word for word in words[1:] if word not in ("--values", "my values.yaml")]
    typed = CliRunner().invoke(app, [*without_file, "--snapshot", "s.json.gz"], env={"COLUMNS": "200"})
    assert typed.exit_code == 0, (words, typed.output, typed.exception)


@pytest.mark.parametrize("name", INSTALL)
def test_a_refused_reinstall_ends_with_the_whole_call(name: str) -> None:
    case = next(case for case in STATES if case.subject == name.replace("-", "_"))
    assert refusal(case, "reinstall").endswith(
        "The same command: ks-reset plan reinstall --context host --values 'my values.yaml'"
    )
