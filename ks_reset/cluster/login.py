"""Whether a kubeconfig gave the credentials that it names.

The official loader only logs the failure of an exec plugin and goes on without credentials (kubernetes-client/python
v36, kubernetes/config/kube_config.py, _load_from_exec_plugin); kubectl stops there.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ks_reset.cluster.answers import printable_text
from ks_reset.errors import Unknown
from ks_reset.model import Body

NAMED = ("exec", "auth-provider", "token", "tokenFile", "client-certificate", "client-certificate-data", "username")
"""The fields of a kubeconfig's user that name credentials (client-go v0.24, tools/clientcmd/api/v1/types.go)."""


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def collected_errors() -> Iterator[list[str]]:
    """The errors logged meanwhile by the official loader, instead of on stderr."""
    root, collector = logging.getLogger(), _Collector()
    before = root.handlers[:]
    root.handlers[:] = [collector]
    try:
        yield collector.lines
    finally:
        root.handlers[:] = before


def require_credentials(settings: Any, user: Body, context: str, errors: list[str]) -> None:
    """Raises Unknown if the user of the kubeconfig names credentials and none came of it. Sends no request.

    Without them each request would be anonymous, and answered as a missing permission.
    """
    tokens = (str(value).removeprefix("Bearer").strip() for value in settings.api_key.values())
    given = any(tokens) or settings.cert_file or settings.username
    named = [name for name in NAMED if user.get(name)]
    if given or not named:
        return
    program = user.get("exec") or {}
    what = f"the program {program.get('command')}" if program else f"its {named[0]}"
    why = printable_text("; ".join(errors)) or "no reason was given"
    hint = f" {printable_text(str(program['installHint']))}" if program.get("installHint") else ""
    raise Unknown(
        f"The context '{context}' has no credentials: {what} gave none: {why}.{hint} Nothing was sent. See that "
        f"kubectl --context {context} get namespaces works, then run the same command again."
    )
