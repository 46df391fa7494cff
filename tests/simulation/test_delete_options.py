"""The options of kubefed's deletions as the annotation has them."""

import pytest

from ks_reset.model import Kind, Obj
from ks_reset.simulation.delete_options import DeleteOptions, delete_options_of
from ks_reset.simulation.objects import to_sim_object

FEDERATED = Kind("types.kubefed.io", "v1beta1", "FederatedWorkspace", "federatedworkspaces", False)
WORKSPACE = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
KEY = "kubefed.io/deleteoption"


def obj(kind: Kind = FEDERATED, **annotations: str) -> Obj:
    return Obj(kind, {"metadata": {"name": "ws1", "uid": "u", "annotations": annotations}})


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ('{"propagationPolicy":"Orphan"}', DeleteOptions("Orphan")),
        ('{"PROPAGATIONPOLICY":"Foreground"}', DeleteOptions("Foreground")),
        ('{"propagationPolicy":null,"preconditions":null}', DeleteOptions()),
        ('{"preconditions":{"uid":"u","resourceVersion":"7"}}', DeleteOptions("", "u")),
        ("null", DeleteOptions()),
        ("{}", DeleteOptions()),
    ],
)
def test_options_are_read_as_kubefed_reads_them(value: str, options: DeleteOptions) -> None:
    assert delete_options_of(obj(**{KEY: value})) == options
    assert delete_options_of(obj()) == DeleteOptions()


@pytest.mark.parametrize("value", ["", "Orphan", "[]", '"Orphan"', '{"propagationPolicy":1}', '{"preconditions":"u"}'])
def test_what_is_no_options_is_unusable(value: str) -> None:
    assert delete_options_of(obj(**{KEY: value})).unusable == f"kubefed cannot read its {KEY}"


@pytest.mark.parametrize("value", ['{"propagationPolicy":"orphan"}', '{"propagationPolicy":""}'])
def test_an_unknown_policy_is_refused_by_the_api_server(value: str) -> None:
    assert "the API server refuses the policy '" in delete_options_of(obj(**{KEY: value})).unusable


def test_a_uid_spares_every_other_target() -> None:
    options, target = DeleteOptions(uid="another"), to_sim_object("c", obj(WORKSPACE))
    assert options.reason_refused(target) == f"{KEY} asks for the UID another"
    assert DeleteOptions(uid="u").reason_refused(target) == ""
