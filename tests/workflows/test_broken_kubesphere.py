"""Where KubeSphere is broken, every playbook is planned, or refused with a command that can be typed."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from ks_reset.errors import ResetError, Usage
from ks_reset.model import FleetFacts, Options
from ks_reset.plan import playbook as playbooks
from ks_reset.tenancy.memory import build_memory
from ks_reset.workflows.plan import checked_plan
from tests.apply.test_resume import account, joined, manifests, spread
from tests.broken import BREAKS, GAP, broken
from tests.build import Rows, asked, facts
from tests.commands import has_way_on
from tests.interleavings.small import Small
from tests.shorthand import expand_case

INSTALL = {"version": "v3.3.1", "objects": ["host ServiceAccount kubesphere-system/ks-installer"]}
JOINING = [{"reaches": "uid-of-test", "cluster": "host Cluster test"}]
SHOP = [{"host Namespace shop": {"labels": {"kubesphere.io/workspace": "ws1"}}}]
REACHED = {"host": "host", "test": "test", "produce-trt": "host"}
Change = Callable[[Rows], Rows]
World = Callable[[Change, Rows], FleetFacts]


def example(*more: str) -> World:
    """The example's fleet, with its controllers running, and these records besides."""
    records = ["host", "test", *more]

    def build(change: Change, gaps: Rows) -> FleetFacts:
        host = [*manifests("common", "host"), *spread(), *(row for name in records for row in joined(name))]
        host += [row for name in records if name in ("host", "produce-trt") for row in account(f"{name}-kubesphere")]
        member = [*manifests("common", "member"), *spread("catalog"), *account("test-kubesphere")]
        for row in (*host, *member):
            if row["kind"] == "Deployment":
                row["spec"]["replicas"] = 1
        known = {n: {"identity": REACHED[n]} if n in REACHED else {"reach": "unreachable"} for n in records}
        dials: Rows = [{"record": name, **answer} for name, answer in known.items()]
        return facts(change(host), {"test": change(member)}, dials, gaps)

    return build


def small(change: Change, gaps: Rows) -> FleetFacts:
    """The small fleet of the interleavings, all controllers running."""
    fleet = Small(kubefed=True, stale=False)
    host, member = fleet.rows()
    return facts(change(host), {"test": change(member)}, fleet.dials(), gaps)


def empty(change: Change, gaps: Rows) -> FleetFacts:
    return facts(change([{"kind": "Namespace", "metadata": {"name": "shop"}}]), {"test": change([])}, [], gaps)


@cache
def memory_of_example() -> Any:
    return build_memory(example()(lambda rows: rows, []))


def with_shorthand(**options: Any) -> Options:
    return asked(**expand_case({"options": options})["options"])


TRIED: list[tuple[str, World, Callable[[], Options]]] = [
    ("uninstall", example(), Options),
    ("uninstall", small, Options),
    ("stale-record", example("produce-trt"), Options),
    ("uninstall", example("produce-trt"), Options),
    ("detach-member", example(), lambda: asked(members=("test",))),
    ("adopt-member", example(), lambda: asked(members=("test",))),
    ("forget-member", example("dead"), lambda: asked(members=("dead",))),
    ("unbind", example(), Options),
    ("unbind", small, Options),
    ("defuse", example(), Options),
    ("defuse", example("produce-trt"), Options),
    ("restore", example(), lambda: with_shorthand(past=SHOP)),
    ("rebind", example(), lambda: Options().with_material(memory=memory_of_example())),
    ("reinstall", example(), lambda: with_shorthand(install=INSTALL)),
    ("reinstall", empty, lambda: with_shorthand(install=INSTALL)),
    ("rejoin", example(), lambda: with_shorthand(joining=JOINING)),
    ("rejoin", empty, lambda: with_shorthand(joining=JOINING)),
]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def refusal(name: str, world: World, options: Options, change: Change, gaps: Rows) -> str:
    """The message of the refusal; "" for a plan."""
    try:
        checked_plan(playbooks.load_playbook(name), world(change, gaps), options)
    except Usage:  # without KubeSphere's namespaces there is no record of the name given
        return ""
    except ResetError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("way", ["healthy", *BREAKS, "apiservice_dead and unread"])
@pytest.mark.parametrize(("name", "world", "options"), TRIED)
def test_a_playbook_is_planned_or_refused_with_a_way_on(
    name: str, world: World, options: Callable[[], Options], way: str
) -> None:
    gaps: Rows = [GAP] if "unread" in way else []
    kind = way.partition(" ")[0]
    message = refusal(name, world, options(), lambda rows: broken(rows, kind) if kind in BREAKS else rows, gaps)
    assert not message or has_way_on(message), message


def test_an_uninstall_is_planned_where_the_controllers_are_broken() -> None:
    ways = ("crash_looping", "images_gone", "scaled_to_zero", "namespaces_missing", "apiservice_dead")
    for world in (example(), small):
        for way in ways:
            assert not refusal("uninstall", world, Options(), partial(broken, way=way), []), way


def test_a_dead_webhook_and_a_dead_api_are_named_with_the_command_that_takes_them_off() -> None:
    message = refusal("unbind", example(), Options(), lambda rows: broken(rows, "webhooks_dead"), [])
    assert "kubectl --context host delete validatingwebhookconfigurations.admissionregistration.k8s.io " in message
    options = Options().with_material(memory=memory_of_example())
    message = refusal("rebind", example(), options, lambda rows: broken(rows, "apiservice_dead"), [GAP])
    assert "kubectl --context host delete apiservice v1alpha2.resources.kubesphere.io" in message
    assert "ks-reset plan repair --out repair.json" in message
