"""A volume that went is referred to by fields named after volumes; its name anywhere else is any word."""

from typing import Any

import pytest

from tests.verify.test_aftermath import VOLUME, lost


def spec(row: str, **fields: Any) -> dict[str, Any]:
    return {row: {"spec": fields}}


OF_DRIVERS: dict[str, dict[str, Any]] = {
    "a list": spec("NodeState.v1.disk.example.com n", attachedVolumes=["v1"]),
    "its own name": spec("DiskVolume.v1.disk.example.com v1", size=1),
    "a field for a PersistentVolume": spec("Target.v1.disk.example.com t", pvName="v1"),
    "a reference with the kind": spec(
        "Target.v1.disk.example.com u", subject={"kind": "PersistentVolume", "name": "v1"}
    ),
    "a handle": spec("Target.v1.disk.example.com w", handle="vol-7"),
}
OF_USERS: dict[str, dict[str, Any]] = {
    "another field": spec("Database.v1.example.com shop/d", disk="v1"),
    "a handle in another field": spec("Database.v1.example.com shop/d", disk="vol-7"),
    "a volume of its pods": spec("Database.v1.example.com shop/d", volumes=[{"name": "v1"}]),
    "a claim": spec("Database.v1.example.com shop/d", volumeClaim="v1", pvc="v1"),
    "its own name": spec("Database.v1.example.com shop/v1", size=1),
}


@pytest.mark.parametrize("by", OF_DRIVERS)
def test_a_drivers_object_for_the_volume_follows_it(by: str) -> None:
    assert lost([VOLUME, OF_DRIVERS[by]], []) == []
    assert lost([OF_DRIVERS[by]], []) != []


@pytest.mark.parametrize("by", OF_USERS)
def test_a_users_object_with_the_same_word_is_lost(by: str) -> None:
    assert len(lost([VOLUME, OF_USERS[by]], [])) == 1


def test_a_driver_may_take_the_volume_out_of_its_object_and_a_user_may_not_lose_a_word() -> None:
    def node(**fields: Any) -> Any:
        return spec("NodeState.v1.disk.example.com n", **fields)

    assert lost([VOLUME, node(lastVolume="v1", size=1)], [node(lastVolume="", size=1)]) == []
    assert lost([VOLUME, node(last="v1", size=1)], [node(last="", size=1)]) == ["NodeState.disk.example.com n"]
