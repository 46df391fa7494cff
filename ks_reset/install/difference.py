"""How an installation is configured otherwise than the one before, as text."""

import difflib

import yaml

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY
from ks_reset.credentials.redact import redact_object
from ks_reset.model import Body


def unified_diff(before: Body, after: Body, title: str) -> str:
    """A unified diff of two objects as YAML; credentials are digests on both sides."""
    old, new = (yaml.safe_dump(_redacted(body), allow_unicode=True).splitlines() for body in (before, after))
    lines = difflib.unified_diff(old, new, f"{title} (ran before)", f"{title} (to be installed)", lineterm="")
    return "\n".join(lines)


def _redacted(body: Body) -> Body:
    """The object, redacted; `metadata` is left out where it is empty."""
    return {
        key: value
        for key, value in redact_object(body, CLUSTER_CONFIGURATION_KEY).items()
        if value or key != "metadata"
    }
