"""Deletions of a plan by name, and the content without a way back."""

from collections import Counter
from collections.abc import Iterable

from ks_reset.catalogue.names import (
    API_SERVICE_KEY,
    CLUSTER_KEY,
    CONFIG_MAP_KEY,
    KUBEFED_CLUSTER_KEY,
    MUTATING_WEBHOOK_KEY,
    NAMESPACE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    PERSISTENT_VOLUME_KEY,
    SECRET_KEY,
    VALIDATING_WEBHOOK_KEY,
)
from ks_reset.model import Delete, Plan

NAMED = {
    NAMESPACE_KEY: "namespaces",
    KUBEFED_CLUSTER_KEY: "records of kubefed",
    CLUSTER_KEY: "records of KubeSphere",
    VALIDATING_WEBHOOK_KEY: "webhooks",
    MUTATING_WEBHOOK_KEY: "webhooks",
    API_SERVICE_KEY: "API services",
    PERSISTENT_VOLUME_CLAIM_KEY: "claims",
    PERSISTENT_VOLUME_KEY: "volumes",
}
"""The types that a plan names one by one, with the word for them."""
UNRECORDED = {SECRET_KEY: "Secret", CONFIG_MAP_KEY: "ConfigMap", PERSISTENT_VOLUME_CLAIM_KEY: "claim"}
"""Objects whose content is in no journal: Secrets are read as metadata, data of ConfigMaps as digests, volumes not."""


def deletion_lines(plan: Plan) -> Iterable[str]:
    """`deletes on host: namespaces kubesphere-system, kubekey-system`: a line for each cluster and word."""
    found: dict[tuple[str, str], list[str]] = {}
    clusters = {cluster.identity: cluster.name for cluster in plan.clusters}
    for action in plan.actions:
        if isinstance(action, Delete) and (word := NAMED.get(action.kind.key)):
            where = f"{action.namespace}/" if action.namespace else ""
            found.setdefault((clusters[action.cluster], word), []).append(f"{where}{action.name}")
    for (cluster, word), names in sorted(found.items()):
        yield f"deletes on {cluster}: {word} {', '.join(sorted(names))}"


def folded_deletion_lines(plan: Plan) -> Iterable[str]:
    """`deletes on host: 61 more: 26 CustomResourceDefinition, 17 Role`: a line for each cluster, of unnamed types."""
    clusters = {cluster.identity: cluster.name for cluster in plan.clusters}
    counts: dict[str, Counter[str]] = {}
    for action in plan.actions:
        if isinstance(action, Delete) and action.kind.key not in NAMED:
            counts.setdefault(clusters[action.cluster], Counter())[action.kind.kind] += 1
    for cluster, kinds in sorted(counts.items()):
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        yield f"deletes on {cluster}: {kinds.total()} of other types (show PLAN --step N names each): {listed}"


def first_without_return(plan: Plan) -> str:
    """The first step with deletions of unrecorded content; "" for none."""
    gone = _unrecorded(plan)
    return next((step for step in plan.steps if step in gone), "")


def lines_on_no_return(plan: Plan) -> Iterable[str]:
    """Sentences: the first step with deletions of unrecorded content, counts, and commands to keep it; or none."""
    gone = _unrecorded(plan)
    if not gone:
        return
    first = first_without_return(plan)
    words = [word for found in gone.values() for word in found]
    counts = ", ".join(f"{words.count(word)} {word}(s)" for word in dict.fromkeys(UNRECORDED.values()) if word in words)
    volumes = " Keep the data in claims by a backup of your own." if "claim" in words else ""
    yield (
        f"No way back from step {first} on ({plan.steps.index(first) + 1} of {len(plan.steps)}): the content of "
        f"{counts} is in no journal. Keep Secrets, ConfigMaps and password hashes before it: ks-reset vault -r AGE-KEY "
        f"--out vault.age. Keep everything else that was read: ks-reset snapshot --out before.json.gz.{volumes}"
    )


def _unrecorded(plan: Plan) -> dict[str, list[str]]:
    """By step a word for each deleted object with unrecorded content."""
    gone: dict[str, list[str]] = {}
    for action in plan.actions:
        if isinstance(action, Delete) and action.kind.key in UNRECORDED:
            gone.setdefault(action.step, []).append(UNRECORDED[action.kind.key])
    for effect in plan.foreseen:
        key = effect.object.partition(" ")[0]
        if effect.fate == "deleted" and key in UNRECORDED:
            gone.setdefault(effect.step, []).append(UNRECORDED[key])
    return gone
