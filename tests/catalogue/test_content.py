"""Every case under tests/cases/content: whether a manifest and an object have the same content."""

import pytest

from ks_reset.catalogue.inventory.content import bare_digest, content_digest
from ks_reset.model import Body
from tests.cases import Case, load_cases


class ContentCase(Case, kw_only=True, forbid_unknown_fields=True):
    kind: str
    manifest: Body
    other: Body
    same: bool


@pytest.mark.parametrize("case", load_cases("content", ContentCase), ids=str)
def test_a_digest_is_equal_if_the_content_is(case: ContentCase) -> None:
    digests = [content_digest(case.kind, body) for body in (case.manifest, case.other)]
    assert all(digests)
    assert (digests[0] == digests[1]) == case.same


def test_an_object_without_content_has_no_digest() -> None:
    assert content_digest("ServiceAccount", {"secrets": [{"name": "token"}]}) == ""
    assert content_digest("Namespace", {"spec": {"finalizers": ["kubernetes"]}}) == ""
    assert content_digest("ClusterRole", {"rules": None}) == ""


def test_a_digest_without_images_is_equal_for_another_image() -> None:
    bodies = [{"spec": {"template": {"spec": {"containers": [{"name": "a", "image": i}]}}}} for i in ("a:1", "b:1")]
    first, second = (bare_digest("Deployment", body) for body in bodies)
    assert first == second != content_digest("Deployment", bodies[0])
    assert bare_digest("Service", {"spec": {"ports": [{"port": 80}]}}) == ""
