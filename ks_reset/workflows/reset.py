"""One stage of a reset: a plan is made, shown and approved, or was, and is applied."""

import hashlib
import sys
from pathlib import Path

import msgspec
import typer
from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.cli import apply as applying
from ks_reset.cli.keys import keys_for
from ks_reset.cli.read import read
from ks_reset.errors import Exit, Refused, Stale, Unknown, Usage
from ks_reset.facts import Clients
from ks_reset.findings.request.token_kubeconfig import CURE, never_ready
from ks_reset.install import values as installing
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import file as plan_file
from ks_reset.plan import playbook as playbooks
from ks_reset.report import plan as report
from ks_reset.report.console import err, out
from ks_reset.tenancy.memory import recall
from ks_reset.workflows.inputs import Inputs, after_reading, before_reading
from ks_reset.workflows.joins import joinings
from ks_reset.workflows.plan import beside, planned
from ks_reset.workflows.reset_progress import SHORT, Reset
from ks_reset.workflows.restore import with_vault


class Job(Struct):
    """What one call works on: the fleet, how far its reset is, and everything that was given.

    `approve` is the digest of a plan that was shown, `replan` says that the next stage gets a new one, `accept` that
    what verify shows may be so.
    """

    fleet: Clients
    reset: Reset
    given: Inputs
    options: Options
    timeout: int
    approve: str = ""
    replan: bool = False
    accept: bool = False

    @property
    def asked(self) -> str:
        """Stands for the flags and the files that decide what a plan says."""
        files = {"": self.given.values, **self.given.join}
        digests = {name: hashlib.sha256(_bytes(path)).hexdigest() for name, path in files.items() if path}
        said = (self.options, self.given.watch, digests)
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage(f"The file {path} cannot be read: {error.strerror}.") from error


def carry_out(job: Job, stage: str) -> None:
    """Raises what applying the plan raises; ends the command with 3 where nobody is there to approve it."""
    plan = _approved(job, stage)
    if plan is None:
        return
    keys = keys_for(plan, job.given.vault, job.given.values, job.given.join)
    job.reset.keep(begun=True, joins=plan.material.joins or job.reset.progress.joins)
    try:
        applying.apply_plan(job.fleet.only(plan.options, plan.scope), plan, job.timeout, keys)
    except (Stale, StabilityLost):
        job.reset.spend(plan)
        raise


def _approved(job: Job, stage: str) -> Plan | None:
    """The plan that may be applied: one that was approved and not finished, else a new one, shown; None for nothing."""
    shown, progress = job.reset.shown(stage), job.reset.progress
    same = progress.asked == job.asked
    if job.approve:
        digest, job.approve = job.approve, ""
        if shown and not same:
            raise Stale(
                f"Flags or files are others than when the plan of {stage} was shown, so it cannot be approved. Nothing "
                "was sent. Run ks-reset reset without --approve, read the plan, and approve that one."
            )
        return job.reset.approve(stage, digest)
    if shown and progress.approved == shown.digest and not job.replan:
        if same:
            return shown
        err().print(f"Flags or files are others than when the plan of {stage} was approved, so here is a new one.")
    job.replan = False
    plan = _made(job, stage)
    if not plan.actions:
        return None
    if not sys.stdin.isatty():
        applying.named(plan)
        err().print(
            f"Read the plan ({job.reset.plan(stage)}), then: ks-reset reset --approve {plan.digest[:SHORT]}, with the "
            "same flags.",
            markup=False,
        )
        raise typer.Exit(Exit.PENDING)
    applying.ask(plan)
    return job.reset.approve(stage, plan.digest)


def _made(job: Job, stage: str) -> Plan:
    """A new plan, saved and shown."""
    book = playbooks.load(stage)
    remembers = book.needs in ("memory", "install", "joining")
    given = structs.replace(job.given, memory=job.reset.memory if remembers else None)
    options = before_reading(given, job.options.with_material(joins=job.reset.progress.joins))
    facts = read(None, job.fleet.only(options, book.scope))
    if job.reset.progress.begun:
        same_fleet(job, reading.load(job.reset.memory), facts)
    else:
        _remember(job, facts)
    plan = planned(book, facts, after_reading(given, book, options, facts))
    report.show(plan, out(), verbose=False)
    if plan.actions:
        path = job.reset.plan(stage)
        job.reset.keep(approved="", asked=job.asked)
        plan_file.save(plan, path)
        beside(plan, facts, path)
    return plan


def _remember(job: Job, facts: FleetFacts) -> None:
    """Keep what there is, for later stages to give back; and see that they have what they need.

    Raises Refused if there is nothing; Usage, Refused or Unknown if a later stage would lack something: it is too late
    once KubeSphere is off.
    """
    was = reading.load(job.given.memory) if job.given.memory else facts
    memory = recall(was)
    if not (memory.bonds or memory.objects):
        raise Refused(
            f"There is nothing of KubeSphere on {facts.host.name} that could be given back. If it was taken off "
            "already: with the folder of that reset (KS_RESET_STATE), or with --memory SNAPSHOT, this goes on."
        )
    if memory.host != facts.host.identity:
        raise Usage(f"The memory is of another host: {memory.host}, and not {facts.host.identity} (kube-system UID).")
    same_fleet(job, was, facts)
    _called(facts)
    if job.given.vault is None:
        err().print(
            "No --vault: no password will be given back, and no key that signs tokens. Once KubeSphere is off it is "
            "too late for ks-reset vault."
        )
    remembering = job.options.with_material(memory=with_vault(memory, job.given.vault))
    version = installing.load(job.given.values).version if job.given.values else ""
    for each in joinings(facts, remembering, job.given.join, job.given.vault):
        if never_ready(version, each):
            raise Refused(f"KubeSphere {version} would never say that {each.cluster.obj.name} is ready. {CURE}")
    job.reset.keep()
    reading.save(was, job.reset.memory)


def _called(facts: FleetFacts) -> None:
    """Raises Usage for a member that its host calls otherwise: Workspaces are placed by that name."""
    ways = (*facts.host.connections, *facts.host.dials)
    for member in facts.members:
        names = sorted({way.record for way in ways if way.identity == member.identity})
        if names and member.name not in names:
            raise Usage(
                f"The member that you call {member.name} is {' and '.join(names)} to its host. Workspaces are placed "
                f"by that name, so give it: --member {names[0]}={member.context}."
            )


def same_fleet(job: Job, was: FleetFacts, facts: FleetFacts) -> None:
    """Raises Stale if the clusters are others than those that the reset began with, Unknown if one does not answer."""
    before = {world.name: world.identity for world in was.members if job.options.request.takes(world.name)}
    now = {world.name: world.identity for world in facts.members}
    for member in facts.missing:
        if member.name in before:
            raise Unknown(f"The member {member.name} does not answer: {member.why}. To go on without it: --later NAME.")
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            raise Stale(
                f"The reset began with the member {name} as {before.get(name, 'none of the fleet')}; now it is "
                f"{now.get(name, 'not given')} (kube-system UID). Nothing was sent. Name it with --member "
                f"{name}=CONTEXT as then, or leave it with --later {name}."
            )
