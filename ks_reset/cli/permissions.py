"""ks-reset permissions: the smallest roles for a command that reads, or for a saved plan, as manifests."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.catalogue.names import RBAC_GROUP
from ks_reset.cli import options as o
from ks_reset.cli.terminal import Terminal
from ks_reset.errors import Correction, Exit, Usage, left_out
from ks_reset.facts.permissions import DISCOVERY
from ks_reset.model import Body, ClusterFacts, FleetFacts, Permission, Plan
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.report.roles import role_objects
from ks_reset.report.runbook.shell import as_comment
from ks_reset.report.runbook.sites import as_yaml
from ks_reset.workflows.interaction import gather_facts
from ks_reset.workflows.permissions import chosen_cluster, permissions_to_apply, permissions_to_read, require_reader

NAME = "permissions"
EXAMPLES = ("Example: ks-reset permissions plan.json --serviceaccount ops:ks-reset > roles.yaml",)
What = Annotated[str, typer.Argument(help="A command that only reads, or a file saved with plan --out.")]
In = Annotated[str, typer.Option("--cluster", help="The cluster that the roles are for. [default: the host]")]
Account = Annotated[
    str, typer.Option("--serviceaccount", metavar="NAMESPACE:NAME", help="Bind the roles to this ServiceAccount.")
]
User = Annotated[str, typer.Option("--user", help="Bind the roles to this user.")]
Group = Annotated[str, typer.Option("--group", help="Bind the roles to this group.")]


def command(
    what: What = "doctor",
    cluster: In = "",
    serviceaccount: Account = "",
    user: User = "",
    group: Group = "",
    snapshot: o.Snapshot = None,
    *,
    connection: o.Connection,
) -> None:
    """Print the smallest roles for a command that reads, or for a plan, with bindings. Sends only GET and LIST.

    Exits 5 if something could not be read: what is unknown is not in the roles.
    """
    subject = _subject(serviceaccount, user, group)
    plan = plan_file.load_plan(Path(what)) if what.endswith(".json") or Path(what).is_file() else None
    if plan:
        deferred.require_objects(plan, Path(what))
    else:
        require_reader(what)
    facts = _facts_for(plan, connection, snapshot)
    world = chosen_cluster(facts, cluster)
    granted = permissions_to_apply(plan, facts, world) if plan else permissions_to_read(facts, world, what)
    name = f"ks-reset-{plan.playbook}-{plan.digest[:8]}" if plan else "ks-reset-read"
    typer.echo(_head(what, world, granted) + as_yaml(role_objects(name, granted, subject, DISCOVERY)), nl=False)
    bound = _bound_to({"--serviceaccount": serviceaccount, "--user": user, "--group": group})
    _tell_others(facts, world, f"{shlex.quote(what)}{bound}")
    for gap in world.gaps:
        Terminal().say(f"Not read, so not in these roles: {gap.what}: {gap.why}")
    raise typer.Exit(Exit.UNKNOWN if world.gaps or facts.missing else Exit.OK)


def _facts_for(plan: Plan | None, connection: o.Connection, snapshot: Path | None) -> FleetFacts:
    if snapshot:
        return reading.load_snapshot(snapshot)
    clients = connection.open_clients()
    return gather_facts(clients.only(plan.options, plan.scope) if plan else clients, Terminal())


def _subject(account: str, user: str, group: str) -> Body | None:
    """The subject of the bindings; None if none is named. Raises Usage for several, or a malformed ServiceAccount."""
    given = {"--serviceaccount": account, "--user": user, "--group": group}
    named = [flag for flag, value in given.items() if value]
    if len(named) > 1:
        what = f"{' and '.join(named)} were given: name one account, and print the roles again for another."
        raise Usage(what, *left_out(*(f"{flag} {given[flag]}" for flag in named)))
    if account:
        namespace, colon, name = account.partition(":")
        if not (namespace and colon and name):
            what = f"--serviceaccount {account} is not NAMESPACE:NAME, such as --serviceaccount ops:ks-reset."
            raise Usage(what, Correction(f"--serviceaccount {account}", "--serviceaccount NAMESPACE:NAME"))
        return {"kind": "ServiceAccount", "namespace": namespace, "name": name}
    if user or group:
        return {"apiGroup": RBAC_GROUP, "kind": "User" if user else "Group", "name": user or group}
    return None


def _bound_to(given: dict[str, str]) -> str:
    """The flag that names the account, as typed; "" without one."""
    return "".join(f" {flag} {shlex.quote(value)}" for flag, value in given.items() if value)


def _head(what: str, world: ClusterFacts, granted: set[Permission]) -> str:
    lines = [
        f"What ks-reset needs on {world.name} for {what}, and nothing else. A new type of object is not in it:",
        "print it again after one was added.",
    ]
    if any(each.verb == "list" and each.kind.key == "Secret" for each in granted):
        lines.append("ks-reset lists the metadata of Secrets alone. RBAC has no verb for that: list shows their data.")
    return "".join(f"{as_comment(line)}\n" for line in lines)


def _tell_others(facts: FleetFacts, world: ClusterFacts, what: str) -> None:
    for other in facts.clusters:
        if other.name != world.name:
            again = f"ks-reset permissions {what} --cluster {shlex.quote(other.name)}"
            Terminal().say(f"{other.name} needs roles of its own: {again}")
