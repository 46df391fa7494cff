"""A namespace of KubeSphere's is deleted only if everything in it is accounted for at that moment."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.errors import Refused
from ks_reset.guards import namespace_empty
from ks_reset.guards.context import GuardContext
from ks_reset.model import Delete, Request
from tests.build import action, facts
from tests.shorthand import expand_case

SYSTEM = "kubesphere-system"


def check(*short: Any, **more: Any) -> None:
    world = facts(expand_case({"host": [f"Namespace {SYSTEM}", *short]})["host"]).host
    now = world.get("Namespace", SYSTEM)
    assert now
    context = structs.replace(GuardContext(world, world.identity, frozenset()), **more)
    namespace_empty.guard(action(Delete, world.identity, now.kind, now.name, uid=now.uid), now, context)


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret", "ServiceAccount", "Lease.v1.coordination.k8s.io"])
def test_an_object_of_unknown_origin_that_came_since_keeps_its_namespace(kind: str) -> None:
    with pytest.raises(Refused, match=f"{SYSTEM}/late.*--discard"):
        check(f"{kind} {SYSTEM}/late")
    check(f"{kind} {SYSTEM}/late", request=Request(discard=(SYSTEM,)))
    check(f"{kind} shop/late")


def test_the_refusal_names_three_objects_and_a_flag_for_each() -> None:
    late = [f"ConfigMap {SYSTEM}/late-{number}" for number in range(4)]
    with pytest.raises(Refused) as refused:
        check(*late)
    assert f"4 object(s) in it are of unknown origin ({', '.join(late[:3])})" in str(refused.value)
    flags = " ".join(f"--discard {title.replace(' ', '/')}" for title in late)
    assert str(refused.value).endswith(f"make a new plan: ks-reset plan uninstall {flags} --out plan.json.")


def test_a_flag_gives_up_a_workload_of_a_user() -> None:
    web = f"Deployment {SYSTEM}/web"
    with pytest.raises(Refused, match="of users are in it now"):
        check(web)
    check(web, request=Request(discard=(f"Deployment.apps/{SYSTEM}/web",)))


def test_an_account_that_the_plan_removes_does_not_keep_it() -> None:
    check(f"ServiceAccount {SYSTEM}/eu-host", joins=("uid-of-host/eu-host",))
    check(f"ServiceAccount {SYSTEM}/eu-host", request=Request(gone=("eu-host",)))


def test_objects_that_are_accounted_for_do_not_keep_it() -> None:
    check(f"ConfigMap {SYSTEM}/kube-root-ca.crt", f"Secret {SYSTEM}/kubesphere-secret")


def test_an_object_of_a_kept_type_keeps_its_namespace_until_a_flag_names_it() -> None:
    kept = Request(kept_types=("widgets.odd.kubesphere.io",))
    widget = f"Widget.v1.odd.kubesphere.io {SYSTEM}/one"
    with pytest.raises(Refused, match=f"--discard Widget.odd.kubesphere.io/{SYSTEM}/one"):
        check(widget, request=kept)
    check(widget, request=structs.replace(kept, discard=(f"Widget.odd.kubesphere.io/{SYSTEM}/one",)))
    check(widget)
