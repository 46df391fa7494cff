"""ks-reset reset: the whole way, stage by stage, each with a plan that somebody approves. Started again, it goes on."""

import sys
from typing import Annotated

import typer
from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset import plan as planning
from ks_reset import playbook as playbooks
from ks_reset.cli import apply as applying
from ks_reset.cli import options as o
from ks_reset.cli.given import Given, after_reading, before_reading
from ks_reset.cli.join import joinings
from ks_reset.cli.keys import keys_for
from ks_reset.cli.past import with_vault
from ks_reset.cli.planned import beside, planned
from ks_reset.cli.read import read
from ks_reset.cli.verify import examined
from ks_reset.errors import Exit, Refused, Stale, Unknown, Usage
from ks_reset.facts import Fleet
from ks_reset.facts.memory import recall
from ks_reset.install import values as installing
from ks_reset.install.joining import CURE, never_ready
from ks_reset.model import Facts, Options, Plan
from ks_reset.report import plan as report
from ks_reset.report import proof
from ks_reset.report.console import err, out
from ks_reset.stages import SHORT, Reset

NAME = "reset"
BOOK = "reset"
CHECK = "verify"
Approve = Annotated[
    str,
    typer.Option(
        "--approve", envvar="KS_RESET_APPROVE", metavar="DIGEST", help="Apply the plan that was shown with this digest."
    ),
]


class Job(Struct):
    """What one call works on: the fleet, how far its reset is, and everything that was given."""

    fleet: Fleet
    reset: Reset
    given: Given
    options: Options
    timeout: int
    approve: str = ""


def command(
    values: o.InstallValues = None,
    approve: Approve = "",
    delete_data: o.Data = [],
    members: o.Chosen = [],
    later: o.Later = [],
    shared: o.Shared = [],
    gone_host: o.Gone = [],
    vault: o.VaultFile = None,
    identity: o.Identity = None,
    join: o.Joins = [],
    watch: o.Watch = 0,
    plain_http: o.Plain = [],
    timeout: o.Timeout = 300,
    kubeconfig: o.Kubeconfig = "",
    context: o.Context = "",
    member: o.Members = [],
    as_: o.User = "",
    as_group: o.Groups = [],
    request_timeout: o.RequestTimeout = 30,
) -> None:
    """Uninstall, verify, reinstall, rejoin and rebind: shows the next stage's plan, and applies it once it is approved.

    On a terminal it asks for the host's name; elsewhere it ends with 3, and --approve DIGEST applies what was shown.
    """
    options = o.options([], delete_data, members, later, shared, gone_host)
    given = Given(None, "", o.vault(vault, identity), watch, values, tuple(plain_http), False, o.join(join))
    fleet = o.fleet(kubeconfig, context, member, as_, as_group, request_timeout)
    job = Job(fleet, Reset.of(fleet.host.identity), given, options, timeout, approve)
    _begin(job)
    for stage in playbooks.load(BOOK).stages:
        if stage.stage in job.reset.progress.done:
            err().print(f"  ✓ {stage.stage}, done before", markup=False)
            continue
        err().print(f"{stage.stage}  {stage.why}", markup=False, style="bold")
        (_verify if stage.stage == CHECK else _stage)(job, stage.stage)
        job.reset.finish(stage.stage)
    job.reset.keep(finished=True)
    out().print("KubeSphere was taken off and put back, and what was bound is bound again.")


def _begin(job: Job) -> None:
    """Keep what there is before the first stage, for later ones to give back; and see that they have what they need."""
    if job.given.values is None:
        raise Usage("reset needs to know what is to be put on again: --values FILE, as for ks-reset feasible.")
    if not job.reset.memory.exists():
        facts = read(None, job.fleet)
        job.reset.keep()
        reading.save(facts, job.reset.memory)
        err().print(f"Memory of what there is: {job.reset.memory}", markup=False)
    if not job.reset.progress.done:
        _provided(job)


def _provided(job: Job) -> None:
    """Raises Usage, Refused or Unknown if a later stage would lack something: it is too late once KubeSphere is off."""
    given, facts = job.given, reading.load(job.reset.memory)
    if given.vault is None:
        err().print(
            "No --vault: no password will be given back, and no key that signs tokens. Once KubeSphere is off it is "
            "too late for ks-reset vault."
        )
    remembering = structs.replace(job.options, memory=with_vault(recall(facts), given.vault))
    version = installing.load(given.values).version if given.values else ""
    for each in joinings(facts, remembering, given.join, given.vault):
        if never_ready(version, each):
            raise Refused(f"KubeSphere {version} would never say that {each.cluster.obj.name} is ready. {CURE}")


def _stage(job: Job, stage: str) -> None:
    plan = _approved(job, stage)
    if plan is None:
        return
    keys = keys_for(plan, job.given.vault, job.given.values, job.given.join)
    try:
        applying.apply_plan(job.fleet.only(plan.options, plan.scope), plan, job.timeout, keys)
    except (Stale, Refused):
        job.reset.keep(approved="")  # the next call makes a new plan
        raise


def _approved(job: Job, stage: str) -> Plan | None:
    """The plan that may be applied: one that was approved and not finished, else a new one, shown; None if it is empty.

    Ends the command with 3 where nobody is there to approve it.
    """
    if job.approve:
        asked, job.approve = job.approve, ""
        return job.reset.approve(stage, asked)
    path = job.reset.plan(stage)
    if job.reset.progress.approved and path.is_file():
        plan = planning.load(path)
        if plan.digest == job.reset.progress.approved:
            return plan
    plan, facts = _made(job, stage)
    report.show(plan, out(), verbose=False)
    if not plan.actions:
        return None
    job.reset.keep()
    planning.save(plan, path)
    beside(plan, facts, path)
    if not sys.stdin.isatty():
        short = plan.digest[:SHORT]
        err().print(
            f"Read the plan ({path}), then: ks-reset reset --approve {short}, with the same flags.", markup=False
        )
        raise typer.Exit(Exit.PENDING)
    applying.ask(plan)
    return job.reset.approve(stage, plan.digest)


def _made(job: Job, stage: str) -> tuple[Plan, Facts]:
    book = playbooks.load(stage)
    remembers = book.needs in ("memory", "install", "joining")
    given = structs.replace(job.given, memory=job.reset.memory if remembers else None)
    options = before_reading(given, job.options)
    facts = read(None, job.fleet.only(options, book.scope))
    return planned(book, facts, after_reading(given, book, options, facts)), facts


def _verify(job: Job, _: str) -> None:
    """Raises Refused if the fleet is not clean, but for members left for later; Unknown if nobody can tell."""
    facts: Facts = read(None, job.fleet)
    verdict = examined(facts, None)
    proof.show(verdict, facts, out(), verbose=False)
    if verdict.unknown:
        raise Unknown(f"What could not be read may be there: {verdict.unknown[0]}. See to it, then run this again.")
    changed = verdict.proof and verdict.proof.changes
    if verdict.leftovers or changed or set(verdict.later) - set(job.options.later):
        raise Refused("The fleet is not clean, so nothing is put on it. See to what is left, then run this again.")
