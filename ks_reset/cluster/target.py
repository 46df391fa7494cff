"""The cluster to connect to, and the user to impersonate."""

from msgspec import Struct


class Target(Struct, frozen=True):
    """Kubeconfig, context and impersonation as kubectl's flags; empty means kubectl's default."""

    kubeconfig: str = ""
    context: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()
    timeout: float = 30.0
    parallel: int = 16
    agent: str = "ks-reset"
