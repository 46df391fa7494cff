"""The values file: read, and completed with what ran before."""

from pathlib import Path

import msgspec
from msgspec import structs

from ks_reset import catalogue
from ks_reset.credentials.vault import Vault
from ks_reset.errors import Usage
from ks_reset.facts.installation import CONFIG, CONFIGURATION, SYSTEM, jwt_secret
from ks_reset.install.images import WORKLOADS
from ks_reset.model import ClusterFacts, FleetFacts, Values

EXAMPLE = "version: v3.3.1\n  source: {path: kubesphere-installer.yaml, sha256: …}"


def load(path: Path) -> Values:
    """A values file. Raises Usage if it cannot be read, or says what cannot be meant."""
    try:
        values = msgspec.yaml.decode(path.read_bytes(), type=Values)
    except OSError as error:
        raise Usage(f"The values file {path} cannot be read: {error.strerror or error}.") from error
    except msgspec.MsgspecError as error:
        raise Usage(f"The values file {path} says what cannot be meant: {error}. The least is:\n  {EXAMPLE}") from error
    if len(values.release) != 3 or not values.version.startswith("v"):
        raise Usage(f"The values file {path} has the version '{values.version}', which is not KubeSphere's: v3.3.1.")
    return values


def completed(values: Values, vault: Vault | None) -> Values:
    """The values with the jwtSecret that the host had, if none is given and the vault has it."""
    for kept in vault.kept if vault and not values.jwt_secret else ():
        if kept.place[1:] == ("ConfigMap", SYSTEM, CONFIG) and (secret := jwt_secret(kept.body)):
            return structs.replace(values, jwt_secret=secret)
    return values


def remembered(facts: FleetFacts, was: FleetFacts) -> FleetFacts:
    """The facts as they are, with what ran of KubeSphere then where nothing of it runs now."""
    return structs.replace(facts, host=_with(facts.host, was), members=tuple(_with(w, was) for w in facts.members))


def _with(world: ClusterFacts, was: FleetFacts) -> ClusterFacts:
    then = was.world(world.identity)
    if then is None or world.of(CONFIGURATION):
        return world
    ran = {key: tuple(o for o in then.of(key) if catalogue.system_namespace(o.namespace)) for key in WORKLOADS}
    objects = {key: (*world.of(key), *objs) for key, objs in ran.items()}
    return structs.replace(world, objects=world.objects | objects | {CONFIGURATION: then.of(CONFIGURATION)})
