"""Who runs this, and where."""

import getpass
import os
import socket


def me() -> str:
    """`user@machine`; the user's number where it has no name, as in many containers."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
