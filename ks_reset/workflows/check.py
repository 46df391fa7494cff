"""Questions before a window, each answered by the workflow that would refuse later: pass, fail or unknown."""

import shlex
from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct

from ks_reset.apply.preflight import actions_of_fallback, require_permissions
from ks_reset.errors import Reason, Refused, ResetError, Stale, Unknown, Usage, error_of
from ks_reset.external import helm
from ks_reset.facts import Clients
from ks_reset.findings import check_install, require_feasible
from ks_reset.journal import require_no_unfinished
from ks_reset.model import ExternalAnswers, FleetFacts, Options, Plan, Values
from ks_reset.plan.playbook import Playbook
from ks_reset.workflows.choices import untold_names
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.installation import ask_registries, render_install, with_former_installation
from ks_reset.workflows.interaction import Interaction
from ks_reset.workflows.plan import Known, PlanRequest, checked_plan, plan_request, request


class Answer(StrEnum):
    """The answer to a question."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"


class Question(Struct, frozen=True):
    """A question and its answer. `error` says why not, with the way on; None after a pass."""

    id: str
    text: str
    error: ResetError | None = None

    @property
    def answer(self) -> Answer:
        if self.error is None:
            return Answer.PASS
        return Answer.FAIL if isinstance(self.error, Refused | Stale | Usage) else Answer.UNKNOWN


class Asked(Struct, frozen=True):
    """What is asked about: the fleet, the request, and the installation afterwards, if any.

    `clients` is None for a snapshot. `before` is the memory snapshot, `plain_http` are registries without TLS.
    """

    facts: FleetFacts
    options: Options
    known: Known
    clients: Clients | None = None
    values: Values | None = None
    before: FleetFacts | None = None
    plain_http: tuple[str, ...] = ()


def check_window(asked: Asked, interaction: Interaction) -> Iterator[Question]:
    """Each question with its answer: plan, permissions; with a values file also installation and configuration.

    Raises Usage for a flag that names nothing: then nothing is answered.
    """
    wanted, plans = plan_request("uninstall", asked.options, Inputs()), list[Plan]()
    yield _answered(
        "plan", "uninstall can be planned", lambda: plans.append(_planned(asked, wanted, interaction)), mistake=Usage
    )
    yield _answered(
        "permissions",
        "The account may do each action of the plan",
        lambda: _require_permissions(asked, wanted.playbook, plans),
    )
    if asked.values:
        yield from _ask_installation(asked, asked.values, interaction)


def _answered(name: str, text: str, ask: Callable[[], None], *, mistake: type[ResetError] | tuple[()] = ()) -> Question:
    """The question, answered by what `ask` raises. A mistake of the call is raised."""
    try:
        ask()
    except mistake:
        raise
    except ResetError as error:
        return Question(name, text, error)
    return Question(name, text)


def _planned(asked: Asked, wanted: PlanRequest, interaction: Interaction) -> Plan:
    options = request(wanted.inputs, wanted.playbook, wanted.options, asked.facts, interaction)
    plan = checked_plan(wanted.playbook, asked.facts, options, None, asked.known)
    require_no_unfinished(plan)
    for line in untold_names(asked.facts, options.request, asked.known.before, asked.known.members):
        interaction.say(line)
    return plan


def _require_permissions(asked: Asked, playbook: Playbook, plans: list[Plan]) -> None:
    if not plans:
        way_on = "To make one: ks-reset plan uninstall --out plan.json"
        raise error_of(Unknown, Reason("Permissions are asked for a plan, and there is none", (), "", way_on))
    if asked.clients is None:
        way_on = f"To list them: kubectl --context {shlex.quote(asked.facts.host.context)} auth can-i --list"
        raise error_of(Unknown, Reason("A snapshot does not hold the rights of an account", (), "", way_on))
    (plan,) = plans
    actions = [*plan.actions, *actions_of_fallback(playbook, asked.facts, plan)]
    require_permissions(asked.clients, plan, asked.facts, actions)


def _ask_installation(asked: Asked, values: Values, interaction: Interaction) -> Iterator[Question]:
    """Whether KubeSphere can be installed with these values, and whether its objects can be rendered."""
    facts = with_former_installation(asked.facts, asked.before)
    usable: list[ExternalAnswers] = []

    def require_installable() -> None:
        answers = ask_registries(values, facts, asked.plain_http, interaction)
        findings = check_install(values, facts, answers)
        if not answers.source.error and all(finding.id != "source" for finding in findings):
            usable.append(answers)
        require_feasible("reinstall", findings)

    def require_rendered() -> None:
        if not usable:
            title = f"{values.source.path} could not be used"
            follows = "Nothing is rendered from it."
            way_on = "Follow the answer about the installation, then run the same command again."
            raise error_of(Unknown, Reason(title, (), follows, way_on))
        if values.release >= (4,):
            helm.find_helm()
        render_install(values, facts, usable[0].source)

    yield _answered("installation", f"KubeSphere {values.version} can be installed again", require_installable)
    yield _answered("configuration", "The objects of the installation can be rendered", require_rendered)
