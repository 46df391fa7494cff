"""From inputs and facts to a checked plan: no finding blocks it, no consequence is a loss for users."""

import shlex
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, structs

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KIND
from ks_reset.errors import FILE, Correction, Unknown, Usage
from ks_reset.facts import federation
from ks_reset.facts.reliances import lost_reliances
from ks_reset.facts.wiped_namespaces import wiped_metadata
from ks_reset.findings import require_unblocked
from ks_reset.local import file_name
from ks_reset.model import Dial, FleetFacts, Options, Plan, Request
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.deferred import deferred_plans, unnamed_members
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import foresee_consequences, refuse_losses
from ks_reset.steps.removal import REMOVE_NAMESPACES
from ks_reset.steps.wiped_namespaces import RETURN_METADATA
from ks_reset.tenancy.memberships import with_first_bindable_first
from ks_reset.tenancy.to_v4 import convert_memory
from ks_reset.workflows.choices import require_present
from ks_reset.workflows.component_choices import (
    refuse_losses_of_others,
    require_components,
    require_own_playbook,
)
from ks_reset.workflows.consequences import planned_consequences, planned_data, retained_volumes
from ks_reset.workflows.given_names import require_inputs, require_known_names
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.installation import planned_install, with_former_installation
from ks_reset.workflows.interaction import Interaction
from ks_reset.workflows.joins import member_joins
from ks_reset.workflows.remembered_joins import with_remembered_joins

INSTALLS = ("uninstall", "reinstall")
"""The playbooks that are refused if KubeSphere cannot be installed afterwards."""
WITH_VALUES = Correction("", f"--values {FILE}")
CHOICES = (
    *("data", "discard", "kept_types", "accepted"),
    *("kept_operators", "forgone_operators", "only", "kept_components"),
)
"""The fields of a request that a saved plan may be completed with."""


class PlanRequest(Struct, frozen=True):
    """A playbook to plan, with options and inputs. `saved` is the deferred plan to complete, if any."""

    playbook: Playbook
    options: Options
    inputs: Inputs
    saved: Plan | None = None


class Known(Struct, frozen=True):
    """What is known of the names in flags: those asked about `before`, and the `members` with a context."""

    before: Request = Request()
    members: tuple[str, ...] = ()


UNKNOWN = Known()


def plan_request(source: str, options: Options, inputs: Inputs) -> PlanRequest:
    """The request for a playbook by name or file. A `.json` file is a deferred plan, and its own options apply.

    Raises Usage for a playbook of stages, and for a complete plan.
    """
    if not source.endswith(".json"):
        book = playbooks.load_playbook(source)
        if book.stages:
            stages = ", ".join(stage.stage for stage in book.stages)
            raise Usage(f"{book.name} is made of stages with a plan each: {stages}. Run ks-reset {book.name}.")
        require_own_playbook(book.name, options.request)
        return PlanRequest(book, options, inputs)
    plan = plan_file.load_plan(Path(source))
    if not plan.open:
        raise Usage(f"{source} is a plan already: ks-reset apply {source}.")
    book = playbooks.playbook_of_plan(plan.playbook, plan.scope, plan.steps)
    kept = structs.replace(inputs, before=None, past=plan.material.past, watch=plan.request.watch)
    return PlanRequest(book, _with_choices(plan.options, options.request), kept, plan)


def _with_choices(options: Options, given: Request) -> Options:
    """The saved options, with what is given up or kept now: the contents of a silent cluster were unknown before."""
    saved = options.request
    joined = {name: _joined(getattr(saved, name), getattr(given, name)) for name in CHOICES}
    return options.with_request(**joined, leave=saved.leave or given.leave)


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def request(
    inputs: Inputs, playbook: Playbook, options: Options, facts: FleetFacts, interaction: Interaction
) -> Options:
    """The options, with the objects to restore, the installation, and the members to join.

    A memory of 3.x is converted where the host serves 4.1. For repair the snapshot tells the lost metadata. Raises
    Usage if a required input or helm is missing; Refused or Unknown if KubeSphere could not be installed, or a
    kubeconfig does not reach its member.
    """
    if inputs.before and RETURN_METADATA in playbook.chosen:
        return options.with_material(past=(*inputs.past, *wiped_metadata(inputs.before, facts)))
    memory = inputs.memory
    if memory:
        memory = with_first_bindable_first(facts, convert_memory(memory, facts))
    options = options.with_request(watch=inputs.watch).with_material(memory=memory, past=inputs.past)
    if playbook.needs == "install" and inputs.values is None:
        raise Usage(
            f"{playbook.name} installs KubeSphere: --values FILE says which. To check the file: ks-reset feasible "
            "FILE.",
            WITH_VALUES,
        )
    if playbook.needs == "joining":
        return options.with_material(joining=member_joins(facts, options, inputs.kubeconfigs, inputs.vault))
    if inputs.values is None or inputs.only or playbook.name not in INSTALLS:
        return options
    ran = with_former_installation(facts, inputs.before)
    install = planned_install(playbook.name, inputs.values, ran, inputs.plain, interaction)
    return options.with_material(install=install if playbook.needs == "install" else None)


def checked_plan(
    playbook: Playbook, facts: FleetFacts, options: Options, saved: Plan | None = None, known: Known = UNKNOWN
) -> Plan:
    """The plan, with its consequences. `saved` is the deferred plan that it completes, if any.

    Raises Usage for unknown names and missing inputs, Refused or Unknown with the finding or the chain of consequences
    against the plan.
    """
    options = with_remembered_joins(facts, options)
    require_known_names(playbook, facts, options)
    require_components(playbook.name, facts, options.request)
    require_present(playbook.name, facts, options.request, saved.request if saved else known.before, known.members)
    require_inputs(playbook, facts, options)
    require_unblocked(playbook, facts, options)
    if playbook.scope == "fleet":
        options = options.with_request(later=(*options.request.later, *unnamed_members(facts, options)))
    plan = planning.make_plan(playbook, facts, options)
    silent = federation.records_of_unknown_cluster(facts.host) if playbook.needs in ("", "memory") else []
    if silent and not any(action.writes for action in plan.actions):
        raise Unknown(
            f"{playbook.name} finds nothing to do, but what the record {silent[0].record} reaches is not known "
            f"({silent[0].reach}: {silent[0].detail or silent[0].endpoint}). kubefed may reach it from inside. Run "
            f"this where that address answers, or mend the record: {_describe(facts, silent[0])}"
        )
    consequences = foresee_consequences(plan, facts)
    refuse_losses(plan, consequences, facts)
    refuse_losses_of_others(plan, consequences, facts)
    told = planned_consequences(plan.request, consequences, facts)
    if REMOVE_NAMESPACES.name not in plan.steps or not plan.actions:
        return planning.with_consequences(plan, told)
    data = planned_data(consequences, facts)
    without = tuple(lost for cluster in facts.clusters for lost in lost_reliances(cluster, plan.request))
    return planning.with_consequences(plan, told, retained_volumes(data), data, without)


def save_deferred_plans(plan: Plan, facts: FleetFacts, path: Path, say: Callable[[str], None]) -> None:
    """Save an open plan beside `path` for each deferred member, and say how to complete it."""
    for deferred in deferred_plans(plan, facts):
        cluster = deferred.clusters[-1]
        file = path.with_name(f"{path.stem}.later-{file_name(cluster.name)}.json")
        plan_file.save_plan(deferred, file)
        left = (
            f"Left for later: {cluster.name} (kube-system UID {cluster.identity or 'not recorded'}). When it answers:"
        )
        say(f"{left} ks-reset plan {shlex.quote(str(file))} --context ITS-CONTEXT --out now.json, and apply that.")


def _describe(facts: FleetFacts, dial: Dial) -> str:
    """The command that shows a record and what kubefed says of it."""
    kubectl = f"kubectl --context {facts.host.context} -n {dial.namespace}"
    return f"{kubectl} describe {KUBEFED_CLUSTER_KIND.resource}/{dial.record}"
