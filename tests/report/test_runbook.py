"""The runbook of a plan: what it says, that it can be followed, and that no name in it is a command."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from ks_reset.model import AddMarks, Create, Delete, FleetFacts, Kind, Marks, Obj, RemoveMarks, Scale
from ks_reset.report.runbook import Site, command_of, make_book, render_markdown, render_page
from ks_reset.report.runbook.shell import request_path
from tests import golden_files
from tests.build import action
from tests.incident import incident_facts
from tests.report.books import UNINSTALL, book_with, incident_book, plan_for, put_program, run_script, write_book

ROLE = Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False)
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
USER = Kind("iam.kubesphere.io", "v1alpha2", "User", "users", False)
HOSTILE = ["$(touch x)", "`touch x`", "a'b; touch x #", 'q"; touch x; "', "line\ntouch x", "-o yaml", "a b", "é\\n*"]
RECORDS = """#!/usr/bin/env python3
import json, sys
with open("asked.jsonl", "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
"""
"""A stand-in for kubectl: it notes its arguments and prints nothing."""


def host_action(verb: Any, kind: Kind, name: str, **more: Any) -> Any:
    step = "stop-controllers" if verb is Scale else "sever" if verb in (RemoveMarks, AddMarks) else "remove-roles"
    return structs.replace(action(verb, "uid-of-host", kind, name, uid="u1", **more), step=step)


def asked(folder: Path) -> list[list[str]]:
    path = folder / "asked.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_the_runbook_of_the_incident_is_the_one_in_the_golden_file() -> None:
    book = incident_book()
    golden_files.same("runbook_incident.md", render_markdown(book, folder=True))
    for name in ("kubectl/08-sever.host.sh", "checks/08-sever.sh", "rollback/08-sever.test.sh"):
        golden_files.same(f"runbook_{name.replace('/', '_')}", book.files[name])


def test_each_file_named_in_the_document_is_beside_it() -> None:
    book = incident_book()
    text = render_markdown(book, folder=True)
    named = set(re.findall(r"\b(?:kubectl|checks|rollback|seatbelt)/[\w.-]+", text))
    assert len(named) > 40
    assert named <= book.files.keys()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_a_command(name: str, tmp_path: Path) -> None:
    marks = Marks({"kubesphere.io/a": "b"}, {}, ("f.kubesphere.io/x",))
    book = book_with(
        host_action(Delete, ROLE, name),
        host_action(RemoveMarks, ROLE, name, marks=marks),
        host_action(RemoveMarks, USER, name, marks=marks),
        host_action(Scale, DEPLOYMENT, name, namespace="shop"),
    )
    folder, programs = write_book(book, tmp_path / "book"), put_program(tmp_path / "bin", "kubectl", RECORDS)
    for script in sorted(folder.glob("kubectl/*.sh")):
        text = script.read_text().replace("bash checks/", "true checks/")
        script.write_text("\n".join(line for line in text.splitlines() if not line.startswith(("absent", "keep"))))
        done = run_script(str(script), folder, programs)
        assert done.stderr == ""
    assert [path.name for path in folder.rglob("x")] == []
    words = [word for line in asked(folder) for word in line]
    assert f"clusterroles.rbac.authorization.k8s.io/{name}" in words
    assert f"users.iam.kubesphere.io/{name}" in words
    assert f"deployments.apps/{name}" in words
    assert sum(word.startswith("/apis/rbac.authorization.k8s.io/v1/clusterroles/") for word in words) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_a_page_is_text(name: str) -> None:
    odd = f"{name}<script>alert(1)</script>"
    parser = Tags()
    parser.feed(render_page(book_with(host_action(Delete, ROLE, odd))))
    assert "script" not in parser.tags
    assert parser.loaded == []


class Tags(HTMLParser):
    """The tags of a page, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loaded += [value or "" for key, value in attrs if key in ("src", "href", "srcset", "data")]


def test_no_command_has_a_blank_to_fill_in() -> None:
    book = incident_book()
    commands = "".join(text for name, text in book.files.items() if name.endswith(".sh"))
    assert commands.count("kubectl --context") > 300
    assert not re.search(r"/(N|M)\b|…|FILL-IN|<[A-Z]+>", commands)


def test_a_built_in_type_takes_a_strategic_patch_and_a_custom_one_a_patch_with_indices() -> None:
    owner = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1", "uid": "o1"}
    marks = Marks({"kubesphere.io/workspace": "ws1"}, {}, ("finalizers.kubesphere.io/namespaces",), (owner,))
    site = Site("host")
    built_in = command_of(host_action(RemoveMarks, NAMESPACE, "shop", marks=marks), site)
    patch = json.loads(built_in.partition(" -p '")[2].removesuffix("'"))
    assert "--type=strategic" in built_in
    assert patch["metadata"] == {
        "uid": "u1",
        "labels": {"kubesphere.io/workspace": None},
        "$deleteFromPrimitiveList/finalizers": ["finalizers.kubesphere.io/namespaces"],
        "ownerReferences": [{"$patch": "delete", "uid": "o1"}],
    }
    custom = command_of(host_action(RemoveMarks, USER, "li", marks=structs.replace(marks, owners=())), site)
    assert [line.partition(" --type=")[2].partition(" ")[0] for line in custom.splitlines()] == ["merge", "json"]


def many_namespaces(count: int) -> FleetFacts:
    """The incident with this many namespaces more on the host."""
    facts = incident_facts()
    shop = facts.host.get("Namespace", "shop-orders")
    assert shop is not None
    made = [
        Obj(shop.kind, shop.body | {"metadata": shop.meta | {"name": f"team-{n}", "uid": f"team-{n}"}})
        for n in range(count)
    ]
    host = facts.host.with_types({"Namespace": (*facts.host.of("Namespace"), *made)})
    return structs.replace(facts, host=host)


def test_three_hundred_namespaces_stay_below_ten_pages() -> None:
    plan = plan_for(many_namespaces(300))
    assert sum(isinstance(a, RemoveMarks) for a in plan.actions) > 300
    book = make_book(plan, UNINSTALL)
    assert len(render_markdown(book, folder=True).splitlines()) < 500
    assert book.files["kubectl/08-sever.host.sh"].count("namespaces/team-") == 300
    assert book.files["objects/08-sever.host.tsv"].count("\tNamespace\t\tteam-") == 300


def test_each_script_begins_with_the_proof_of_the_step_before(tmp_path: Path) -> None:
    book = incident_book()
    folder, programs = write_book(book, tmp_path / "book"), put_program(tmp_path / "bin", "kubectl", RECORDS)
    scripts = sorted(folder.glob("kubectl/*.sh"))
    # The first has no step before; the last proves that objects are gone, and this kubectl lists none.
    later = [path for path in scripts if "-fasten-seatbelt." not in path.name and "-loosen-seatbelt." not in path.name]
    assert len(later) > 15
    for script in later:
        done = run_script(str(script), folder, programs)
        assert (done.returncode, "Do that step first. Nothing was sent." in done.stderr) == (1, True), script
    verbs = {word for line in asked(folder) for word in line if word in ("patch", "delete", "annotate", "create")}
    assert verbs == {"delete"}
    assert all("--dry-run=server" in line for line in asked(folder) if "delete" in line)


def test_a_failed_request_is_no_proof(tmp_path: Path) -> None:
    folder = write_book(incident_book(), tmp_path / "book")
    fails = "#!/usr/bin/env bash\n[[ $* == *dry-run* ]] && { echo ks-reset-seatbelt >&2; exit 1; }\nexit 1\n"
    done = run_script("checks/08-sever.sh", folder, put_program(tmp_path / "bin", "kubectl", fails))
    assert (done.returncode, "NOT PROVEN: 08-sever" in done.stderr) == (1, True)
    assert "is_refused" not in done.stderr, "the API server refused the dry run: that is the proof of the seatbelt"


def test_every_script_is_clean_for_shellcheck(tmp_path: Path) -> None:
    folder = write_book(incident_book(), tmp_path / "book")
    scripts = [str(path) for path in sorted(folder.rglob("*.sh"))]
    shellcheck = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run(
        [shellcheck, "-x", "-P", str(folder), *scripts], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_creation_with_credentials_is_left_to_apply() -> None:
    sealed = command_of(host_action(Create, NAMESPACE, "shop", body={"kind": "Namespace"}, sealed=True), Site("host"))
    assert sealed.startswith("#")
    assert "--vault" in sealed


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kubefed-controller-manager:eu", "/clusterroles/kubefed-controller-manager:eu"),
        ("a b%c", "'/clusterroles/a%20b%25c'"),
        ("é", "/clusterroles/%C3%A9"),
    ],
)
def test_a_name_is_encoded_once_in_the_path_of_a_request(name: str, path: str) -> None:
    written = request_path(host_action(Delete, ROLE, name))
    assert written.replace("/apis/rbac.authorization.k8s.io/v1", "") in (path, path.strip("'"))
