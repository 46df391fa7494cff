"""No namespace in deletion gets back the finalizer that makes Kubernetes delete what is inside."""

import pytest

from ks_reset.catalogue.names import NAMESPACE_KIND
from ks_reset.errors import Refused
from ks_reset.guards import GuardContext
from ks_reset.guards.not_emptied import guard
from ks_reset.model import Delete, Obj, RestoreFinalizer
from tests.build import facts
from tests.commands import has_way_on

WORLD = facts([]).host
RESTORE = RestoreFinalizer("restore-finalizers", WORLD.identity, NAMESPACE_KIND, "shop", uid="u")


def namespace(**meta: str) -> Obj:
    return Obj(NAMESPACE_KIND, {"metadata": {"name": "shop", "uid": "u", **meta}, "spec": {}})


def test_a_living_namespace_gets_it_back_and_one_in_deletion_does_not() -> None:
    site = GuardContext(WORLD, WORLD.identity, frozenset())
    guard(RESTORE, namespace(), site)
    gone = namespace(deletionTimestamp="2026-01-01T00:00:00Z")
    with pytest.raises(Refused, match=r"everything inside would be deleted.*namespaces/shop/finalize -f -") as refused:
        guard(RESTORE, gone, site)
    assert has_way_on(str(refused.value))
    guard(Delete("s", WORLD.identity, NAMESPACE_KIND, "shop", uid="u"), gone, site)
