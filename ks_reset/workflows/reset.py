"""A reset, stage by stage: each stage's plan is made, shown, approved and applied. Started again, it continues."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, structs

from ks_reset.apply import PARALLELISM
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.errors import Refused, Stale, Unknown, Usage
from ks_reset.facts import Clients
from ks_reset.findings.request.token_kubeconfig import never_ready
from ks_reset.model import FleetFacts, Options, Plan, Request
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.tenancy.memory import build_memory
from ks_reset.workflows.apply import Applied, apply_plan
from ks_reset.workflows.choices import untold_names
from ks_reset.workflows.given_names import OF_MEMORY
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.interaction import Interaction, approved_now, gather_facts
from ks_reset.workflows.joins import member_joins
from ks_reset.workflows.plan import Known, checked_plan, request, save_deferred_plans
from ks_reset.workflows.reset_checks import require_recorded_names, require_same_fleet, stopping_remains
from ks_reset.workflows.reset_progress import Reset
from ks_reset.workflows.restore import memory_with_vault
from ks_reset.workflows.verify import verify_fleet

BOOK, CHECK, UNINSTALL = "reset", "verify", "uninstall"


class Awaiting(Struct, frozen=True):
    """A plan without an approval yet; it is saved at `path`."""

    plan: Plan
    path: Path


class Nothing(Struct, frozen=True):
    """A stage without anything to apply."""


StageOutcome = Awaiting | Applied | Nothing


class Job(Struct):
    """One call of reset: the fleet, the progress so far, and the inputs.

    `timeout` is in seconds for a step, `parallelism` the writes that a cluster gets at once. `approve` is the digest of
    a plan shown earlier. `replan` makes a new plan for the next stage, `accept` goes on although the verification found
    something.
    """

    clients: Clients
    reset: Reset
    inputs: Inputs
    options: Options
    timeout: int
    interaction: Interaction
    approve: str = ""
    replan: bool = False
    accept: bool = False
    parallelism: int = PARALLELISM
    how: str = "approved before, in the folder of this reset"


def run_stages(job: Job) -> Iterator[StageOutcome]:
    """The outcome of each unfinished stage; the last one is Awaiting if its plan needs an approval.

    Raises all errors of `apply_plan`, and Refused or Unknown if the verification stops the reset.
    """
    _announce_reset(job)
    for stage in playbooks.load_playbook(BOOK).stages:
        if stage.stage in job.reset.progress.done:
            job.interaction.say(f"  ✓ {stage.stage}, done before")
            continue
        job.interaction.say(f"{stage.stage}  {stage.why}", bold=True)
        outcome = verify_stage(job) if stage.stage == CHECK else carry_out(job, stage.stage)
        if isinstance(outcome, Awaiting):
            yield outcome
            return
        job.reset.finish_stage(stage.stage)
        yield outcome
    job.reset.save_progress(finished=True)


def carry_out(job: Job, stage: str) -> StageOutcome:
    """Apply the plan of a stage, once it is approved. Raises all errors of `apply_plan`."""
    plan = _approved_plan(job, stage)
    if not isinstance(plan, Plan):
        return plan
    credentials = job.inputs.keys(plan)
    job.reset.save_progress(begun=True, joins=plan.material.joins or job.reset.progress.joins)
    try:
        clients, approval = job.clients.only(plan.options, plan.scope), approved_now(job.how)
        return apply_plan(clients, plan, job.timeout, credentials, job.interaction, job.parallelism, approval=approval)
    except (Stale, StabilityLost):
        job.reset.discard_plan(plan)
        raise


def verify_stage(job: Job) -> Nothing:
    """Raises Refused if anything is left or lost, except on deferred members; Unknown if something cannot be read.

    If uninstall would still remove an object, that stage is opened again. Objects kept by uninstall, and changes to
    types outside of LASTING_KINDS, are shown and do not stop the reset. Everything else does, unless it is accepted; so
    do bystanders without a baseline, once this reset has removed something.
    """
    facts = gather_facts(job.clients.only(job.options, "fleet"), job.interaction)
    require_same_fleet(job.options, job.reset.load_memory(), facts)
    verdict = verify_fleet(facts, removed=True)
    job.interaction.show_verdict(verdict, facts)
    if verdict.unknown:
        raise Unknown(
            f"What could not be read may be there: {verdict.unknown[0]}. See to it, then run the same command again."
        )
    options = job.options.with_material(joins=job.reset.progress.joins)
    fresh = planning.make_plan(playbooks.load_playbook(UNINSTALL), facts, options)
    if fresh.actions:
        job.reset.save_progress(done=())
        raise Refused(
            f"There is something again that uninstall takes off, such as {fresh.actions[0].target}. That stage is open "
            "again: run the same command again, and approve its plan."
        )
    remains = stopping_remains(job.options, verdict, fresh)
    remains += [sentence.rstrip(".") for sentence in verdict.uncompared if job.reset.progress.begun]
    if remains and not job.accept:
        raise Refused(
            f"The fleet is not clean, so nothing is put on it: {remains[0]}. See to what is shown above, then run the "
            "same command again; or, if it may be so, with --accept."
        )
    return Nothing()


def _announce_reset(job: Job) -> None:
    """Say if an earlier reset continues. The digest of a finished stage approves nothing more."""
    folder, progress = job.reset.folder, job.reset.progress
    if folder.exists():
        job.interaction.say(f"The reset of {progress.began}, in {folder}. To begin anew, move that folder away.")
    if job.reset.approves_a_finished_stage(job.approve):
        job.approve = ""


def _approved_plan(job: Job, stage: str) -> Plan | Awaiting | Nothing:
    """The plan to apply: the approved and unfinished one, else a new one, shown and asked about."""
    shown, progress = job.reset.shown_plan(stage), job.reset.progress
    same = progress.asked == job.inputs.digest
    if job.approve:
        digest, job.approve = job.approve, ""
        if shown and not same:
            raise Stale(
                f"Flags or files are others than when the plan of {stage} was shown, so it cannot be approved. Nothing "
                "was sent. Run ks-reset reset without --approve, read the plan, and approve that one."
            )
        job.how = f"--approve {digest}"
        return job.reset.approve_plan(stage, digest)
    if shown and progress.approved == shown.digest and not job.replan:
        if same:
            return shown
        job.interaction.say(
            f"Flags or files are others than when the plan of {stage} was approved, so here is a new one."
        )
    job.replan = False
    plan = _new_plan(job, stage)
    if not plan.actions:
        return Nothing()
    if not job.interaction.interactive:
        return Awaiting(plan, job.reset.plan_path(stage))
    job.interaction.ask(plan)
    job.how = "the host's name, typed"
    return job.reset.approve_plan(stage, plan.digest)


def _new_plan(job: Job, stage: str) -> Plan:
    """A new plan, shown; saved if it has actions."""
    book = playbooks.load_playbook(stage)
    options = job.options.with_material(joins=job.reset.progress.joins)
    facts = gather_facts(job.clients.only(options, book.scope), job.interaction)
    if job.reset.progress.begun:
        require_same_fleet(job.options, job.reset.load_memory(), facts)
    else:
        _keep_memory(job, facts)
    before = job.reset.load_memory() if book.needs in ("memory", "install", "joining") else None
    inputs = structs.replace(job.inputs, before=before)
    checked = job.options.request if job.reset.progress.begun else Request()
    known = Known(checked, tuple(job.clients.members))
    complete = request(inputs, book, options, facts, job.interaction)
    plan = checked_plan(book, facts, complete, known=known)
    for line in untold_names(facts, complete.request, known.before, known.members):
        job.interaction.say(line)
    job.interaction.show(plan)
    if plan.actions:
        path = job.reset.plan_path(stage)
        job.reset.save_progress(approved="", asked=job.inputs.digest)
        plan_file.save_plan(plan, path)
        save_deferred_plans(plan, facts, path, job.interaction.say)
    return plan


def _keep_memory(job: Job, facts: FleetFacts) -> None:
    """Save the facts for later stages, and check the inputs of these stages while KubeSphere is still there.

    Raises Refused if there is nothing to restore; Usage, Refused or Unknown if a later stage would lack an input.
    """
    before = job.inputs.before or facts
    memory = build_memory(before)
    if not (memory.bonds or memory.objects):
        raise Refused(
            f"There is nothing of KubeSphere on {facts.host.name} that could be given back. If it was taken off "
            "already, run the same command again with the folder of that reset (KS_RESET_STATE), or with --memory "
            "SNAPSHOT."
        )
    if memory.host != facts.host.identity:
        what = f"The memory is of another host: {memory.host}, and not {facts.host.identity} (kube-system UID)."
        raise Usage(what, *OF_MEMORY)
    require_same_fleet(job.options, before, facts)
    require_recorded_names(facts)
    if job.inputs.vault is None:
        job.interaction.say(
            "No --vault: no password will be given back, and no key that signs tokens. Once KubeSphere is off it is "
            "too late for ks-reset backup."
        )
    options = job.options.with_material(memory=memory_with_vault(memory, job.inputs.vault))
    version = job.inputs.values.version if job.inputs.values else ""
    for join in member_joins(facts, options, job.inputs.kubeconfigs, job.inputs.vault):
        if never_ready(version, join):
            name = join.cluster.obj.name
            raise Refused(
                f"KubeSphere {version} would never say that {name} is ready. Run the same command again with a "
                f"kubeconfig that has client-certificate-data and client-key-data: --join {shlex.quote(name)}=FILE."
            )
    job.reset.save_memory(before)
