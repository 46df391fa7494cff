"""Losses of users' objects: as things stand, once stopped controllers run again, or with the next installation."""

from collections.abc import Sequence
from functools import cache, lru_cache

from ks_reset import catalogue
from ks_reset.catalogue.names import KUBEFED_MANAGED_LABEL, NAMESPACE_KEY, WORKSPACE_LABEL, WORKSPACE_TEMPLATE_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.model import LOST, FleetFacts, Marks, Outcome, group_of
from ks_reset.simulation.actors import garbage_collector, kubefed
from ks_reset.simulation.actors.ks_controller_manager import ACTOR as MANAGER
from ks_reset.simulation.chains import Consequence, as_numbered_lines, consequences_of
from ks_reset.simulation.events import install_types, start_controllers
from ks_reset.simulation.move import Effect
from ks_reset.simulation.objects import SimObject, to_owner_ref
from ks_reset.simulation.run import Trace, orders_of, run_controllers
from ks_reset.simulation.standing import FactsKey, as_things_stand
from ks_reset.simulation.state import State

Danger = tuple[str, SimObject, Consequence]
"""When an object is lost, the object, and by which chain."""
NOW = "as things stand"
RESTART = "once KubeSphere's and kubefed's controllers run again"
INSTALL = "as soon as KubeSphere's CRDs are applied again, the first step of a reinstall"


def losses_by_time(facts: FleetFacts) -> dict[str, list[tuple[SimObject, Consequence]]]:
    """Users' objects in danger with the chain, by NOW, RESTART and INSTALL; each under its earliest time only.

    The seatbelt is taken as off, and no webhook without a backend keeps anything.
    """
    return _threats_by_time(FactsKey(facts.whole()))


@lru_cache(maxsize=4)
def _threats_by_time(key: FactsKey) -> dict[str, list[tuple[SimObject, Consequence]]]:
    return _losses_from(as_things_stand(key.facts))


def losses_from(state: State) -> dict[str, list[tuple[SimObject, Consequence]]]:
    """The same for a state of the simulation, with the seatbelts that are on in it."""
    return _losses_from(run_controllers(state))


def _losses_from(now: Trace) -> dict[str, list[tuple[SimObject, Consequence]]]:
    state = now.before
    running = start_controllers(state, catalogue.is_reacting_controller)
    traces = {NOW: [now, *(run_controllers(state, order) for order in orders_of(state)[1:])]}
    for when, supposed in {RESTART: running, INSTALL: install_types(running)}.items():
        traces[when] = [run_controllers(supposed, order) for order in orders_of(supposed)]
    by_time: dict[str, list[tuple[SimObject, Consequence]]] = {when: [] for when in traces}
    seen: set[tuple[str, str]] = set()
    for when, trace in ((when, trace) for when, orders in traces.items() for trace in orders):
        for subject, consequence in consequences_of(trace):
            key = subject.id.cluster, subject.uid
            if key not in seen and _is_loss(state, subject, consequence):
                seen.add(key)
                by_time[when].append((subject, consequence))
    return by_time


def _is_loss(state: State, subject: SimObject, consequence: Consequence) -> bool:
    gone = consequence.fate is Outcome.DELETED or (consequence.fate is Outcome.STUCK and not subject.deleting)
    return gone and is_users(subject.obj, state.cluster_facts(subject.id.cluster))


def threatening_marks(subject: SimObject, consequence: Consequence) -> Marks:
    """The marks that lead to a loss: owners of KubeSphere's, and the label by which kubefed or its manager deletes.

    Of the types of others, those KubeSphere brings as well: without KubeSphere they are not served, and the reference
    has no effect until a reinstall. kubefed deletes only objects with its label (kubefed v0.8.1,
    pkg/controller/util/federated_informer.go). ks-controller-manager finds the namespaces of a Workspace or a template
    that is being deleted by their label, with an owner or without (simulation/actors/ks_controller_manager.py and
    workspace_templates.py).
    """
    link = consequence.chain[-1]
    cause = link.cause.partition(" ")[0] if link.actor == garbage_collector.ACTOR else ""
    brought = cause in _brought_types()
    references = subject.obj.meta.get("ownerReferences") or []
    return Marks(
        labels=_threatening_labels(subject, consequence),
        owners=tuple(
            reference
            for reference in references
            if catalogue.is_own_group(group_of(reference["apiVersion"]))
            or (brought and to_owner_ref(reference).key == cause)
        ),
    )


def _threatening_labels(subject: SimObject, consequence: Consequence) -> dict[str, str]:
    """The label that leads to the loss; {} for none.

    Where a template takes its Workspace away, the label would bind the namespace to it again before that happens.
    """
    last, workspace = consequence.chain[-1], subject.label_value(WORKSPACE_LABEL)
    if last.actor == kubefed.ACTOR and subject.label_value(KUBEFED_MANAGED_LABEL) == "true":
        return {KUBEFED_MANAGED_LABEL: "true"}
    deletions = [link for link in consequence.chain if (link.actor, link.deed) == (MANAGER, Effect.DELETES)]
    by_label = last in deletions or any(link.cause.startswith(f"{WORKSPACE_TEMPLATE_KEY} ") for link in deletions)
    return {WORKSPACE_LABEL: workspace} if by_label and workspace and subject.id.key == NAMESPACE_KEY else {}


@cache
def _brought_types() -> frozenset[str]:
    """The types KubeSphere brings, as `Kind.key`."""
    return frozenset(entry.key for entry in catalogue.load_catalogue().crds)


def losses_by_way_of(facts: FleetFacts, title: str) -> list[Danger]:
    """The losses with the object of this title in their chain, without its own."""
    return list(_dangers_by_title(FactsKey(facts.whole())).get(title, ()))


@lru_cache(maxsize=4)
def _dangers_by_title(key: FactsKey) -> dict[str, list[Danger]]:
    """The losses by each object in their chain."""
    dangers: dict[str, list[Danger]] = {}
    for when, losses in _threats_by_time(key).items():
        for subject, effect in losses:
            titles = dict.fromkeys(title for link in effect.chain for title in (link.object, link.cause))
            for title in titles:
                if title != subject.id.title:
                    dangers.setdefault(title, []).append((when, subject, effect))
    return dangers


def as_sentences(dangers: Sequence[Danger]) -> str:
    """A sentence a time: how many objects would be lost when, and the names of the namespaces among them."""
    sentences = []
    for time in dict.fromkeys(when for when, _, _ in dangers):
        subjects = [subject for when, subject, _ in dangers if when == time]
        namespaces = [subject.id.name for subject in subjects if subject.id.key == NAMESPACE_KEY]
        listed = f", with the namespace(s) {', '.join(dict.fromkeys(namespaces))}" if namespaces else ""
        sentences.append(f"{len(subjects)} object(s) of users would be lost {time}{listed}.")
    return " ".join(sentences)


def explain_loss(state: State, cluster: str, name: str, key: str = NAMESPACE_KEY) -> str:
    """The chain to the loss of an object, or a sentence saying none is known.

    The chain starts from this state, or from this state with all stopped controllers started. The
    seatbelt is taken as off. `cluster` is an identity.
    """
    for supposed in (state, start_controllers(state, catalogue.is_reacting_controller)):
        bare = supposed.with_seatbelt_on(frozenset())
        traces = (run_controllers(bare, order) for order in orders_of(bare))
        for subject, consequence in (found for trace in traces for found in consequences_of(trace)):
            lost = consequence.fate in LOST
            if lost and (subject.id.cluster, subject.id.key, subject.id.name) == (cluster, key, name):
                return f"The chain that leads there:\n{as_numbered_lines(consequence)}"
    return (
        "As things stood, no controller known to ks-reset would delete it: a person or another program did. "
        "The API server's audit log says who."
    )
