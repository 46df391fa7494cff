"""What matters of what helm writes on stderr with --debug: the newest thing it does, and why it failed.

helm v3.19.5, cmd/helm/helm.go: `debug` puts a source line, the time and [debug] in front of each line. A failure is
written as `Error: …`, on as many lines as it takes, and then once more by `debug`, with a stack. helm v4.2.4 writes
`level=DEBUG msg=…` instead, and a failure once.
"""

import re

DEBUG = re.compile(r"^(?:\S+\.go:\d+: .*?\[debug\] |level=\w+ msg=)", re.MULTILINE)
ERROR = re.compile(r"^Error: ", re.MULTILINE)
FAILED = re.compile(r"^(?:INSTALLATION|UPGRADE) FAILED: ")
LONGEST = 1500


def newest(said: str) -> str:
    """The last line that tells what helm does; "" if there is none."""
    lines = [line for line in said.splitlines() if DEBUG.match(line)]
    return DEBUG.sub("", lines[-1]).strip() if lines else ""


def why(said: str) -> str:
    """The reason that helm gives for its failure, in one line; else the last line that it wrote."""
    reasons = ERROR.split(said)[1:]
    if not reasons:
        return DEBUG.sub("", said.strip().rpartition("\n")[2]).rstrip(".") or "it gave no reason"
    reason = " ".join(DEBUG.split(reasons[-1])[0].split())
    return FAILED.sub("", reason)[:LONGEST].rstrip(".")
