"""stop-conversion: set the conversion of a type to None, then wait until its objects can be read."""

from collections.abc import Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.json_patch import operations_to_stop_conversion
from ks_reset.apply.write.patches import write_patches
from ks_reset.cluster import Client, until
from ks_reset.errors import ResetError, Stopped
from ks_reset.model import StopConversion


def stop_conversions(run: RunContext, actions: Sequence[StopConversion]) -> None:
    """Raises Stopped if the API server does not list the objects of a type within the run's timeout."""
    write_patches(run, actions, lambda _, now: operations_to_stop_conversion(now))
    for action in actions:
        cluster, tell = run.fleet.cluster(action.cluster), run.teller_of(action.cluster)
        answers = [""]

        def is_read(cluster: Client = cluster, action: StopConversion = action, answers: list[str] = answers) -> bool:
            answers.append(_answer(cluster, action.name))
            return not answers[-1]

        tell(f"waiting until {action.name} can be listed")
        if not until(is_read, run.timeout):
            raise Stopped(
                f"{action.name} of {cluster.context} has no conversion any more, and cannot be listed after "
                f"{run.timeout:.0f} s: {answers[-1]}. Run the same command again once it can: kubectl --context "
                f"{cluster.context} get {action.name} -A."
            )


def _answer(cluster: Client, name: str) -> str:
    """Why the objects of a type, by the name of its CRD, cannot be listed; "" if they can, or it is not served."""
    try:
        for kind in cluster.discover().kinds.values():
            if kind.resource == name:
                cluster.list(kind, metadata_only=True)
    except ResetError as error:
        return str(error)
    return ""
