"""Random fleets of two clusters: objects, owners, federated objects with their placement, and deeds."""

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from msgspec import Struct

PLAIN = ("ConfigMap", "Secret", "Service", "Nut", "Bolt", "Big")
"""Kinds of objects; Nut and Bolt are namespaced custom types, Big is cluster-scoped."""
CLUSTERS = ("host", "test")
POLICIES = ("Background", "Background", "Background", "Foreground", "Orphan")
ODD = ("absent", "old", "unserved", "elsewhere")
"""Owners that do not live: of a name that is not there, with another UID, of an unserved type, in another namespace."""
SIZE = 40
CHECKS = list(HealthCheck)


class Thing(Struct, frozen=True):
    """One object. `owners` are indexes of things of its cluster, or one of ODD; `blocks` their blockOwnerDeletion."""

    cluster: str
    kind: str
    space: int
    owners: tuple[int | str, ...]
    blocks: bool
    held: bool


class Spread(Struct, frozen=True):
    """A federated object in the federated namespace; None places it nowhere, "all" by an empty selector."""

    placed: tuple[str, ...] | str | None
    orphan: bool
    there: tuple[str, ...]
    """The clusters where its target is already."""


class Deed(Struct, frozen=True):
    """Delete or release a thing, a namespace, a type or a federated object, or change its placement."""

    what: str
    index: int
    policy: str
    cluster: str = "host"


class Drawn(Struct, frozen=True):
    """`spaces` says of each of the two plain namespaces of each cluster: "", held (a finalizer) or wiped.

    `home` is where the FederatedNamespace is placed; `typed` how many objects the world's own type has, -1 for none.
    """

    things: tuple[Thing, ...]
    spaces: dict[str, tuple[str, str]]
    home: tuple[str, ...] | str | None
    spreads: tuple[Spread, ...]
    typed: int
    typed_held: bool
    deeds: tuple[Deed, ...]


_places = st.sampled_from([None, "all", (), ("host",), ("test",), ("host", "test"), ("host", "test")])


@st.composite
def worlds(draw: st.DrawFn) -> Drawn:
    count = draw(st.integers(SIZE, SIZE + 8))
    owner = st.one_of(st.integers(0, count - 1), st.integers(0, count - 1), st.sampled_from(ODD))
    owners = st.one_of(st.just(()), st.lists(owner, min_size=1, max_size=3, unique=True).map(tuple))
    thing = st.builds(
        Thing,
        st.sampled_from(CLUSTERS),
        st.sampled_from(PLAIN),
        st.integers(0, 1),
        owners,
        st.booleans(),
        st.integers(0, 9).map(lambda n: n == 0),
    )
    space = st.sampled_from(["", "", "", "held", "wiped"])
    spread = st.builds(Spread, _places, st.booleans(), st.sampled_from([(), ("host",), ("test",), ("host", "test")]))
    what = ["thing"] * 3 + ["spread", "home", "type"] * 2 + ["space", "place", "release", "federated-space"]
    deed = st.builds(
        Deed, st.sampled_from(what), st.integers(0, 999), st.sampled_from(POLICIES), st.sampled_from(CLUSTERS)
    )
    return Drawn(
        tuple(draw(st.lists(thing, min_size=count, max_size=count))),
        {name: (draw(space), draw(space)) for name in CLUSTERS},
        draw(_places),
        tuple(draw(st.lists(spread, min_size=1, max_size=4))),
        draw(st.sampled_from([-1, 1, 2])),
        draw(st.booleans()),
        tuple(draw(st.lists(deed, min_size=2, max_size=4))),
    )


def drawn(count: int, number: int) -> list[Drawn]:
    """This number of fleets; the same ones for the same seed."""
    found: list[Drawn] = []

    @seed(number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds())
    def collect(world: Drawn) -> None:
        found.append(world)

    while len(found) < count:
        collect()
    return found[:count]
