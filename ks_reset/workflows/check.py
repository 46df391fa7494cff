"""Questions before a window, each answered by the workflow that would refuse later: pass, fail or cannot tell."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct

from ks_reset.apply.preflight import actions_of_fallback, require_permissions
from ks_reset.errors import ResetError, Retry, Unknown
from ks_reset.external import helm
from ks_reset.facts import Clients
from ks_reset.findings import check_install, require_feasible
from ks_reset.model import ExternalAnswers, FleetFacts, Options, Plan, Values
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.installation import ask_registries, render_install, with_former_installation
from ks_reset.workflows.interaction import Interaction
from ks_reset.workflows.plan import Known, checked_plan, plan_request, request


class Answer(StrEnum):
    """The answer to a question."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "cannot tell"


class Question(Struct, frozen=True):
    """A question and its answer. `error` says why not, with the way on; None after a pass."""

    id: str
    text: str
    error: ResetError | None = None

    @property
    def answer(self) -> Answer:
        if self.error is None:
            return Answer.PASS
        return Answer.UNKNOWN if isinstance(self.error, Unknown | Retry) else Answer.FAIL


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
    """Each question with its answer: plan, permissions; with a values file also installation and configuration."""
    plans: list[Plan] = []
    yield _answered("plan", "uninstall can be planned", lambda: plans.append(_plan(asked, interaction)))
    yield _answered("permissions", "The account may do each action of it", lambda: _may_do(asked, plans))
    if asked.values is None:
        return
    values, facts = asked.values, with_former_installation(asked.facts, asked.before)
    answers = ask_registries(values, facts, asked.plain_http, interaction)
    yield _answered(
        "installation",
        f"KubeSphere {values.version} can be installed again",
        lambda: require_feasible("reinstall", check_install(values, facts, answers)),
    )
    yield _answered("configuration", "Its objects can be rendered", lambda: _rendered(values, facts, answers))


def _answered(name: str, text: str, ask: Callable[[], None]) -> Question:
    try:
        ask()
    except ResetError as error:
        return Question(name, text, error)
    return Question(name, text)


def _plan(asked: Asked, interaction: Interaction) -> Plan:
    wanted = plan_request("uninstall", asked.options, Inputs())
    options = request(wanted.inputs, wanted.playbook, wanted.options, asked.facts, interaction)
    return checked_plan(wanted.playbook, asked.facts, options, None, asked.known)


def _may_do(asked: Asked, plans: list[Plan]) -> None:
    host = asked.facts.host.context
    if not plans:
        raise Unknown("What is needed is known with the plan: ks-reset plan uninstall --out plan.json.")
    if asked.clients is None:
        raise Unknown(
            f"A snapshot does not hold the rights of an account. kubectl --context {host} auth can-i --list shows them."
        )
    (plan,) = plans
    book = plan_request("uninstall", asked.options, Inputs()).playbook
    actions = [*plan.actions, *actions_of_fallback(book, asked.facts, plan)]
    require_permissions(asked.clients, plan, asked.facts, actions)


def _rendered(values: Values, facts: FleetFacts, answers: ExternalAnswers) -> None:
    if answers.source.error:
        raise Unknown(
            f"{values.source.path} cannot be read: {answers.source.error}. Bring it back, and run the same command."
        )
    if values.release >= (4,):
        helm.find_helm()
    render_install(values, facts, answers.source)
