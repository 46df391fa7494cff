"""Quantities as Kubernetes writes them: 250m, 2Gi, 1e3.

kubernetes, staging/src/k8s.io/apimachinery/pkg/api/resource: quantity.go (the grammar), suffix.go (the suffixes).
"""

import re
from decimal import Decimal

NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(.*)", re.ASCII)
EXPONENT = re.compile(r"[eE]([+-]?\d+)", re.ASCII)
FACTORS = {
    "": Decimal(1),
    **{suffix: Decimal(1000) ** power for power, suffix in zip((-3, -2, -1), "num", strict=True)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}
"""By suffix: n, u, m, none, k, M, G, T, P, E are powers of 1000; Ki, Mi, Gi, Ti, Pi, Ei of 1024."""


def parse_quantity(text: str) -> Decimal:
    """A quantity as a number. Raises ValueError for text of another form."""
    parts = NUMBER.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is not a quantity")
    number, suffix = Decimal(parts[1]), parts[2]
    if suffix in FACTORS:
        return number * FACTORS[suffix]
    if exponent := EXPONENT.fullmatch(suffix):
        return number.scaleb(int(exponent[1]))
    raise ValueError(f"{text!r} has the suffix {suffix!r}, which Kubernetes does not know")
