"""Read all objects of a type in pages, and refuse a list that is not one."""

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from ks_reset.catalogue.names import COMPONENT_STATUS_KEY, CRD_KIND
from ks_reset.cluster import answers
from ks_reset.cluster.answers import Bodies, ListRules
from ks_reset.cluster.transport import JSON, NotFound, Transport
from ks_reset.errors import ResetError, Unknown
from ks_reset.limits import LIST_ITEMS, LIST_PAGES, LIST_SECONDS
from ks_reset.model import Body, Kind

METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
PAGE = 500
API_SERVICE_KIND = Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", False)


def read_items(transport: Transport, kind: Kind, namespace: str, labels: str, *, metadata_only: bool) -> Bodies:
    """All objects of a type. Raises Gone if the continue token expires, NotFound, or Unknown for any other answer."""
    rules, found = default_rules(kind), Bodies()
    for request, page in _read_pages(transport, kind.path(namespace), labels, METADATA if metadata_only else JSON):
        try:
            found += answers.list_items(request, page, kind, rules)
        except Unknown:
            rules = read_rules(transport, kind)
            found += answers.list_items(request, page, kind, rules)
        if len(found) > LIST_ITEMS:
            raise Unknown(f"{request} has more than {LIST_ITEMS} objects. It counts as unread.")
    if not rules.computed and (uid := answers.repeated_uid(found)) and not read_rules(transport, kind).computed:
        raise Unknown(
            f"The list of {kind.resource} at {transport.server} has two objects with the UID "
            f"{answers.printable_text(uid)}. It counts as unread."
        )
    return found


def default_rules(kind: Kind) -> ListRules:
    """The rules of a type kept in etcd: `<Kind>List`, and a UID for each item.

    ComponentStatuses are asked of the components (kubernetes v1.24.17, pkg/registry/core/componentstatus/rest.go).
    """
    return ListRules((f"{kind.kind}List",), computed=kind.key == COMPONENT_STATUS_KEY)


def read_rules(transport: Transport, kind: Kind) -> ListRules:
    """The rules of a type with an unusual list, by its APIService or its CustomResourceDefinition.

    A service behind its group may compute its objects. A CustomResourceDefinition may name its lists freely
    (apiextensions-apiserver v0.34.4, pkg/apis/apiextensions/v1/types.go, CustomResourceDefinitionNames.listKind).
    """
    usual = default_rules(kind)
    if not kind.group:
        return usual
    service = _read_about(transport, API_SERVICE_KIND, f"{kind.version}.{kind.group}")
    if service.get("service"):
        return ListRules(usual.names, computed=True)
    listed = (_read_about(transport, CRD_KIND, f"{kind.plural}.{kind.group}").get("names") or {}).get("listKind")
    return ListRules((*usual.names, str(listed))) if listed else usual


def _read_about(transport: Transport, kind: Kind, name: str) -> Body:
    """The spec of an object; {} if it cannot be read."""
    path = kind.path("", name)
    try:
        body = answers.require_object(f"GET {transport.server}{path}", transport.request("GET", path), kind, name)
    except (NotFound, ResetError):
        return {}
    spec = body.get("spec")
    return spec if isinstance(spec, dict) else {}


def _read_pages(transport: Transport, path: str, labels: str, accept: str) -> Iterator[tuple[str, Body]]:
    """Each page with its request. Raises Unknown for a repeated continue token, or too many pages."""
    token, tokens, deadline = "", set[str](), time.monotonic() + LIST_SECONDS
    for _ in range(LIST_PAGES):
        query = {"limit": str(PAGE), "labelSelector": labels, "continue": token}
        url = f"{path}?{urlencode({k: v for k, v in query.items() if v})}"
        page = transport.request("GET", url, accept=accept)
        request = f"GET {transport.server}{path}"
        yield request, page
        token = answers.continue_token(request, page)
        if not token:
            return
        if token in tokens:
            raise Unknown(f"{request} leads to a page that was read already, so it has no end. It counts as unread.")
        tokens.add(token)
        if time.monotonic() > deadline:
            raise Unknown(f"{request} had no end after {LIST_SECONDS:.0f} s. It counts as unread.")
    raise Unknown(f"GET {transport.server}{path} has more than {LIST_PAGES} pages. It counts as unread.")
