"""What a plan keeps, as lines: the types of an API group are named together, each of them with -v."""

from io import StringIO

from msgspec import structs
from rich.console import Console

from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.model import Delete, Options, Plan, PlannedConsequence, Skipped
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.plan import show_plan
from ks_reset.report.plan_kept import kept_lines, untouched_lines
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


def folded(kept: list[Skipped], verbose: bool = False) -> list[str]:
    return list(kept_lines(structs.replace(plan_with_kept(), kept=tuple(kept)), verbose))


def test_types_kept_for_reasons_that_differ_in_their_names_alone_are_one_line_with_one_command() -> None:
    names = ("a.argoproj.io", "b.argoproj.io", "c.gatekeeper.sh", "d.kubeedge.io")
    why = "others may use a type of {}; if nobody does, kubectl delete crd {} removes it"
    kept = [Skipped("host", f"{CRD_KEY} {name}", why.format(name.partition(".")[2], name)) for name in names]
    assert folded(kept) == [
        f"kept on host: 4 CustomResourceDefinition ({', '.join(names)}). Of {names[0]}: {kept[0].why}"
    ]
    assert folded(kept, verbose=True) == [f"kept on host: {each.object}: {each.why}" for each in kept]
    other = Skipped("host", f"{CRD_KEY} e.kubeedge.io", "users' objects of this type stay")
    assert f"kept on host: {other.object}: {other.why}" in folded([*kept, other])


def test_many_objects_of_a_kind_kept_for_one_reason_are_one_line_and_few_are_named_apart() -> None:
    names = [f"team-{number}/web" for number in range(23)]
    (line,) = folded([Skipped("host", f"Deployment.apps {name}", "a change restarts pods") for name in names])
    assert line.startswith("kept on host: 23 Deployment (team-0/web, team-1/web, ")
    assert line.endswith("team-19/web and 3 more (-v names each)): a change restarts pods")
    few = [Skipped("host", f"Deployment.apps {name}", "a change restarts pods") for name in names[:3]]
    assert folded(few) == [f"kept on host: {each.object}: {each.why}" for each in few]


def test_a_namespace_that_the_plan_deletes_by_proof_is_not_counted_among_those_of_users() -> None:
    rows = ["Workspace ws1", "Namespace kube-system", "Namespace shop", "Namespace blog", "Namespace weave"]
    known = facts(expand_case({"host": rows})["host"])
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    (before,) = untouched_lines(plan, known)
    assert before.startswith("host: 4 of 4 namespaces of users stay")
    weave, blog = (known.host.get(NAMESPACE_KEY, name) for name in ("weave", "blog"))
    assert weave
    assert blog
    gone = Delete(step="remove-namespaces", cluster=known.host.identity, kind=weave.kind, name="weave", uid=weave.uid)
    lost = PlannedConsequence("remove-tenants", "host", "Namespace blog", "deleted", "its owner goes", blog.uid, "user")
    changed = structs.replace(plan, actions=(*plan.actions, gone), foreseen=(lost,))
    (after,) = untouched_lines(changed, known)
    assert after.startswith("host: 2 of 3 namespaces of users stay")
