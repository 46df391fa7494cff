"""helm's stderr with --debug: its latest activity and its reason for a failure, without the text of the values.

helm v3.19.5, cmd/helm/helm.go: `debug` puts a source line, the time and [debug] in front of each line. A failure is
written as `Error: …` on several lines, and then once more by `debug`, with a stack. helm v4.2.4 writes
`level=DEBUG msg=…` instead, and a failure once.
"""

import json
import re
from collections.abc import Iterable

from ks_reset.model import Body

DEBUG = re.compile(r"^(?:\S+\.go:\d+: .*?\[debug\] |level=\w+ msg=)", re.MULTILINE)
ERROR = re.compile(r"^Error: ", re.MULTILINE)
FAILED = re.compile(r"^(?:INSTALLATION|UPGRADE) FAILED: ")
LONGEST = 1500
SHORTEST = 6
"""Length of the shortest text to remove: shorter values are words such as host."""


def hide_values(said: str, values: Body) -> str:
    """Replace every text of the values in `said` by …

    The values have credentials, and an API server quotes the fields it rejects: `spec.password: Invalid value: "…"`
    for a password of fewer than 8 characters (apimachinery v0.34.2, pkg/util/validation/field/errors.go, ErrorBody;
    kubesphere v4.1.3, config/ks-core/charts/ks-crds/crds/iam.kubesphere.io_users.yaml).
    """
    texts = {text for text in _all_texts(values) if len(text) >= SHORTEST}
    quoted = {json.dumps(text, ensure_ascii=False)[1:-1] for text in texts}
    longest_first = sorted(texts | quoted, key=len, reverse=True)
    either = "|".join(map(re.escape, longest_first))
    return re.sub(rf"(?<![\w-])(?:{either})(?![\w-])", "…", said) if either else said


def latest_activity(said: str) -> str:
    """The last debug line: helm's latest activity; "" if there is none."""
    lines = [line for line in said.splitlines() if DEBUG.match(line)]
    return DEBUG.sub("", lines[-1]).strip() if lines else ""


def failure_reason(said: str) -> str:
    """helm's reason for its failure, in one line; without one, its last line."""
    reasons = ERROR.split(said)[1:]
    if not reasons:
        return DEBUG.sub("", said.strip().rpartition("\n")[2]).rstrip(".") or "it gave no reason"
    reason = " ".join(DEBUG.split(reasons[-1])[0].split())
    return FAILED.sub("", reason)[:LONGEST].rstrip(".")


def _all_texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _all_texts(inner)
