"""There is no StorageClass that KubeSphere 3.x could use: ks-installer stops there.

ks-installer v3.3.1, roles/preinstall/tasks/precheck.yaml and deploy/cluster-configuration.yaml (persistence).
"""

from collections.abc import Iterable

from ks_reset.model import ExternalAnswers, FleetFacts, Obj, Obstacle, Values

DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Obstacle]:
    for world in facts.clusters if values.release < (4,) else ():
        there = world.of("StorageClass.storage.k8s.io")
        named = [each for each in there if each.name == values.storage_class]
        if values.storage_class and not named:
            what = f"There is no StorageClass {values.storage_class}; there are: {_names(there)}."
        elif not values.storage_class and not any(map(_default, there)):
            what = f"No StorageClass is the default one; there are: {_names(there)}."
        else:
            continue
        yield Obstacle("storage-class", world.name, what, "Make one, or name one with storageClass.")


def _default(obj: Obj) -> bool:
    return any(obj.annotations.get(key) == "true" for key in DEFAULT)


def _names(there: Iterable[Obj]) -> str:
    return ", ".join(sorted(each.name for each in there)) or "none"
