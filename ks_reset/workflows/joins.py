"""The members that are to be joined, each with a kubeconfig that is seen to lead there."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from ks_reset.cluster import certified, dial_by
from ks_reset.credentials.vault import Vault
from ks_reset.errors import Refused, Usage
from ks_reset.facts.federation import CLUSTER
from ks_reset.install.joining import before, direct, joining
from ks_reset.model import ClusterFacts, FleetFacts, MemberJoin, Options, Reach


def joinings(
    facts: FleetFacts, options: Options, files: Mapping[str, Path], vault: Vault | None
) -> tuple[MemberJoin, ...]:
    """Every member that is worked on, by the kubeconfig that was given for it, else by the one in the vault.

    Raises Usage without one, Refused if it does not lead to that member. Each is dialled.
    """
    left = {member.name for member in facts.missing} | {*options.request.later}
    if strange := files.keys() - {world.name for world in facts.members} - left:
        known = ", ".join(world.name for world in facts.members) or "none"
        raise Usage(f"There is no member {min(strange)} to join. There are: {known}; name it with --member, too.")
    found = []
    for world in (w for w in facts.members if options.request.takes(w.name)):
        config = encoded(files[world.name]) if world.name in files else _of_vault(facts, options, world, vault)
        _leads(world, config)
        made = joining(facts.host, world, options.material.memory, config)
        found.append(structs.replace(made, certified=certified(config)))
    return tuple(found)


def encoded(file: Path) -> str:
    """A kubeconfig file in base64. Raises Usage if it cannot be read."""
    try:
        return b64encode(file.read_bytes()).decode()
    except OSError as error:
        raise Usage(f"The kubeconfig {file} cannot be read: {error.strerror}.") from error


def _of_vault(facts: FleetFacts, options: Options, member: ClusterFacts, vault: Vault | None) -> str:
    direct(before(options.material.memory, member.name), member.name)
    whole = vault.get((facts.host.identity, CLUSTER, "", member.name)) if vault else None
    config = (((whole or {}).get("spec") or {}).get("connection") or {}).get("kubeconfig")
    if not config:
        raise Usage(
            f"rejoin needs a kubeconfig of {member.name} for its host: --join {member.name}=FILE, or a vault that was "
            f"made before the uninstall (--vault, --identity). To leave it: --later {member.name}."
        )
    return str(config)


def _leads(member: ClusterFacts, config: str) -> None:
    answer = dial_by(member.name, config)
    if answer.reach is not Reach.REACHED:
        raise Refused(
            f"The kubeconfig for {member.name} does not reach a cluster: {answer.detail}. Nothing was sent. The host "
            "needs one that works by itself: without programs and files, with an address that it reaches."
        )
    if answer.identity != member.identity:
        raise Refused(
            f"The kubeconfig for {member.name} leads to the cluster {answer.identity} at {answer.endpoint}, and the "
            f"context {member.context} to {member.identity}. Nothing was sent. Give the one of {member.name}."
        )
