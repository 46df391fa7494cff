"""The judge of recorded installations, and what stops helm when one is installed again."""

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from bench.recorded.judge import BAD, GIVEN_UP, MADE_FOR_USERS, MARKED, UNKNOWN, Seen, compare
from bench.recorded.releases import release_content, why_refused
from bench.recorded.world import Row, acceptable, read_world
from ks_reset.model import Body, Kind

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
SERVICE = Kind("", "v1", "Service", "services", True)
OWNED = {"ownerReferences": [{"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "uid": "w"}]}
MARKS = {"labels": {"iam.kubesphere.io/user-ref": "alice"}}
HELM = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "ks-core", "meta.helm.sh/release-namespace": "kubesphere-system"},
}


def row(key: str, whose: str, **meta: Any) -> Row:
    return Row(key, "", "web", {"metadata": {"name": "web", **meta}, "spec": {}}, whose)


@pytest.mark.parametrize(
    ("one", "after", "verdicts"),
    [
        (row("Service", "vendor"), Seen("u", "d", 0), {"left"}),
        (row("Service", "vendor"), None, set()),
        (row("Service", "user"), Seen("u", "d", 1), {MARKED}),
        (row("Service", "user"), Seen("u", "e", 0), {"changed"}),
        (row("Service", "user"), Seen("v", "d", 0), {"replaced"}),
        (row("Service", "user", **MARKS), None, {"gone"}),
        (row("Namespace", "user", **OWNED), None, {"gone"}),
        (row("Role.rbac.authorization.k8s.io", "user"), None, {"gone"}),
        (row("Role.rbac.authorization.k8s.io", "user", **MARKS), None, {MADE_FOR_USERS}),
        (row("ConfigMap", "user", **OWNED), None, {MADE_FOR_USERS}),
        (row("User.iam.kubesphere.io", "user"), None, {MADE_FOR_USERS}),
        (row("Service", ""), None, {UNKNOWN}),
    ],
)
def test_an_object_is_judged_by_whose_it_is_and_by_what_became_of_it(
    one: Row, after: Seen | None, verdicts: set[str]
) -> None:
    found = compare({one.title: Seen("u", "d", 1)}, {one.title: after} if after else {}, [one])
    assert {verdict for verdict, titles in found.items() if titles} == verdicts
    assert set(BAD) <= found.keys()


def test_an_object_that_a_flag_gives_up_is_not_lost() -> None:
    one = row("Service", "user")
    assert compare({one.title: Seen("u", "d", 0)}, {}, [one], {one.title})[GIVEN_UP] == [one.title]


@pytest.mark.parametrize(
    ("existing", "wanted", "said"),
    [
        ({}, {}, ""),
        (HELM, HELM, ""),
        ({}, HELM, "managed-by"),
        ({"labels": HELM["labels"]}, HELM, "release is '/'"),
        ({**HELM, "annotations": {**HELM["annotations"], "meta.helm.sh/release-name": "other"}}, HELM, "other"),
    ],
)
def test_helm_refuses_an_existing_object_that_is_not_of_its_release(existing: Body, wanted: Body, said: str) -> None:
    found = why_refused(existing, wanted)
    assert said in found
    assert bool(found) == bool(said)


def test_a_release_has_the_objects_with_its_annotations_and_nothing_else() -> None:
    rows = [row("Service", "vendor", **HELM), row("Namespace", "vendor"), row("Gone", "vendor", **HELM)]
    kinds = {"Service": SERVICE, "Namespace": NAMESPACE}
    release = json.loads(gzip.decompress(b64decode(release_content("kubesphere-system", "ks-core", rows, kinds))))
    documents = [json.loads(line) for line in release["manifest"].split("\n") if line.strip("-")]
    assert [each["kind"] for each in documents] == ["Service"]
    assert release["info"]["status"] == "deployed"


def test_another_recording_says_whose_an_object_is(tmp_path: Path) -> None:
    bare, ledger = tmp_path / "bare.jsonl.gz", tmp_path / "ledger.jsonl.gz"
    lines = [("Service|shop|web", ""), ("Service|shop|db", "user")]
    for file, known in ((bare, {"Service|shop|web": ""}), (ledger, {"Service|shop|web": "vendor"})):
        text = "".join(
            json.dumps({"key": key, "object": {"metadata": {"name": "x"}}, "whose": known.get(key, whose)}) + "\n"
            for key, whose in lines
        )
        file.write_bytes(gzip.compress(text.encode()))
    assert {one.name: one.whose for one in read_world(bare, ledger)} == {"web": "vendor", "db": "user"}
    assert {one.name: one.whose for one in read_world(bare)} == {"web": "", "db": "user"}


def test_a_job_comes_without_what_the_api_server_makes_of_its_uid() -> None:
    labels = {"controller-uid": "u", "batch.kubernetes.io/job-name": "web", "app": "web"}
    spec = {"selector": {"matchLabels": {"controller-uid": "u"}}, "template": {"metadata": {"labels": labels}}}
    job = Row("Job.batch", "shop", "web", {"metadata": {"name": "web"}, "spec": spec}, "user")
    assert acceptable(job, {})["spec"] == {"template": {"metadata": {"labels": {"app": "web"}}}}
