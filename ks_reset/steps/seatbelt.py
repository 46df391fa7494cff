"""Put the seatbelt on, and take it off.

From the first of the two steps to the second, the API server of each cluster refuses to delete users' objects.
"""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.model import Action, SeatbeltOff, SeatbeltOn
from ks_reset.steps.step import Step, StepContext


def put_seatbelts_on(context: StepContext) -> Iterable[Action]:
    for cluster in context.facts.clusters:
        if not (seatbelt.is_on(cluster) and seatbelt.excepts_own(cluster)):
            kind = seatbelt.seatbelt_objects(cluster, context.playbook, "")[0][0]
            why = "deletions of users' namespaces, volumes and types are refused from here on"
            yield SeatbeltOn(FASTEN_SEATBELT.name, cluster.identity, kind, seatbelt.NAME, why=why)


def take_seatbelts_off(context: StepContext) -> Iterable[Action]:
    """Take off the seatbelts of this playbook; those of other runs and of persons stay.

    Without a seatbelt yet, the action is for the planned one and has no UID.
    """
    for cluster in context.facts.clusters:
        belt = seatbelt.present(cluster)
        if belt is None or belt.run == context.playbook:
            kind = seatbelt.seatbelt_objects(cluster, context.playbook, "")[0][0]
            uid = belt.parts[0].uid if belt else ""
            yield SeatbeltOff(
                LOOSEN_SEATBELT.name, cluster.identity, kind, seatbelt.NAME, uid=uid, why="the work is done"
            )


FASTEN_SEATBELT = Step(
    "fasten-seatbelt",
    "Garbage collection, kubefed, a person, ks-reset: the deletion of a user's object is refused to all of them.",
    actions=put_seatbelts_on,
    detaches=True,
)
LOOSEN_SEATBELT = Step(
    "loosen-seatbelt",
    "Left on, it would refuse users the deletion of their own objects.",
    after=("fasten-seatbelt",),
    actions=take_seatbelts_off,
    detaches=True,
)
