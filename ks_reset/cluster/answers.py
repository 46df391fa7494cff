"""Whether an answer is what was asked for; any other answer leaves the question open.

`{}`, a Status or the page of a proxy, answered with 200, is neither an empty list nor an absent object. Each function
takes the request for its message, and raises Unknown.

Sources, the same in kubernetes v1.24.17 and v1.34.4 unless they say otherwise; paths are below staging/src/k8s.io.
"""

import re
from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct

from ks_reset.catalogue.names import ACCESS_REVIEW_KIND
from ks_reset.errors import Unknown
from ks_reset.model import Body, Kind

META_GROUP = "meta.k8s.io"
METADATA_ITEM = "PartialObjectMetadata"
METADATA_LIST = f"{METADATA_ITEM}List"
SHOWN = 120
"""Characters of an answer shown in a message."""
HIDDEN = {"data", "stringData", "binaryData", "spec", "annotations"}
"""Fields that may hold credentials; their values are not shown."""
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]*")
Bodies = list[Body]


class ListRules(Struct, frozen=True):
    """What a type's lists may look like.

    `names` are the accepted kinds of the list. Objects of a `computed` type are made for each answer: they may have no
    UID or share one, and null stands for no items.

    PackageManifests have no UID, and one name for several catalogs (operator-lifecycle-manager,
    pkg/package-server/provider/registry.go); ImageStreamTags have the UID of their ImageStream (openshift-apiserver,
    pkg/image/apiserver/registry/imagestreamtag/rest.go, newISTag).
    """

    names: tuple[str, ...]
    computed: bool = False


def printable_text(text: str, limit: int = SHOWN) -> str:
    """The first printable characters of a text; escapes and line ends become spaces."""
    kept = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * limit]).split())
    return kept if len(kept) <= limit else f"{kept[:limit]}…"


def unlike(request: str, wanted: str, wrong: str, body: Any) -> Unknown:
    """The error for an answer of another shape."""
    shown = printable_text(msgspec.json.encode(_without_contents(body)).decode())
    return Unknown(
        f"{request} was not answered with {wanted}: {wrong}; the answer was {shown}. It counts as unread. "
        "See what answers at this address: a proxy, or an API server that is not sound."
    )


def require_object(request: str, body: Body, kind: Kind, name: str) -> Body:
    """The object with this kind, group and name."""
    wanted = f"the {kind.kind} {name}"
    _require_type(request, wanted, body, (kind.kind,), kind.group)
    if _metadata(body).get("name") != name:
        raise unlike(request, wanted, "it has another name", body)
    return body


def list_items(request: str, body: Body, kind: Kind, rules: ListRules) -> Bodies:
    """The items of one page, each with a name and a UID.

    A list of metadata has kind PartialObjectMetadataList; a server without that form answers with the ordinary list
    (kubernetes, staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go). The same file replaces null by [] in
    every ordinary list, and leaves null in an empty list of metadata (asPartialObjectMetadataList). An item has no kind
    of its own, or that of the type (apimachinery/pkg/runtime/converter.go; apiextensions-apiserver for its types).
    """
    wanted = f"a {rules.names[0]}"
    metadata_only = body.get("kind") == METADATA_LIST
    names, group = ((METADATA_LIST,), META_GROUP) if metadata_only else (rules.names, kind.group)
    _require_type(request, wanted, body, names, group)
    items = body.get("items", "")
    if items is None and (metadata_only or rules.computed):
        return []
    if not isinstance(items, list):
        raise unlike(request, wanted, "it has no array of items", body)
    item_kind, item_group = (METADATA_ITEM, META_GROUP) if metadata_only else (kind.kind, kind.group)
    for item in items:
        about = _metadata(item)
        if not _is_text(about.get("name")) or not (_is_text(about.get("uid")) or rules.computed):
            raise unlike(request, wanted, "an item of it has no name or no UID", item)
        if not rules.computed and ("kind" in item or "apiVersion" in item):
            _require_type(request, f"a list with {item_kind} objects alone", item, (item_kind,), item_group)
    return items


def repeated_uid(items: Bodies) -> str:
    """A UID of two items, "" for none. The pages of a list are of one moment, so no object is on two of them."""
    counted = Counter(item["metadata"]["uid"] for item in items)
    return next((uid for uid, count in counted.items() if count > 1), "")


def continue_token(request: str, body: Body) -> str:
    """The token of the next page; "" after the last one.

    Every list has metadata, and the last page no remaining items (apimachinery/pkg/apis/meta/v1/types.go, ListMeta).
    """
    about = body.get("metadata")
    if not isinstance(about, dict):
        raise unlike(request, "a list", "it has no metadata, so nothing says that it is complete", body)
    token = about.get("continue", "")
    if not isinstance(token, str):
        raise unlike(request, "a list", "its continue token is not a text", body)
    if not token and about.get("remainingItemCount"):
        raise unlike(request, "a list", "items remain, and no continue token leads to them", body)
    return token


def core_versions(request: str, body: Body) -> list[str]:
    """The versions of /api. Every API server has v1 there (apimachinery/pkg/apis/meta/v1/types.go, APIVersions)."""
    wanted = "APIVersions"
    versions = body.get("versions")
    if body.get("kind") != wanted or not isinstance(versions, list) or "v1" not in versions:
        raise unlike(request, wanted, "it has another kind, or no version v1", body)
    return [str(version) for version in versions]


def group_versions(request: str, body: Body) -> list[tuple[str, str]]:
    """Every group and version of /apis, a group's preferred version first.

    An API server always has groups, at least apiregistration.k8s.io (kube-aggregator/pkg/apiserver/handler_apis.go).
    """
    wanted = "an APIGroupList"
    groups = body.get("groups")
    if body.get("kind") != "APIGroupList" or not isinstance(groups, list) or not groups:
        raise unlike(request, wanted, "it has another kind, or no groups", body)
    found: list[tuple[str, str]] = []
    for group in groups:
        try:
            versions = [version["version"] for version in group["versions"]]
            if not versions:
                raise KeyError("versions")
            preferred = (group.get("preferredVersion") or {}).get("version")
            found += [(group["name"], v) for v in sorted(versions, key=lambda v: v != preferred)]
        except (AttributeError, KeyError, TypeError):
            raise unlike(request, wanted, "a group of it has no name or no versions", group) from None
    if not all(_is_word(name) and _is_word(version) for name, version in found):
        raise unlike(request, wanted, "a group of it has no name or no versions", body)
    return found


def group_resources(request: str, body: Body, group_version: str) -> Bodies:
    """The resources of a group version; null stands for none, but v1 always has namespaces."""
    wanted = f"the APIResourceList of {group_version}"
    resources = body.get("resources", "") or []
    if body.get("kind") != "APIResourceList" or body.get("groupVersion") != group_version:
        raise unlike(request, wanted, "it has another kind or group version", body)
    if "resources" not in body or not isinstance(resources, list) or not all(map(_is_resource, resources)):
        raise unlike(request, wanted, "a resource has no name, kind, scope or verbs", body)
    if group_version == "v1" and not any(resource["name"] == "namespaces" for resource in resources):
        raise unlike(request, wanted, "it has no namespaces", body)
    return resources


def git_version(request: str, body: Body) -> str:
    """The `gitVersion` of /version, such as v1.24.17."""
    version = body.get("gitVersion")
    if not isinstance(version, str) or not version:
        raise unlike(request, "a version", "it has no gitVersion", body)
    return version


def is_allowed(request: str, body: Body) -> bool:
    """`status.allowed` of an access review, present in each one (api/authorization/v1/types.go: without omitempty)."""
    wanted = f"a {ACCESS_REVIEW_KIND.kind}"
    _require_type(request, wanted, body, (ACCESS_REVIEW_KIND.kind,), ACCESS_REVIEW_KIND.group)
    status = body.get("status")
    allowed = status.get("allowed") if isinstance(status, dict) else None
    if not isinstance(allowed, bool):
        raise unlike(request, wanted, "it does not say whether the request is allowed", body)
    return allowed


def _require_type(request: str, wanted: str, body: Body, kinds: tuple[str, ...], group: str) -> None:
    found, version = body.get("kind"), body.get("apiVersion")
    if found not in kinds:
        raise unlike(request, wanted, f"its kind is {printable_text(str(found))}" if found else "it has no kind", body)
    if not isinstance(version, str) or version.rpartition("/")[0] != group or not version:
        raise unlike(request, wanted, f"its apiVersion is not one of the group '{group}'", body)


def _metadata(body: Any) -> Body:
    about = body.get("metadata") if isinstance(body, dict) else None
    return about if isinstance(about, dict) else {}


def _is_resource(resource: Any) -> bool:
    return (
        isinstance(resource, dict)
        and _is_word(resource.get("name"))
        and _is_word(resource.get("kind"))
        and isinstance(resource.get("namespaced"), bool)
        and _has_verbs(resource)
    )


def _has_verbs(resource: Body) -> bool:
    """Whether it says what can be done with it: without verbs it cannot be told whether there are objects to list.

    A subresource may have none (apimachinery/pkg/apis/meta/v1/types.go, APIResource: verbs without omitempty).
    """
    verbs = resource.get("verbs")
    if verbs is None and "/" in resource["name"]:
        return True
    return isinstance(verbs, list) and bool(verbs) and all(map(_is_text, verbs))


def _is_word(value: Any) -> bool:
    """Whether this is the name of a type, a group or a version: commands in messages have it as a word."""
    return isinstance(value, str) and WORD.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _without_contents(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: "…" if key in HIDDEN else _without_contents(value) for key, value in body.items()}
    return [_without_contents(item) for item in body[:3]] if isinstance(body, list) else body
