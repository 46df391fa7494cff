"""scale: set `spec.replicas`, and keep the earlier number in an annotation."""

from collections.abc import Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.json_patch import operations_to_scale
from ks_reset.apply.write.patches import write_patches
from ks_reset.model import Scale


def write_scales(run: RunContext, actions: Sequence[Scale]) -> None:
    """Raises what `write_object` and `wait_settled` raise."""
    write_patches(run, actions, lambda action, now: operations_to_scale(now, action.replicas))
