"""What --discard gives up: what it names, and an empty value names nothing."""

from ks_reset.facts.given_up import is_given_up
from ks_reset.model import Request
from tests.build import facts
from tests.shorthand import expand_object


def given_up(row: str, *discard: str) -> bool:
    (found,) = facts([expand_object(row)]).host.all()
    return is_given_up(found, Request(discard=discard))


def test_an_empty_value_gives_up_no_object_without_a_namespace() -> None:
    assert not given_up("ClusterRoleBinding mine", "")
    assert given_up("ClusterRoleBinding mine", "", "ClusterRoleBinding.rbac.authorization.k8s.io/mine")
    assert given_up("ConfigMap kubesphere-system/notes", "kubesphere-system")
