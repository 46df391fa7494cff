"""Random tenants of a KubeSphere fleet of two clusters: a template, its Workspaces, their namespaces, and deeds."""

from random import Random

from msgspec import Struct, structs

CLUSTERS = ("host", "test")
PLACEMENTS = ("host", "test", "both", "both", "all", "empty", "nowhere", "match", "mismatch")
OWNERS = (*("",) * 5, *("workspace",) * 5, "old", "template", "both")
"""`old` has a UID no object has, `both` is the Workspace and a ConfigMap that is gone."""
DEEDS = (
    "delete template",
    "orphan template",
    "place",
    "place",
    "delete federated",
    "delete workspace",
    "label",
    "unlabel",
)
POLICIES = ("", "", "Orphan", "Background", "Foreground")


class Space(Struct, frozen=True):
    """A namespace: its Workspace label (`own`, `other` or none), owner, kubefed's label, and finalizers."""

    label: str
    owner: str
    managed: bool
    held: bool
    marked: bool


class Room(Struct, frozen=True):
    """The Workspace in one cluster: whether it is there, kubefed's label, its finalizer and its annotation."""

    there: bool
    managed: str
    marked: bool
    policy: str


class Deed(Struct, frozen=True):
    what: str
    cluster: str
    index: int
    placed: str


class Tenant(Struct, frozen=True):
    """`template` and `federated` are placements, "" for none of that object."""

    template: str
    finalizers: tuple[str, ...]
    policy: str
    federated: str
    adopted: bool
    rooms: dict[str, Room]
    spaces: dict[str, tuple[Space, ...]]
    deeds: tuple[Deed, ...]


def drawn(count: int, seed: int) -> list[Tenant]:
    """This number of tenants; the same ones for the same seed."""
    chance = Random(seed)
    return [_tenant(chance) for _ in range(count)]


def joinable(tenant: Tenant) -> Tenant:
    """The tenant without what lets KubeSphere 3.3.1 refuse to join the member: a managed Workspace not placed there."""
    if not {tenant.template, tenant.federated} & {"host", "empty"}:
        return tenant
    rooms = {**tenant.rooms, "test": structs.replace(tenant.rooms["test"], managed="")}
    deeds = tuple(each for each in tenant.deeds if each.what != "place")
    return structs.replace(tenant, rooms=rooms, deeds=deeds)


def _tenant(chance: Random) -> Tenant:
    template = chance.choice(("", *PLACEMENTS, *PLACEMENTS))
    federated = chance.choice(("", "", template, template, template, *PLACEMENTS))
    finalizers = chance.choice(((), ("main",), ("main",), ("main",), ("orphan",), ("main", "orphan")))
    return Tenant(
        template,
        finalizers,
        chance.choice(POLICIES),
        federated,
        chance.random() < 0.7,
        {cluster: _room(chance) for cluster in CLUSTERS},
        {cluster: tuple(_space(chance) for _ in range(chance.randint(1, 2))) for cluster in CLUSTERS},
        tuple(_deed(chance) for _ in range(chance.randint(1, 3))),
    )


def _room(chance: Random) -> Room:
    managed = chance.choice(("true", "true", "true", "false", ""))
    return Room(chance.random() < 0.75, managed, chance.random() < 0.6, chance.choice(POLICIES))


def _space(chance: Random) -> Space:
    return Space(
        chance.choice(("own", "own", "own", "other", "")),
        chance.choice(OWNERS),
        chance.random() < 0.15,
        chance.random() < 0.1,
        chance.random() < 0.5,
    )


def _deed(chance: Random) -> Deed:
    return Deed(chance.choice(DEEDS), chance.choice(CLUSTERS), chance.randint(0, 9), chance.choice(PLACEMENTS))
