"""Label selectors, as the API server evaluates them.

Kubernetes v1.24.17, staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector: an empty
selector matches everything; NotIn also matches an object without the key.
"""

from ks_reset.model import Body


def selector_matches(selector: Body | None, labels: dict[str, str]) -> bool:
    """Whether a LabelSelector matches an object with these labels. None, an absent selector, matches everything."""
    wanted = (selector or {}).get("matchLabels") or {}
    rules = (selector or {}).get("matchExpressions") or []
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _rule_matches(rule, labels) for rule in rules
    )


def _rule_matches(rule: Body, labels: dict[str, str]) -> bool:
    key, values = rule["key"], rule.get("values") or []
    match rule["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels
