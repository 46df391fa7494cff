"""Permissions as roles of RBAC with their bindings: one ClusterRole, and a Role for each namespace."""

from collections.abc import Iterable, Sequence

from ks_reset.catalogue.names import RBAC_GROUP
from ks_reset.model import Body, Permission

Key = tuple[str, tuple[str, ...], tuple[str, ...]]
"""API group, verbs and names of a rule: its resources have them in common."""


def role_objects(
    name: str, permissions: Iterable[Permission], subject: Body | None = None, urls: Sequence[str] = ()
) -> list[Body]:
    """The roles of this name that grant these permissions and GET on these non-resource URLs, and nothing else.

    With a subject, each role is followed by its binding.
    """
    given = list(permissions)
    objects = list[Body]()
    for namespace in sorted({each.namespace for each in given} | {""}):
        rules = [*rules_of(each for each in given if each.namespace == namespace)]
        rules += [{"nonResourceURLs": list(urls), "verbs": ["get"]}] if urls and not namespace else []
        if rules:
            objects += _bound_role(name, namespace, rules, subject)
    return objects


def rules_of(permissions: Iterable[Permission]) -> Iterable[Body]:
    """The rules that grant these permissions; a permission on all objects of a type includes those on one of them."""
    verbs: dict[tuple[str, str], dict[str, set[str]]] = {}
    for each in permissions:
        verbs.setdefault((each.kind.group, each.kind.plural), {}).setdefault(each.name, set()).add(each.verb)
    rules: dict[Key, list[str]] = {}
    for (group, plural), by_name in sorted(verbs.items()):
        for words, names in _by_verbs(by_name):
            rules.setdefault((group, words, names), []).append(plural)
    for (group, words, names), plurals in rules.items():
        named = {"resourceNames": list(names)} if names else {}
        yield {"apiGroups": [group], "resources": plurals, **named, "verbs": list(words)}


def _by_verbs(by_name: dict[str, set[str]]) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Verbs with the names of their objects, () for all objects of the type."""
    wide = by_name.get("", set())
    if wide:
        yield tuple(sorted(wide)), ()
    names: dict[tuple[str, ...], list[str]] = {}
    for name, words in sorted(by_name.items()):
        if name and words - wide:
            names.setdefault(tuple(sorted(words - wide)), []).append(name)
    for each, of in names.items():
        yield each, tuple(of)


def _bound_role(name: str, namespace: str, rules: list[Body], subject: Body | None) -> Iterable[Body]:
    kind, meta = ("Role", {"name": name, "namespace": namespace}) if namespace else ("ClusterRole", {"name": name})
    yield {"apiVersion": f"{RBAC_GROUP}/v1", "kind": kind, "metadata": meta, "rules": rules}
    if subject:
        reference = {"apiGroup": RBAC_GROUP, "kind": kind, "name": name}
        bound = {"roleRef": reference, "subjects": [subject]}
        yield {"apiVersion": f"{RBAC_GROUP}/v1", "kind": f"{kind}Binding", "metadata": meta, **bound}
