"""permissions: roles on stdout that kubectl takes, everything else on stderr, and each refusal with its way on."""

import shlex
from pathlib import Path

import pytest
import yaml

from ks_reset import facts as reading
from ks_reset.errors import Exit
from ks_reset.workflows.permissions import LOCAL, READERS
from tests.build import facts
from tests.cli.test_usage import run
from tests.docs.test_pages import unknown_words
from tests.findings.gapped import without_rights
from tests.incident import incident_facts
from tests.rbac import Rbac, attributes_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the snapshot of the incident, and a plan made from it; the state is there too."""
    made = tmp_path_factory.mktemp("incident")
    reading.save_snapshot(incident_facts("old-host"), made / "s.json.gz")
    done = run("plan", "stale-record", *offline(made), "--out", str(made / "plan.json"), KS_RESET_STATE=str(made))
    assert done.returncode == Exit.OK, done.stderr
    return made


def offline(folder: Path) -> tuple[str, str]:
    return "--snapshot", str(folder / "s.json.gz")


def test_the_roles_for_a_plan_are_bound_to_the_account_and_grant_its_writes_by_name(folder: Path) -> None:
    plan = str(folder / "plan.json")
    done = run("permissions", plan, *offline(folder), "--serviceaccount", "ops:cure", KS_RESET_STATE=str(folder))
    assert done.returncode == Exit.OK, done.stderr
    objects = list(yaml.safe_load_all(done.stdout))
    assert [each["kind"] for each in objects] == ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
    subject = {"kind": "ServiceAccount", "namespace": "ops", "name": "cure"}
    assert all(each["subjects"] == [subject] for each in objects if "subjects" in each)
    role = Rbac(objects)
    records = "/apis/core.kubefed.io/v1beta1/namespaces/kube-federation-system/kubefedclusters"
    assert role.allows(attributes_of("DELETE", f"{records}/old-host"))
    assert not role.allows(attributes_of("DELETE", f"{records}/host"))
    assert not role.allows(attributes_of("GET", "/api/v1/namespaces/shop/secrets/other"))
    assert not role.allows(attributes_of("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web"))
    assert "list shows their data" in done.stdout, "what RBAC cannot tell apart is said"


def test_a_member_has_roles_of_its_own_and_the_command_for_them_is_named(folder: Path) -> None:
    done = run("permissions", "doctor", *offline(folder))
    words = shlex.split(done.stderr.partition("needs roles of its own: ")[2])
    assert words[:2] == ["ks-reset", "permissions"]
    assert words[words.index("doctor") + 1] == "--cluster"
    member = run(*words[1:], "--user", "ann")
    role, binding = yaml.safe_load_all(member.stdout)
    assert not any(rule.get("resourceNames") == ["host-secret"] for rule in role["rules"])
    assert binding["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ann"}]


def test_what_could_not_be_read_is_told_and_ends_as_unknown(tmp_path: Path) -> None:
    reading.save_snapshot(
        without_rights(facts([{"kind": "Namespace", "metadata": {"name": "shop"}}])), tmp_path / "s.json.gz"
    )
    done = run("permissions", *offline(tmp_path))
    assert done.returncode == Exit.UNKNOWN
    assert "Not read, so not in these roles" in done.stderr


def test_check_may_also_ask_what_the_account_may_do(folder: Path) -> None:
    roles = {name: run("permissions", name, *offline(folder)).stdout for name in ("doctor", "check")}
    assert {name: "selfsubjectaccessreviews" in text for name, text in roles.items()} == {
        "doctor": False,
        "check": True,
    }


@pytest.mark.parametrize("name", READERS)
def test_every_command_that_reads_has_the_same_roles(name: str, folder: Path) -> None:
    from ks_reset.workflows.permissions import require_reader

    require_reader(name)
    assert unknown_words((name,)) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("apply",), "then ks-reset permissions plan.json"),
        (("reset",), "then ks-reset permissions plan.json"),
        (("backup",), "run it as an administrator"),
        (("vault",), "run it as an administrator"),
        *(((name,), "needs no permission") for name in LOCAL),
        (("doctor", "--serviceaccount", "cure"), "--serviceaccount ops:ks-reset"),
        (("doctor", "--user", "a", "--group", "b"), "--user and --group were given"),
        (("doctor", "--cluster", "nowhere"), "Name one of them with --cluster"),
    ],
)
def test_a_refusal_says_the_way_on(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    done = run("permissions", *arguments, *offline(folder))
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert said in " ".join(done.stderr.split())


def test_the_way_on_from_apply_is_typed(folder: Path) -> None:
    refused = run("permissions", "apply", *offline(folder), KS_RESET_STATE=str(folder))
    said = " ".join(refused.stderr.split()).partition("its plan: ks-reset ")[2].rstrip(".")
    first, _, second = said.partition(", then ks-reset ")
    assert shlex.split(first)[:1] == ["plan"]
    assert [unknown_words(tuple(shlex.split(words))) for words in (first, second)] == [[], []]


def test_a_plan_for_other_clusters_is_stale(folder: Path, tmp_path: Path) -> None:
    reading.save_snapshot(facts([]), tmp_path / "s.json.gz")
    other = facts([])
    assert other.host.identity == incident_facts().host.identity, "the member differs"
    done = run("permissions", str(folder / "plan.json"), *offline(tmp_path), KS_RESET_STATE=str(folder))
    assert done.returncode == Exit.STALE
