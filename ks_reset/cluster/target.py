"""Which cluster is meant, and as whom."""

from msgspec import Struct


class Target(Struct, frozen=True):
    """Which kubeconfig and context to use, and whom to act as; empty means kubectl's default."""

    kubeconfig: str = ""
    context: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()
    timeout: float = 30.0
    parallel: int = 16
    agent: str = "ks-reset"
