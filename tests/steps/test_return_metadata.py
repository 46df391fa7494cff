"""repair with a snapshot: labels come back, and annotations that it holds in clear; each other one is named."""

from ks_reset.model import AddMarks
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from tests.build import asked, facts
from tests.shorthand import expand_case

DIGEST = f"hmac-sha256:{'0' * 24}"
KIND = {"group": "", "version": "v1", "kind": "Namespace", "plural": "namespaces", "namespaced": False}


def test_an_annotation_of_which_the_snapshot_has_a_digest_is_named_with_the_command_that_sets_it() -> None:
    given = {"kubernetes.io/ingress.class": "nginx", "example.com/on-call": DIGEST}
    recorded = {
        "cluster": "uid-of-host",
        "deed": "remove-marks",
        "kind": KIND,
        "body": {"metadata": {"name": "shop", "uid": "u1", "labels": {"team": "tea"}, "annotations": given}},
        "marks": {"labels": {"team": "tea"}, "annotations": given},
    }
    world = facts(expand_case({"host": [{"Namespace shop": {"uid": "u1"}}]})["host"])
    plan = make_plan(load_playbook("repair"), world, asked(past=[recorded]))
    (added,) = [action for action in plan.actions if isinstance(action, AddMarks)]
    assert (added.marks.labels, added.marks.annotations) == ({"team": "tea"}, {"kubernetes.io/ingress.class": "nginx"})
    assert [(kept.object, kept.why) for kept in plan.kept] == [
        (
            "Namespace shop",
            "its annotation example.com/on-call is not given back: only a digest of its value was recorded. Set it: "
            "kubectl --context host annotate namespaces/shop example.com/on-call=VALUE",
        )
    ]
