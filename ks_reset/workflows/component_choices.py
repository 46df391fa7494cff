"""--only and --keep: each component must be here, be one that can go or stay alone, and have what it needs."""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.components import EXTENSION, component_entries, component_word, spellings_of
from ks_reset.errors import Absent, Refused, Usage
from ks_reset.facts.component_choice import ComponentChoice, staying_components
from ks_reset.facts.contents import Accounts, Whose
from ks_reset.facts.object_components import components_of, words_of
from ks_reset.model import LOST, FleetFacts, Plan, Request
from ks_reset.simulation import StepConsequence

UNINSTALL = "uninstall"


def require_own_playbook(playbook: str, request: Request) -> None:
    """Raises Usage for --only, --keep or --leave with another playbook than uninstall: no other one takes them off."""
    if request.leave and playbook != UNINSTALL:
        raise Usage(
            f"--leave takes KubeSphere off for good; {playbook} does not. Type: ks-reset plan uninstall --leave --out "
            "plan.json"
        )
    flag = "--only" if request.only else "--keep" if request.kept_components else ""
    if flag and playbook != UNINSTALL:
        words = ",".join(component_word(name) for name in request.only or request.kept_components)
        raise Usage(
            f"{flag} chooses what an uninstall removes; {playbook} removes no component, and takes no {flag}. "
            f"Type: ks-reset plan uninstall {flag} {words} --out plan.json"
        )


def require_components(playbook: str, facts: FleetFacts, request: Request) -> None:
    """Raises Usage for a component on no cluster, or one that cannot go or stay alone; Absent with the way on.

    Where a member or a list was not read a component may be there: then its name is taken as it is.
    """
    unread = facts.missing or request.later or any(cluster.gaps for cluster in facts.clusters)
    present = {name for cluster in facts.clusters for name in components_of(cluster).present}
    for flag, chosen in (("--only", request.only), ("--keep", request.kept_components)):
        for name in chosen:
            here = sorted(spellings_of(name) & present)
            for each in here or {name} & component_entries().keys():
                _require_choosable(flag, each, facts)
            if not here and not unread:
                raise Absent(
                    f"{flag} {component_word(name)}: there is no such component on "
                    f"{', '.join(cluster.name for cluster in facts.clusters)}. There are: "
                    f"{words_of(_choosable(present, flag, facts))}. Without the flag: ks-reset plan {playbook} --out "
                    f"{playbook}.json",
                    flag,
                    component_word(name),
                )
    _require_used(facts, request)


def _choosable(present: Iterable[str], flag: str, facts: FleetFacts) -> tuple[str, ...]:
    return tuple(name for name in present if not _reason_against(flag, name, facts))


def _reason_against(flag: str, name: str, facts: FleetFacts) -> str:
    """Why a component cannot go or stay alone; "" if it can.

    An extension is taken off by the InstallPlan of its name, whose webhook the core answers: the core must run
    (kubesphere v4.1.3, pkg/controller/core/installplan_controller.go).
    """
    if flag == "--only" and name.startswith(EXTENSION):
        word, context = component_word(name), facts.host.context
        return (
            "KubeSphere 4 takes an extension off itself, on the members first, and must run for that: kubectl "
            f"--context {context} delete installplans.kubesphere.io {word}"
        )
    if name.startswith(EXTENSION):
        return (
            "its objects and types in KubeSphere's API groups cannot be told from those of the core, which goes; leave "
            "KubeSphere on, or take the extension with it"
        )
    entry = component_entries().get(name)
    return (entry.not_alone if flag == "--only" else entry.not_kept) if entry else ""


def _require_choosable(flag: str, name: str, facts: FleetFacts) -> None:
    """Raises Usage with the reason for a component that cannot go, or stay, alone."""
    if reason := _reason_against(flag, name, facts):
        verb = "be removed" if flag == "--only" else "be kept"
        what = f"{flag} {component_word(name)}: it cannot {verb} alone: {reason}."
        raise Usage(f"{what} {_look_at(facts)}")  # without the flag the call would take more off


def _look_at(facts: FleetFacts) -> str:
    """Where the components are told. No call is proposed without --only or --keep: it would take more off."""
    context = shlex.quote(facts.host.context)
    return f"What is there, and what it belongs to: ks-reset doctor --context {context}."


def _require_used(facts: FleetFacts, request: Request) -> None:
    """Raises Usage for a kept component without what it needs, with the command that keeps that too."""
    known = component_entries()
    for cluster in facts.clusters:
        staying = staying_components(cluster, request)
        for name in request.kept_components:
            uses = known[name].uses if name in known else ()
            missing = [used for used in uses if used not in staying and used in components_of(cluster).running]
            if lost := [used for used in missing if _reason_against("--keep", used, facts)]:
                raise Usage(
                    f"--keep {component_word(name)}: on {cluster.name} it does not work without "
                    f"{words_of(tuple(lost))}, which cannot be kept: {_reason_against('--keep', lost[0], facts)}. "
                    f"{_look_at(facts)}"
                )
            if missing:
                flags = " ".join(f"--keep {component_word(used)}" for used in missing)
                raise Usage(
                    f"--keep {component_word(name)}: on {cluster.name} it does not work without "
                    f"{words_of(tuple(missing))}, which would go. Keep both: ks-reset plan uninstall --keep "
                    f"{component_word(name)} {flags} --out uninstall.json"
                )


def refuse_losses_of_others(plan: Plan, consequences: Iterable[StepConsequence], facts: FleetFacts) -> None:
    """Raises Refused if, with --only, an object of a component that was not chosen would go."""
    if not plan.request.only:
        return
    known = {c.name: (ComponentChoice(c, plan.request), Accounts(c), components_of(c)) for c in facts.clusters}
    for consequence in consequences:
        effect = consequence.effect
        choice, accounts, components = known[effect.cluster]
        of_others = bool(components.of(consequence.obj)) and not choice.may_go(consequence.obj)
        of_others = of_others and not choice.goes_with_namespace(consequence.obj)
        if effect.fate in LOST and of_others and accounts.of(consequence.obj).whose is Whose.KUBESPHERE:
            raise Refused(
                f"{plan.playbook} cannot be planned: the step {consequence.step} would lead to the loss of "
                f"{effect.object} on {effect.cluster}, which is of {component_word(components.of(consequence.obj))} "
                f"and was not chosen: {effect.chain[-1].why}. Nothing was sent. To let that component go too: "
                f"{_command_with(plan, components.of(consequence.obj))}."
            )


def _command_with(plan: Plan, name: str) -> str:
    """The command of this plan with one more component in --only."""
    only = shlex.quote(",".join([*plan.request.only, name]))
    return f"ks-reset plan {plan.playbook} --only {only} --out plan.json"
