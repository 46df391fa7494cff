"""A runbook as a bash script, a Job and a Workflow of Argo."""

import gzip
import json
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import structs

from ks_reset.apply.permissions import needed_permissions
from ks_reset.errors import Usage
from ks_reset.model import AddMarks, Kind, Marks
from ks_reset.report.runbook import Book, make_book, member_access, render_job, render_script, render_workflow
from tests import golden_files
from tests.build import action
from tests.incident import incident_facts
from tests.report.books import UNINSTALL, book_with, incident_book, plan_for, put_program, run_script

NOTES = """#!/usr/bin/env bash
echo "$*" >> called
case "$1" in {case}) exit {code} ;; esac
"""
"""A stand-in for ks-reset: it notes what is called, and one command of it fails."""


def script_in(folder: Path, book: Book) -> Path:
    folder.mkdir()
    (folder / "plan.json").write_text(book.files["plan.json"])
    (folder / "runbook.sh").write_text(render_script(book))
    return folder


def calls(folder: Path) -> list[str]:
    return [line.split()[0] for line in (folder / "called").read_text().splitlines()]


def test_the_script_asks_before_the_first_write_and_logs(tmp_path: Path) -> None:
    book = incident_book()
    folder, programs = (
        script_in(tmp_path / "b", book),
        put_program(tmp_path / "p", "ks-reset", NOTES.format(case="x", code=0)),
    )
    refused = run_script("runbook.sh", folder, programs)
    assert (refused.returncode, calls(folder)) == (4, ["--version", "doctor", "snapshot"])
    assert f"Set KS_RESET_APPROVED={book.plan.digest} to approve" in refused.stdout
    other = run_script("runbook.sh", folder, programs, KS_RESET_APPROVED="0" * 64)
    assert (other.returncode, "another digest" in other.stdout) == (4, True)
    (folder / "called").unlink()
    done = run_script("runbook.sh", folder, programs, KS_RESET_APPROVED=book.plan.digest)
    assert (done.returncode, calls(folder)) == (0, ["--version", "doctor", "snapshot", "apply", "verify"])
    assert "apply plan.json --yes --context host --member test=test" in (folder / "called").read_text()
    log = (folder / f"ks-reset-{book.plan.digest[:16]}.log").read_text()
    assert "approved by KS_RESET_APPROVED" in log


def test_the_script_ends_with_the_exit_code_of_ks_reset(tmp_path: Path) -> None:
    book = incident_book()
    folder, programs = (
        script_in(tmp_path / "b", book),
        put_program(tmp_path / "p", "ks-reset", NOTES.format(case="apply", code=7)),
    )
    done = run_script("runbook.sh", folder, programs, KS_RESET_APPROVED=book.plan.digest)
    assert (done.returncode, calls(folder)[-1]) == (7, "apply")


def test_the_script_takes_its_own_plan_alone(tmp_path: Path) -> None:
    book = incident_book()
    folder, programs = (
        script_in(tmp_path / "b", book),
        put_program(tmp_path / "p", "ks-reset", NOTES.format(case="x", code=0)),
    )
    (folder / "plan.json").write_text(book_with().files["plan.json"])
    done = run_script("runbook.sh", folder, programs, KS_RESET_APPROVED=book.plan.digest)
    assert (done.returncode, (folder / "called").exists()) == (6, False)


def test_the_script_is_clean_for_shellcheck(tmp_path: Path) -> None:
    folder = script_in(tmp_path / "b", incident_book())
    shellcheck = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run([shellcheck, "runbook.sh"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def documents(text: str) -> dict[str, Any]:
    """The objects by kind and name."""
    found = {}
    for body in yaml.safe_load_all(text):
        meta = body["metadata"]
        found[f"{body['kind']} {meta.get('name', '')}".strip()] = body
    return found


def test_the_job_is_suspended_and_holds_the_plan() -> None:
    book = incident_book()
    found = documents(render_job(book, "registry.example.com/ks-reset:1"))
    job = found[f"Job ks-reset-{book.plan.digest[:8]}"]
    assert (job["spec"]["suspend"], job["spec"]["backoffLimit"]) == (True, 0)
    plan = found[f"ConfigMap ks-reset-plan-{book.plan.digest[:8]}"]["binaryData"]["plan.json.gz"]
    assert gzip.decompress(b64decode(plan)).decode() == book.files["plan.json"]
    pod = job["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "registry.example.com/ks-reset:1"
    assert "--context in-cluster --member test=test" in pod["containers"][0]["command"][2]
    assert {m["name"] for m in pod["containers"][0]["volumeMounts"]} == {v["name"] for v in pod["volumes"]}


def granted(role: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (verb, group, resource)
        for rule in role["rules"]
        if "resources" in rule
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def test_the_rights_of_the_job_are_those_that_apply_asks_for_and_no_other() -> None:
    book, facts = incident_book(), incident_facts()
    own = [a for a in book.plan.actions if a.cluster == facts.host.identity]
    needed = needed_permissions(own, facts.host, None)
    found = documents(render_job(book, "i"))
    everywhere = granted(found["ClusterRole ks-reset"])
    asked = {(p.verb, p.kind.group, p.kind.plural) for p in needed if not p.namespace}
    reads = {(verb, "*", "*") for verb in ("get", "list")} | {
        ("create", "authorization.k8s.io", "selfsubjectaccessreviews")
    }
    writes = {each for each in asked if each[0] not in ("get", "list")}
    assert len(writes) > 20
    assert {each for each in everywhere - reads if each[0] not in ("get", "list")} == writes
    inside = {(p.verb, p.kind.group, p.kind.plural) for p in needed if p.namespace == "kube-system"}
    assert granted(found["Role ks-reset"]) == inside
    members = member_access(book)
    assert list(members) == ["access/test.yaml"]
    assert "ClusterRole ks-reset" in documents(members["access/test.yaml"])


def test_a_mark_on_a_binding_needs_the_right_to_bind() -> None:
    kind = Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", True)
    mark = structs.replace(
        action(AddMarks, "uid-of-host", kind, "b", namespace="n", marks=Marks({"a": "b"})), step="sever"
    )
    found = documents(render_job(book_with(mark), "i"))
    assert ("bind", "rbac.authorization.k8s.io", "clusterroles") in granted(found["ClusterRole ks-reset"])


def test_a_plan_too_large_for_a_config_map_is_refused_with_the_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ks_reset.report.runbook.job.LARGEST", 100)
    with pytest.raises(Usage, match=r"a ConfigMap takes 100.*ks-reset apply plan.json"):
        render_job(incident_book(), "i")


WORKFLOW = {"entrypoint", "serviceAccountName", "securityContext", "templates", "volumes"}
"""Fields of WorkflowSpec; below, of Template, WorkflowStep and DAGTask (argo-workflows v3.5, docs/fields.md)."""
TEMPLATE = {"name", "dag", "steps", "suspend", "container", "metadata"}


def test_the_workflow_has_documented_fields_a_branch_a_fleet_and_an_approval_before_each_apply() -> None:
    first = incident_book()
    second = make_book(plan_for(incident_facts("produce-trt")), UNINSTALL)
    assert first.plan.digest != second.plan.digest
    text = render_workflow([first, second], "i")
    workflow = documents(text)["Workflow"]
    spec = workflow["spec"]
    assert workflow["apiVersion"] == "argoproj.io/v1alpha1"
    assert spec.keys() == WORKFLOW
    templates = {each["name"]: each for each in spec["templates"]}
    assert len(templates) == len(spec["templates"])
    assert all(each.keys() <= TEMPLATE for each in templates.values())
    tasks = templates[spec["entrypoint"]]["dag"]["tasks"]
    assert [task["name"] for task in tasks] == [f"fleet-{b.plan.digest[:8]}" for b in (first, second)]
    volumes = {volume["name"] for volume in spec["volumes"]}
    for task in tasks:
        steps = [step for group in templates[task["template"]]["steps"] for step in group]
        named = [templates[step["template"]] for step in steps]
        assert [re.sub(r"-\w+$", "", each["name"]) for each in named] == ["look", "approve", "apply", "verify"]
        assert named[1]["suspend"] == {}
        mounts = {m["name"] for each in named if "container" in each for m in each["container"]["volumeMounts"]}
        assert mounts <= volumes
    assert max(len(name) for name in templates) < 63


def test_the_same_plan_twice_is_refused() -> None:
    with pytest.raises(Usage, match=r"named twice.*ks-reset runbook a.json b.json -o argo"):
        render_workflow([incident_book(), incident_book()], "i")


def test_the_workflow_of_the_incident_is_the_one_in_the_golden_file() -> None:
    objects = [body for body in yaml.safe_load_all(render_workflow([incident_book()], "ks-reset")) if "spec" in body]
    golden_files.same("runbook_argo.json", json.dumps(objects, indent=1) + "\n")
