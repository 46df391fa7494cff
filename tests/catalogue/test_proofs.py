"""Every case under tests/cases/catalogue: an object, and the answers of the catalogue about it.

`why` says what a wrong answer would break.
"""

from collections.abc import Callable

import pytest

from ks_reset import catalogue
from ks_reset.model import Body, Kind, Obj, group_of
from tests import build
from tests.cases import Case, load_cases, subjects

NAMESPACED = ("Role", "RoleBinding", "Deployment", "StatefulSet", "Service", "Pod", "ReplicaSet")
PROOFS: dict[str, Callable[[Obj], str | None]] = {
    "apiservice": catalogue.apiservice_proof,
    "cluster_role": catalogue.cluster_role_proof,
    "cluster_role_binding": catalogue.cluster_role_binding_proof,
    "join_binding": catalogue.join_binding_proof,
    "join_role": catalogue.join_role_proof,
    "role": catalogue.role_proof,
    "role_binding": catalogue.role_binding_proof,
    "webhook": catalogue.webhook_proof,
}


class ProofCase(Case, kw_only=True, forbid_unknown_fields=True):
    """`proof` is a part of the sentence; null without one."""

    object: Body
    proof: str | None


class MarksCase(Case, kw_only=True, forbid_unknown_fields=True):
    """`owners` are `Kind name`."""

    object: Body
    labels: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()
    finalizers: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


class ForeignCase(Case, kw_only=True, forbid_unknown_fields=True):
    """`foreign` are the names of the bindings that use the role and are not KubeSphere's."""

    role: Body
    bindings: tuple[Body, ...]
    foreign: tuple[str, ...]


class ControllerCase(Case, kw_only=True, forbid_unknown_fields=True):
    """`rank` is the place in the order of stopping; null for an object that is no controller."""

    object: Body
    rank: int | None
    kubefed: bool


def obj(body: Body) -> Obj:
    written, kind = body.get("apiVersion", "v1"), body["kind"]
    group, version = group_of(written), written.rpartition("/")[2]
    return build.made_obj(Kind(group, version, kind, f"{kind.lower()}s", kind in NAMESPACED), body)


@pytest.mark.parametrize(
    "case", [case for subject in PROOFS for case in load_cases(f"catalogue/{subject}", ProofCase)], ids=str
)
def test_only_an_object_proven_to_be_kubespheres_is_removed(case: ProofCase) -> None:
    said = PROOFS[case.subject](obj(case.object))
    if case.proof is None:
        assert said is None, case.why
    else:
        assert said is not None, case.why
        assert case.proof in said


@pytest.mark.parametrize("case", load_cases("catalogue/marks", MarksCase), ids=str)
def test_only_kubespheres_marks_are_removed(case: MarksCase) -> None:
    found = catalogue.removable_marks(obj(case.object))
    owners = tuple(f"{owner['kind']} {owner['name']}" for owner in found.owners)
    assert (tuple(found.labels), tuple(found.annotations), found.finalizers, owners) == (
        case.labels,
        case.annotations,
        case.finalizers,
        case.owners,
    ), case.why


@pytest.mark.parametrize("case", load_cases("catalogue/foreign_bindings", ForeignCase), ids=str)
def test_a_role_that_somebody_else_binds_is_known(case: ForeignCase) -> None:
    found = catalogue.RoleUsers([obj(binding) for binding in case.bindings]).foreign_bindings(obj(case.role))
    assert tuple(binding.name for binding in found) == case.foreign, case.why


@pytest.mark.parametrize("case", load_cases("catalogue/controller", ControllerCase), ids=str)
def test_the_controllers_that_react_are_found_and_no_others(case: ControllerCase) -> None:
    found = obj(case.object)
    assert (catalogue.stop_rank(found) if catalogue.is_reacting_controller(found) else None) == case.rank, case.why
    assert catalogue.is_kubefed_controller(found) == case.kubefed, case.why


def test_every_folder_of_cases_is_read() -> None:
    assert subjects("catalogue") == {*PROOFS, "marks", "foreign_bindings", "controller"}
