"""What a plan keeps, as lines: the types of an API group are named together, each of them with -v."""

from io import StringIO

from msgspec import structs
from rich.console import Console

from ks_reset.model import Options, Plan, Skipped
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.plan import show_plan
from tests.build import facts
from tests.shorthand import expand_case

WHY = "users' objects of this type stay"
TYPES = [f"CustomResourceDefinition.apiextensions.k8s.io {name}.monitoring.coreos.com" for name in "abcdefgh"]
OTHERS = ["CustomResourceDefinition.apiextensions.k8s.io x.snapshot.storage.k8s.io", "StatefulSet.apps kube-system/y"]


def lines_of(verbose: bool) -> list[str]:
    screen = StringIO()
    show_plan(plan_with_kept(), Console(file=screen, width=200), verbose)
    return [line.strip() for line in screen.getvalue().splitlines() if line.startswith("  kept on host")]


def plan_with_kept() -> Plan:
    known = facts(expand_case({"host": ["Workspace ws1"]})["host"])
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    return structs.replace(plan, kept=tuple(Skipped("host", title, WHY) for title in (*TYPES, *OTHERS)))


def test_the_types_of_a_group_are_one_line_and_others_are_named() -> None:
    assert lines_of(verbose=False) == [
        f"kept on host: 8 types of monitoring.coreos.com (-v names each): {WHY}",
        *(f"kept on host: {title}: {WHY}" for title in OTHERS),
    ]


def test_with_verbose_each_type_is_named() -> None:
    assert lines_of(verbose=True) == [f"kept on host: {title}: {WHY}" for title in (*TYPES, *OTHERS)]
