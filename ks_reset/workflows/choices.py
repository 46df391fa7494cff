"""What the flags of a plan name: members, namespaces, objects, operators and types, each of which must be there.

A name without anything behind it is a mistake, and the plan would do something else than meant. Where a cluster or a
list was not read it may be there; then the name is taken as it is, and the caller is told so.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches

from msgspec import Struct

from ks_reset.catalogue import load_catalogue
from ks_reset.catalogue.names import CLUSTER_KEY, CRD_KEY, KUBEFED_CLUSTER_KEY, NAMESPACE_KEY
from ks_reset.errors import Absent
from ks_reset.facts.crds import own_types
from ks_reset.facts.given_up import discard_key
from ks_reset.facts.kept import discarded_types
from ks_reset.facts.operators import RUNS_AS, bundled_operators
from ks_reset.findings.watched import gaps_of_type
from ks_reset.model import ClusterFacts, FleetFacts, Request
from ks_reset.workflows.remembered_joins import plans_on_host

NEAREST = 5


class Subject(Struct, frozen=True):
    """What a flag names, the lists that tell, and the names on one cluster."""

    what: str
    lists: tuple[str, ...]
    names: Callable[[ClusterFacts], set[str]]


class Choice(Struct, frozen=True):
    """A value of a flag that names nothing read: `unread` says what may have it, `there` are the names read."""

    flag: str
    value: str
    what: str
    unread: str
    there: frozenset[str]


def _record_names(cluster: ClusterFacts) -> set[str]:
    dialled = {dial.record for dial in (*cluster.dials, *cluster.connections)}
    return dialled | {record.name for key in (CLUSTER_KEY, KUBEFED_CLUSTER_KEY) for record in cluster.of(key)}


def _namespace_names(cluster: ClusterFacts) -> set[str]:
    """Those of objects too: some are left in a namespace that does not exist."""
    return {namespace.name for namespace in cluster.of(NAMESPACE_KEY)} | {obj.namespace for obj in cluster.all()}


def _type_names(cluster: ClusterFacts) -> set[str]:
    return {crd.name for crd in own_types(cluster)}


def _operator_names(cluster: ClusterFacts) -> set[str]:
    return set(bundled_operators(cluster))


def _object_names(cluster: ClusterFacts) -> set[str]:
    return {discard_key(obj) for obj in cluster.all()}


MEMBER = Subject("member or record", (CLUSTER_KEY, KUBEFED_CLUSTER_KEY), _record_names)
NAMESPACE = Subject("namespace", (NAMESPACE_KEY,), _namespace_names)
OPERATOR = Subject("workload of an operator", RUNS_AS, _operator_names)
TYPE = Subject("CustomResourceDefinition", (CRD_KEY,), _type_names)
FLAGS: dict[str, tuple[str, Subject | None]] = {
    "--later": ("later", MEMBER),
    "--delete-data": ("data", NAMESPACE),
    "--keep-operator": ("kept_operators", OPERATOR),
    "--without-operator": ("forgone_operators", OPERATOR),
    "--keep-type": ("kept_types", TYPE),
    "--discard": ("discard", None),
}
"""By flag: its field of the request, and its subject; None where the value itself tells."""


def require_present(
    playbook: str, facts: FleetFacts, request: Request, before: Request, named: Iterable[str] = ()
) -> None:
    """Raises Absent for a value that names nothing on any cluster. Those of `before` are not asked again.

    `named` are the members with a context, read or not.
    """
    for choice in names_of_nothing(facts, request, before, named):
        if not choice.unread:
            raise Absent(
                f"{choice.flag} {choice.value}: {_nothing(facts, choice)}. {_what_there_is(choice)} Without the flag: "
                f"ks-reset plan {playbook} --out {playbook}.json",
                choice.flag,
                choice.value,
            )


def _nothing(facts: FleetFacts, choice: Choice) -> str:
    names = ", ".join(cluster.name for cluster in facts.clusters)
    if choice.what != OPERATOR.what:
        return f"no {choice.what} of this name is on {names}"
    home = next(entry.namespace for entry in load_catalogue().operators if entry.name == choice.value)
    return f"no workload of it is in {home} on {names}"


def untold_names(facts: FleetFacts, request: Request, before: Request, named: Iterable[str] = ()) -> list[str]:
    """A sentence for each value that was not found, and may be in what was not read."""
    return [
        f"{choice.flag} {choice.value}: no {choice.what} of this name was read. Whether it is there cannot be told: "
        f"{choice.unread}."
        for choice in names_of_nothing(facts, request, before, named)
        if choice.unread
    ]


def names_of_nothing(
    facts: FleetFacts, request: Request, before: Request, named: Iterable[str] = ()
) -> Iterable[Choice]:
    """Each value of a flag that none of the names read has, and none of the plans that have run on this host."""
    earlier = (before, *(plan.request for plan in plans_on_host(facts.host.identity)))
    for flag, (field, subject) in FLAGS.items():
        for value in dict.fromkeys(getattr(request, field)):
            if any(value in getattr(known, field) for known in earlier):
                continue
            asked = subject or _subject_of(value, request)
            clusters = (facts.host,) if asked is MEMBER else facts.clusters
            there = {name for cluster in clusters for name in asked.names(cluster)}
            if asked is MEMBER:
                there |= {
                    *named,
                    *(member.name for member in facts.members),
                    *(member.name for member in facts.missing),
                }
            if value not in there:
                yield Choice(flag, value, asked.what, _unread(facts, request, asked), frozenset(there))


def _subject_of(value: str, request: Request) -> Subject:
    """What a value of --discard names: a type, an object, or a namespace."""
    if value in discarded_types(request):
        return TYPE
    return Subject("object", (value.partition("/")[0],), _object_names) if "/" in value else NAMESPACE


def _unread(facts: FleetFacts, request: Request, asked: Subject) -> str:
    """What was not read and may have the name; "" for nothing."""
    if asked is not MEMBER and (silent := [*(m.name for m in facts.missing), *request.later]):
        return f"{', '.join(dict.fromkeys(silent))} was not read"
    clusters = (facts.host,) if asked is MEMBER else facts.clusters
    gaps = {f"{gap.what} of {c.name}" for c in clusters for key in asked.lists for gap in gaps_of_type(c, key)}
    if asked is OPERATOR:  # its types count as well as its workload
        gaps |= {f"{gap.what} of {c.name}" for c in clusters for gap in c.gaps}
    return f"{', '.join(sorted(gaps))} was not read" if gaps else ""


def _what_there_is(choice: Choice) -> str:
    """The names that are like the value, else the first of all; of objects those of the same type."""
    kind, slash, _ = choice.value.partition("/")
    names = sorted(name for name in choice.there if name and (not slash or name.startswith(f"{kind}/")))
    if near := get_close_matches(choice.value, names, NEAREST):
        return f"Did you mean: {', '.join(near)}?"
    first = names[: 4 * NEAREST]
    more = f", and {len(names) - len(first)} more" if len(names) > len(first) else ""
    return f"There are: {', '.join(first) or 'none'}{more}."


def as_list(names: set[str]) -> str:
    """The names in order, for a message; "none" without one."""
    return ", ".join(sorted(names)) or "none"
