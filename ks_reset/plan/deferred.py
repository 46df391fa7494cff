"""Deferred plans: for members left for later. They name a cluster and no objects; `plan FILE` completes them.

Such a member must not be touched on the day of the plan, or does not answer then.
"""

import shlex
from collections.abc import Iterable
from pathlib import Path

from msgspec import structs

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL, KUBEFED_HOST_NAME
from ks_reset.errors import Refused, Stale
from ks_reset.facts.federation import identity_by_record
from ks_reset.model import FleetFacts, Material, Options, Plan, PlanCluster
from ks_reset.plan.file import SCHEMA, digest_of
from ks_reset.plan.playbook import load_playbook


def deferred_plans(plan: Plan, facts: FleetFacts) -> Iterable[Plan]:
    """An open plan for each cluster left out of a plan, to be completed with that cluster alone.

    After an uninstall it is an uninstall of the cluster; after a record was forgotten, it removes the host's marks.
    """
    names = plan.request.later if plan.scope == "fleet" else plan.request.members if plan.scope == "record" else ()
    book = load_playbook("uninstall" if plan.scope == "fleet" else "adopt-member")
    for name in names:
        request = structs.replace(
            plan.request, records=(), members=("none",), later=(), shared=(), gone=_accounts_of(facts, name), watch=0
        )
        steps = tuple(entry.step for entry in book.steps)
        about = (SCHEMA, plan.tool, plan.made, book.name, book.scope, request, Material(), steps)
        deferred = Plan(*about, clusters=(_recorded_cluster(facts, name),), actions=(), open=True)
        yield structs.replace(deferred, digest=digest_of(deferred))


def unnamed_members(facts: FleetFacts, options: Options) -> tuple[str, ...]:
    """The members left out without being named: they have records, and no cluster read here belongs to them."""
    host, known = facts.host, {world.identity for world in facts.clusters}
    recorded = {dial.record for dial in host.dials}
    reached = identity_by_record(host.dials, host.connections)
    silent = [d.record for d in host.dials if reached[d.record] not in known]
    silent = [record for record in silent if not facts.identity_of_member(record)]
    alone = [c for c in host.of(CLUSTER_KEY) if c.name not in recorded and HOST_ROLE_LABEL not in c.labels]
    names = [*silent, *(c.name for c in alone if (c.body.get("status") or {}).get("uid") not in known)]
    return tuple(name for name in names if not options.request.works_on(name) and name not in options.request.later)


def require_same_cluster(plan: Plan, facts: FleetFacts) -> None:
    """Raises Stale if the host is not the cluster of an open plan."""
    wanted, identity = plan.clusters[-1], facts.host.identity
    if wanted.identity and wanted.identity != identity:
        raise Stale(
            f"The plan was saved for {wanted.name} with identity {wanted.identity}, but the context "
            f"{facts.host.context} reaches {identity}. Nothing was sent. Run the same command again with "
            f"the --context that reaches {wanted.name}."
        )


def require_objects(plan: Plan, file: Path) -> None:
    """Raises Refused for an open plan, with the command that completes this file: it names no objects to approve."""
    if plan.open:
        name = plan.clusters[-1].name
        raise Refused(
            f"This plan names the cluster {name} and no objects yet: it was left for later when the plan was made. "
            f"With the context that reaches {name}: ks-reset plan {shlex.quote(str(file))} --context CONTEXT "
            "--out now.json, read it, then ks-reset apply now.json --context CONTEXT."
        )


def _recorded_cluster(facts: FleetFacts, name: str) -> PlanCluster:
    """A cluster from its records: the UID in the status of its Cluster, the address of its record."""
    cluster = facts.host.get(CLUSTER_KEY, name)
    status = (cluster.body.get("status") or {}) if cluster else {}
    dial = next((d for d in (*facts.host.dials, *facts.host.connections) if d.record == name), None)
    endpoint = dial.endpoint if dial else ""
    return PlanCluster(str(status.get("uid", "")), name, "", endpoint, str(status.get("kubernetesVersion", "")), "host")


def _accounts_of(facts: FleetFacts, name: str) -> tuple[str, ...]:
    return tuple(
        sorted({d.account or f"{name}-{KUBEFED_HOST_NAME}" for d in facts.host.dials if d.record == name})
    ) or (f"{name}-{KUBEFED_HOST_NAME}",)
