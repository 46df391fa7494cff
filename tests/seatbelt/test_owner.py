"""A repaired seatbelt keeps its owner and its excepted namespaces."""

from ks_reset import seatbelt
from tests.build import cluster


def test_a_repaired_seatbelt_keeps_its_owner_and_a_new_one_belongs_to_the_run() -> None:
    world = cluster("host", [])
    (_, part), *_ = seatbelt.seatbelt_objects(world, seatbelt.BY_HAND, "somebody@elsewhere", ("scratch",))
    row = part | {"metadata": part["metadata"] | {"uid": "u"}}
    belt = seatbelt.present(cluster("host", [row]))
    assert belt
    assert seatbelt.owner_of(belt, "uninstall", "me@here") == (seatbelt.BY_HAND, "somebody@elsewhere")
    assert belt.excepted_namespaces == ("scratch",)
    assert seatbelt.owner_of(None, "uninstall", "me@here") == ("uninstall", "me@here")
    nobodys = seatbelt.Seatbelt(tuple(obj for obj in belt.parts if obj.annotations.pop(seatbelt.RUN)))
    assert seatbelt.owner_of(nobodys, "uninstall", "me@here") == ("uninstall", "me@here")
