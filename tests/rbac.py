"""A fake of the RBAC authorizer: whether roles allow a request, as the API server decides it.

After kubernetes v1.34.4, plugin/pkg/auth/authorizer/rbac/rbac.go (RuleAllows) and
pkg/apis/rbac/v1/evaluation_helpers.go; a request of HTTP is read as in
staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go (NewRequestInfo). Bindings are taken as made: each
role is bound to the account, a Role in its own namespace (pkg/registry/rbac/validation/rule.go, VisitRulesFor).
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from ks_reset.model import Body

VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Attributes(Struct, frozen=True, order=True):
    """A request as an authorizer sees it: of a resource or, with a path, of a non-resource URL."""

    verb: str
    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Rbac:
    """The authorizer of a cluster whose only roles are these, all bound to the account that asks."""

    def __init__(self, objects: Iterable[Body]) -> None:
        self.roles = [each for each in objects if each["kind"] in ("ClusterRole", "Role")]

    def allows(self, asked: Attributes) -> bool:
        """Whether a rule that applies in the namespace of the request allows it."""
        applied = (r for r in self.roles if r["metadata"].get("namespace", "") in ("", asked.namespace))
        return any(_rule_allows(rule, asked) for role in applied for rule in role["rules"])

    def single_grants(self) -> Iterator[tuple[Body, "Rbac"]]:
        """Each verb on each resource, object or URL of each rule, with these roles less that one grant."""
        for role in self.roles:
            grants = [each for rule in role["rules"] for each in _parts_of(rule)]
            others = [each for each in self.roles if each is not role]
            for each in grants:
                rest = {**role, "rules": [rule for rule in grants if rule is not each]}
                yield each, Rbac([*others, rest])


def attributes_of(method: str, target: str) -> Attributes:
    """The attributes of a request by its method and path; GET on a collection is `list`."""
    parts = [unquote(part) for part in urlsplit(target).path.strip("/").split("/")]
    is_group = parts[0] == "apis"
    if parts[0] not in ("api", "apis") or len(parts) < (4 if is_group else 3):
        return Attributes(method.lower(), path=urlsplit(target).path)
    group, rest = (parts[1], parts[3:]) if is_group else ("", parts[2:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace, rest = (rest[1], rest[2:] if len(rest) > 2 and rest[2] not in ("finalize", "status") else rest)
    resource, name, subresource = (*rest, "", "")[:3]
    verb = VERBS.get(method) or ("get" if name else "list")
    return Attributes(verb, group, f"{resource}/{subresource}" if subresource else resource, namespace, name)


def _rule_allows(rule: Body, asked: Attributes) -> bool:
    if not _matches(rule["verbs"], asked.verb):
        return False
    if asked.path:
        return any(_url_matches(url, asked.path) for url in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames") or ()
    return (
        _matches(rule.get("apiGroups") or (), asked.group)
        and _resource_matches(rule.get("resources") or (), asked.resource)
        and (not names or asked.name in names)
    )


def _matches(given: Iterable[str], asked: str) -> bool:
    return bool({"*", asked} & {*given})


def _resource_matches(given: Iterable[str], asked: str) -> bool:
    subresource = asked.partition("/")[2]
    return _matches(given, asked) or (bool(subresource) and f"*/{subresource}" in given)


def _url_matches(given: str, asked: str) -> bool:
    return given in ("*", asked) or (given.endswith("*") and asked.startswith(given.rstrip("*")))


def _parts_of(rule: Body) -> Iterator[dict[str, Any]]:
    """Rules that grant together what this one grants, each a single verb on a single resource, object or URL."""
    for verb in rule["verbs"]:
        for url in rule.get("nonResourceURLs") or ():
            yield {"nonResourceURLs": [url], "verbs": [verb]}
        for group in rule.get("apiGroups") or ():
            for resource in rule["resources"]:
                for name in rule.get("resourceNames") or (None,):
                    named = {"resourceNames": [name]} if name else {}
                    yield {"apiGroups": [group], "resources": [resource], **named, "verbs": [verb]}
