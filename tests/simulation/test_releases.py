"""Explanations of objects in deletion with a finalizer of KubeSphere's, and of the label kubefed.io/managed."""

import pytest

from ks_reset.simulation.explain import Explanation, explain_object
from tests.build import facts
from tests.shorthand import expand_object

MANAGER = {"Deployment kubesphere-system/ks-controller-manager": {"replicas": 1}}
LOGIN = {"Secret mill/login": {"deleted": True, "finalizers": ["finalizers.kubesphere.io/credential"]}}


def explain_first(*rows: object) -> Explanation:
    known = facts([expand_object(row) for row in rows])
    return explain_object(known, known.host.identity, next(known.host.all().__iter__()))


def test_a_finalizer_of_a_component_that_does_not_run_holds_while_the_manager_runs() -> None:
    said = explain_first({"Namespace mill": {"deleted": True}}, LOGIN, MANAGER)
    assert (said.verdict, said.sooner) == ("stuck", "Never by itself.")
    inner = said.holds[-1]
    assert (inner.object, inner.who, inner.runs) == ("Secret mill/login", "devops-controller", False)


def test_a_finalizer_of_the_manager_is_taken_off_while_it_runs() -> None:
    hold = {"deleted": True, "finalizers": ["finalizers.kubesphere.io/namespaces"]}
    assert explain_first({"Namespace mill": hold}, MANAGER).verdict == "lost"


@pytest.mark.parametrize(
    ("value", "said"), [("true", ["takes it for its own"]), ("false", ["leaves it alone"]), ("x", [])]
)
def test_the_label_of_kubefed_is_explained_by_its_value(value: str, said: list[str]) -> None:
    marks = explain_first({"ConfigMap mill/notes": {"labels": {"kubefed.io/managed": value}}}).marks
    assert [words in mark.means for words, mark in zip(said, marks, strict=True)] == [True] * len(said)
