"""The data in KubeSphere's namespaces by name: each claim with its volume, size, class, and what it holds.

A volume with the policy Retain outlives its claim in the phase Released, and keeps the name of the claim in
spec.claimRef: it is found again by that, and bound again once claimRef is taken off (kubernetes v1.24.17,
pkg/controller/volume/persistentvolume/pv_controller.go, syncVolume).
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from ks_reset import catalogue
from ks_reset.catalogue.components import component_word
from ks_reset.catalogue.names import PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY
from ks_reset.facts.object_components import components_of
from ks_reset.facts.shared_components import SharedComponents
from ks_reset.facts.volumes import is_reclaimed, reclaim_policy, size_of, volumes_of_claims
from ks_reset.model import ClusterFacts, Obj, Skipped, StoredData

UNKNOWN = "not known; look into it before you give it up"


def stored_data(cluster: ClusterFacts) -> list[StoredData]:
    """The claims in KubeSphere's namespaces, each with its volume if one is bound; all are there now."""
    homes = SharedComponents(cluster).homes
    claims = [c for c in cluster.of(PERSISTENT_VOLUME_CLAIM_KEY) if _is_own(cluster, c.namespace, homes)]
    return [_data_of(cluster, claim) for claim in claims]


def released_volumes(cluster: ClusterFacts) -> list[Obj]:
    """The volumes whose claim in one of KubeSphere's namespaces is gone; their data is there."""
    return [volume for volume in cluster.of(PERSISTENT_VOLUME_KEY) if _is_released(cluster, volume)]


def retained_notes(cluster: ClusterFacts) -> Iterable[Skipped]:
    """These volumes with what they hold and the commands that find and bind them again."""
    for volume in released_volumes(cluster):
        reference = volume.spec["claimRef"]
        holds, _ = described_claim(str(reference.get("namespace", "")), str(reference.get("name", "")))
        yield Skipped(cluster.name, volume.title, f"{holds or UNKNOWN}; {way_back(cluster, volume)}")


def described_claim(namespace: str, name: str) -> tuple[str, str]:
    """What a claim of this name holds, and the component whose data it is; "" for one without an entry."""
    for entry in catalogue.load_catalogue().volumes:
        if entry.namespace == namespace and fnmatchcase(name, entry.claim):
            return entry.holds, entry.component
    return "", ""


def way_back(cluster: ClusterFacts, volume: Obj) -> str:
    """How a volume that outlives its claim is found again and bound again, with the commands."""
    reference = volume.spec.get("claimRef") or {}
    kubectl, name = f"kubectl --context {cluster.context}", volume.name
    where = f"{reference.get('namespace')}/{reference.get('name')}" if reference else "of before"
    storage_class = volume.spec.get("storageClassName") or ""
    wanted = f"spec.volumeName: {name}, storageClassName: '{storage_class}' and {size_of(volume)}"
    return (
        f"it stays with its data, in the phase Released, without its claim {where}. To find it again: {kubectl} get "
        f"persistentvolume {name} -o yaml. To let a new claim have it: {kubectl} patch persistentvolume {name} --type "
        f"""json -p '[{{"op":"remove","path":"/spec/claimRef"}}]', then create a claim with {wanted}"""
    )


def retain_command(cluster: ClusterFacts, volume: Obj) -> str:
    """The command after which the data of a volume outlives its claim."""
    return (
        f"kubectl --context {cluster.context} patch persistentvolume {volume.name} --type merge -p "
        """'{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'"""
    )


def _data_of(cluster: ClusterFacts, claim: Obj) -> StoredData:
    volume = next(iter(volumes_of_claims(cluster, [claim.uid])), None)
    holds, component = described_claim(claim.namespace, claim.name)
    component = component_word(component or components_of(cluster).of(claim))
    requested = str(((claim.spec.get("resources") or {}).get("requests") or {}).get("storage", ""))
    return StoredData(
        cluster=cluster.name,
        claim=f"{claim.namespace}/{claim.name}",
        volume=volume.name if volume else "",
        size=size_of(volume) if volume else requested or "size not recorded",
        storage_class=str(claim.spec.get("storageClassName") or ""),
        policy=reclaim_policy(volume) if volume else "",
        component=component,
        holds=holds or (f"data of {component}" if component else UNKNOWN),
        keep=retain_command(cluster, volume) if volume and is_reclaimed(volume) else "",
    )


def _is_own(cluster: ClusterFacts, namespace: str, homes: Iterable[str]) -> bool:
    return catalogue.own_namespace(cluster, namespace) is not None or namespace in homes


def _is_released(cluster: ClusterFacts, volume: Obj) -> bool:
    """Whether the claim in its claimRef is gone; the name of its namespace alone tells whose it was."""
    reference = volume.spec.get("claimRef") or {}
    home, uid = str(reference.get("namespace", "")), str(reference.get("uid", ""))
    of_extension = home.startswith("extension-")
    if not reference or not (catalogue.system_namespace(home) or of_extension):
        return False
    claim = cluster.get(PERSISTENT_VOLUME_CLAIM_KEY, str(reference.get("name", "")), home)
    return claim is None or bool(uid and claim.uid != uid)
