"""The seatbelt by itself: put it on, take it off unless something would be lost, or read it."""

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from msgspec import Struct

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.worst import raise_worst
from ks_reset.apply.write.seatbelt import create_seatbelt, delete_seatbelt
from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.cluster import Client
from ks_reset.errors import LOOK, Refused, ResetError, Unknown
from ks_reset.facts import Clients
from ks_reset.findings.unknown_losses import require_losses_known
from ks_reset.local import user_and_machine
from ks_reset.model import GROUP_GAP, ClusterFacts, FleetFacts, Gap, Options, Request
from ks_reset.seatbelt import Seatbelt
from ks_reset.simulation import refuse_losses_without_seatbelt
from ks_reset.workflows.interaction import Interaction, gather_facts
from ks_reset.workflows.remembered_joins import with_remembered_joins

Say = Callable[[str], None]


class Removal(Struct, frozen=True):
    """Seatbelts to take off: namespaces whose loss is accepted, and whether another playbook's may be taken off too.

    `shared` and `gone` are the clusters that another host shares, and the accounts of hosts that are gone for good.
    """

    accepted: tuple[str, ...] = ()
    force: bool = False
    shared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def options(self) -> Options:
        return Options(Request(accepted=self.accepted, shared=self.shared, gone=self.gone))


def put_seatbelts_on(clients: Clients, excepted: tuple[str, ...], timeout: float, interaction: Interaction) -> None:
    """Put a seatbelt on in every cluster. One that is on already keeps its owner and exceptions.

    A cluster that fails does not keep the others from theirs; the worst error is raised at the end, with the others.
    """
    failed: list[ResetError] = []
    with interaction.progress() as progress:
        for name, cluster in _clients_by_name(clients):
            try:
                writes = _put_on(cluster, name, excepted, timeout, lambda text: progress.beat(text, ""))
                interaction.say(f"{name}: on, {writes} write(s), and seen to refuse deletions.")
            except ResetError as error:  # an emergency brake: the other clusters are still worth it
                interaction.say(f"{name}: not seen to be on.")
                failed.append(error)
    raise_worst(failed)


def take_seatbelts_off(clients: Clients, removal: Removal, interaction: Interaction) -> None:
    """Take the seatbelt off in every cluster, after a look at what it prevents.

    Raises Refused, before anything is sent, for the seatbelt of a playbook or a loss of a user's object; Unknown if the
    facts to decide on are not known.
    """
    found = {name: seatbelt.present(world) for name, world in _read_seatbelts(clients)}
    require_owner(found.items(), removal.force)
    if any(found.values()):
        facts = gather_facts(clients, interaction)
        require_losses_known(facts, with_remembered_joins(facts, removal.options), clients.flags_to)
        worn = {world.identity for world in facts.clusters if seatbelt.present(world)}
        require_owner(((world.name, seatbelt.present(world)) for world in facts.clusters), removal.force)
        again = f"ks-reset protect off {clients.flags}{' --force' if removal.force else ''}"
        again += "".join(f" --accept-loss {shlex.quote(name)}" for name in removal.accepted)
        again += "".join(f" --shared {shlex.quote(name)}" for name in removal.shared)
        again += "".join(f" --gone-host {shlex.quote(account)}" for account in removal.gone)
        dangers = refuse_losses_without_seatbelt(facts, worn, removal.accepted, clients.flags, again)
        if dangers:
            interaction.say(f"Accepted: {len(dangers)} object(s) of users may be lost from here on.")
        found = {_name_of(clients, facts, world): seatbelt.present(world) for world in facts.clusters}
    for name, cluster in _clients_by_name(clients):
        belt = found[name]
        text = f"{name}: off, {delete_seatbelt(cluster, belt)} write(s)." if belt else f"{name}: was off."
        interaction.say(text)


def read_seatbelts(clients: Clients) -> list[ClusterFacts]:
    """Each cluster with its seatbelt and the types it protects. Raises Unknown if one of these could not be read."""
    return [world for _, world in _read_seatbelts(clients, (*seatbelt.KINDS, *seatbelt.DENIED_KINDS))]


def require_owner(found: Iterable[tuple[str, Seatbelt | None]], force: bool) -> None:
    """Raises Refused for a seatbelt a playbook put on, unless it is forced."""
    for name, belt in found:
        if belt and belt.run != seatbelt.BY_HAND and not force:
            raise Refused(
                f"The seatbelt of {name} belongs to the playbook {belt.run or '(unknown)'}, put on by "
                f"{belt.by or '(unknown)'}. Nothing was sent. Finish that run, with the "
                "command that this shows: ks-reset runs show. If nobody will: ks-reset protect off --force."
            )


def gap_concerns(gap: Gap, groups: Collection[str]) -> bool:
    """Whether a gap is a list of one type, or one of these API groups."""
    version = gap.what.removeprefix(GROUP_GAP)
    return version == gap.what or version.rpartition("/")[0] in groups


def _put_on(cluster: Client, name: str, excepted: tuple[str, ...], timeout: float, say: Say) -> int:
    world = _readable_facts(cluster, name, (*seatbelt.KINDS, NAMESPACE_KEY))
    belt = seatbelt.present(world)
    parts = seatbelt.seatbelt_objects(
        world,
        *seatbelt.owner_of(belt, seatbelt.BY_HAND, user_and_machine()),
        tuple(dict.fromkeys((*excepted, *seatbelt.exceptions_of(world, None if excepted else belt)))),
    )
    return create_seatbelt(cluster, parts, timeout, say)


def _clients_by_name(clients: Clients) -> list[tuple[str, Client]]:
    return [*clients.members.items(), (clients.host.context, clients.host)]


def _name_of(clients: Clients, facts: FleetFacts, world: ClusterFacts) -> str:
    return clients.host.context if world is facts.host else world.name


def _read_seatbelts(clients: Clients, keys: Sequence[str] = seatbelt.KINDS) -> Iterator[tuple[str, ClusterFacts]]:
    for name, cluster in _clients_by_name(clients):
        yield name, _readable_facts(cluster, name, keys)


def _readable_facts(cluster: Client, name: str, keys: Sequence[str]) -> ClusterFacts:
    """The objects of these types. Raises Unknown if any of these could not be read; gaps of other types are ignored."""
    world = reading.read_types(cluster, name, keys)
    groups = {key.partition(".")[2] for key in keys}
    for gap in world.gaps:
        if gap_concerns(gap, groups):
            why = gap.why.rstrip(".")
            raise Unknown(f"{gap.what} of {name} could not be read: {why}. {LOOK} Then run the same command again.")
    return world
