"""A seatbelt that is there keeps its owner and its exceptions, whoever mends it."""

from ks_reset import protect
from tests.build import cluster


def test_a_mended_seatbelt_stays_whose_it_was_and_a_new_one_is_of_the_run() -> None:
    world = cluster("host", [])
    (_, part), *_ = protect.parts(world, protect.BY_HAND, "somebody@elsewhere", ("scratch",))
    row = part | {"metadata": part["metadata"] | {"uid": "u"}}
    belt = protect.found(cluster("host", [row]))
    assert belt
    assert protect.owner(belt, "uninstall", "me@here") == (protect.BY_HAND, "somebody@elsewhere")
    assert belt.spared == ("scratch",)
    assert protect.owner(None, "uninstall", "me@here") == ("uninstall", "me@here")
    nobodys = protect.Belt(tuple(obj for obj in belt.parts if obj.annotations.pop(protect.RUN)))
    assert protect.owner(nobodys, "uninstall", "me@here") == ("uninstall", "me@here")
