"""What a run did, from its folder and from facts read afterwards: for a report to hand over."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.decoding import convert_to
from ks_reset.errors import NAME, Correction, Usage
from ks_reset.journal import Chain, Journal, chain_of, journal_entries, plan_of_run
from ks_reset.journal.entries import journal_file
from ks_reset.local import state_dir
from ks_reset.model import Approval, Body, ClusterFacts, FleetFacts, Obj, Plan, RemoveMarks
from ks_reset.plan.file import load_plan
from ks_reset.simulation.explain import Explanation, explain_object
from ks_reset.steps.removal import REMOVE_NAMESPACES
from ks_reset.verify import compare_bystanders
from ks_reset.workflows.restore import before_images, folder_of_run
from ks_reset.workflows.verify import Verdict, verify_fleet

Group = Callable[[Obj], str]
TRIED = 5
"""Objects explained in search of one with a chain of causes; an explanation runs the whole simulation."""


class Start(Struct, frozen=True):
    """A start of the run: when, who, as user@machine, and who approved the plan; None in journals of before."""

    at: str
    by: str
    approved: Approval | None = None


class StepTime(Struct, frozen=True):
    """A step of the run: its first and last moment, its seconds, and its actions by cluster and verb."""

    step: str
    began: str
    ended: str
    seconds: float
    actions: dict[str, int]


class Deed(Struct, frozen=True):
    """One action of the run and its end: "" if the journal has none."""

    at: str
    step: str
    cluster: str
    verb: str
    object: str
    outcome: str
    why: str


class Count(Struct, frozen=True):
    """Objects of a type, or in a namespace, on a cluster: before and after, and how many of them are others."""

    cluster: str
    what: str
    before: int
    after: int
    gone: int
    new: int


class Unrestorable(Struct, frozen=True):
    """An object that cannot be given back whole, and why."""

    cluster: str
    object: str
    why: str


class RunReport(Struct, frozen=True):
    """`state` is how the run ended: done, stopped or unfinished, with the reason in `why`.

    `picture` explains one danger before the run; None if none was found. `journal` says whether its lines fit.
    """

    folder: str
    plan: Plan
    state: str
    why: str
    starts: tuple[Start, ...]
    verdict: Verdict
    read: str
    steps: tuple[StepTime, ...]
    deeds: tuple[Deed, ...]
    by_kind: tuple[Count, ...]
    by_namespace: tuple[Count, ...]
    unrestorable: tuple[Unrestorable, ...]
    picture: Explanation | None = None
    journal: Chain = Chain()


def chosen_run(run: str) -> Path:
    """The folder of a run: by name, by path, by the file of its plan; the last run for "".

    Raises Usage if there is none, or it read nothing.
    """
    if run.endswith(".json"):
        folder = Journal.of_plan(load_plan(Path(run))).folder
        return _readable(folder_of_run(str(folder)))
    known = [f for f in (state_dir() / "runs").glob("*") if (f / "plan.json").is_file()]
    if not run:
        if not known:
            raise Usage(f"No run is known in {state_dir() / 'runs'}. Name the folder of one: ks-reset report FOLDER.")
        return _readable(max(known, key=lambda f: journal_file(f).stat().st_mtime))
    return _readable(folder_of_run(run))


def _readable(folder: Path) -> Path:
    if not (folder / "before.json.gz").is_file():
        raise Usage(
            f"The run {folder.name} was stopped before it had read anything: there is nothing to report.",
            Correction(folder.name, NAME),
        )
    return folder


def run_report(folder: Path, after: FleetFacts) -> RunReport:
    """The report of a run, with a verdict on the facts read after it. Raises as `verify_fleet` and `plan_of_run`."""
    plan, entries, chain = plan_of_run(folder), journal_entries(folder), chain_of(folder)
    before = reading.load_snapshot(folder / "before.json.gz")
    names = {cluster.identity: cluster.name for cluster in plan.clusters}
    images = before_images(plan, before, entries)
    deeds = tuple(_deeds(entries, names))
    return RunReport(
        folder=str(folder),
        plan=plan,
        **_ending(entries),
        starts=tuple(_start_of(e) for e in entries if e["event"] == "run"),
        verdict=_doubted(_verdict(folder, plan, after), chain),
        read=after.taken,
        steps=tuple(_steps(deeds, entries)),
        deeds=deeds,
        by_kind=tuple(_counts(before, after, lambda obj: obj.kind.key)),
        by_namespace=tuple(_counts(before, after, lambda obj: obj.namespace)),
        unrestorable=tuple(Unrestorable(names.get(i.cluster, i.cluster), i.obj.title, i.why) for i in images if i.why),
        picture=_danger_before(plan, before),
        journal=chain,
    )


def _start_of(entry: Body) -> Start:
    approved = entry.get("approved")
    return Start(entry["at"], entry["by"], convert_to(approved, Approval) if approved else None)


def _doubted(verdict: Verdict, chain: Chain) -> Verdict:
    """The verdict; with a journal that was changed, what the run did is unknown."""
    if not chain.broken or any(chain.broken in text for text in verdict.unknown):
        return verdict
    told = f"the journal of the run was changed: {chain.broken}"
    return structs.replace(verdict, clean=False, unknown=(*verdict.unknown, told))


def _verdict(folder: Path, plan: Plan, after: FleetFacts) -> Verdict:
    """As `verify`; after a run that keeps KubeSphere, leftovers are not sought."""
    baseline = folder / "baseline.json.gz"
    before = reading.load_baseline(baseline) if baseline.is_file() else None
    if REMOVE_NAMESPACES.name in plan.steps:
        return verify_fleet(after, before)
    unknown = tuple(f"{cluster.name}: {gap.what}: {gap.why}" for cluster in after.clusters for gap in cluster.gaps)
    if before is None:
        return Verdict(False, (), None, unknown, uncompared=("The run kept no baseline to compare bystanders with.",))
    proof = compare_bystanders(before, after, [*before.plans, plan])
    return Verdict(not (proof.changes or unknown), (), proof, unknown)


def _ending(entries: list[Body]) -> dict[str, str]:
    """The state of the last start and its reason, as fields of the report."""
    last = next((e for e in reversed(entries) if e["event"] in ("run", "done", "stopped", "interrupted")), {})
    state = str(last.get("event", "run"))
    return {"state": "unfinished" if state == "run" else state, "why": str(last.get("why", ""))}


def _deeds(entries: list[Body], names: dict[str, str]) -> Iterable[Deed]:
    ends = {e["action"]: str(e.get("outcome", "")) for e in entries if e["event"] == "end"}
    for entry in entries:
        if entry["event"] == "begin":
            a = entry["action"]
            place = f"{a['namespace']}/" if a.get("namespace") else ""
            kind = ".".join(filter(None, (a["kind"]["kind"], a["kind"]["group"])))
            target = f"{kind} {place}{a['name']}"
            own = " ".join((a["step"], a["cluster"], a["verb"], target, a.get("uid", "")))
            outcome = ends.get(own, ends.get(f"{own} {a.get('batch')}", ""))
            cluster = names.get(a["cluster"], a["cluster"])
            yield Deed(entry["at"], a["step"], cluster, a["verb"], target, outcome, a.get("why", ""))


def _steps(deeds: tuple[Deed, ...], entries: list[Body]) -> Iterable[StepTime]:
    ended: dict[str, str] = {}
    for entry in entries:
        if entry["event"] == "end":
            ended[str(entry["action"]).partition(" ")[0]] = entry["at"]
    for step in dict.fromkeys(deed.step for deed in deeds):
        mine = [deed for deed in deeds if deed.step == step]
        began, end = mine[0].at, ended.get(step, mine[-1].at)
        seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(began)).total_seconds()
        counts = Counter(f"{deed.cluster}: {deed.verb}" for deed in mine)
        yield StepTime(step, began, end, max(seconds, 0.0), dict(counts))


def _counts(before: FleetFacts, after: FleetFacts, group: Group) -> Iterable[Count]:
    """A row for each group whose objects differ; an object is the same if its UID is."""
    for world in before.clusters:
        now = after.cluster(world.identity)
        if now:
            yield from _cluster_counts(world, now, group)


def _cluster_counts(world: ClusterFacts, now: ClusterFacts, group: Group) -> Iterable[Count]:
    was, there = _uids(world, group), _uids(now, group)
    for what in sorted(was.keys() | there.keys()):
        old, new = was.get(what, set()), there.get(what, set())
        if what and old != new:
            yield Count(world.name, what, len(old), len(new), len(old - new), len(new - old))


def _uids(world: ClusterFacts, group: Group) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for obj in world.all():
        found.setdefault(group(obj), set()).add(obj.uid)
    return found


def _danger_before(plan: Plan, before: FleetFacts) -> Explanation | None:
    """The explanation of the first object freed by the plan that was in danger; None if none was found."""
    freed = [a for a in plan.actions if isinstance(a, RemoveMarks) and a.marks.owners]
    freed += [a for a in plan.actions if isinstance(a, RemoveMarks) and a.kind.key == NAMESPACE_KEY and a not in freed]
    for action in freed[:TRIED]:
        world = before.cluster(action.cluster)
        obj = world.get(action.kind.key, action.name, action.namespace) if world else None
        if obj:
            explained = explain_object(before, action.cluster, obj)
            if explained.fates or explained.holds:
                return explained
    return None
