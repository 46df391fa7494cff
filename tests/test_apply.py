"""The loop stops where something could not be read: what is not known would look like nothing to do."""

import pytest
from msgspec import structs

from ks_reset.apply.run import _move_on
from ks_reset.errors import Unknown
from ks_reset.model import Facts, Gap
from tests.build import facts


class Run:
    """Only what moving on touches."""

    facts: Facts | None = None


def test_facts_with_a_gap_are_not_worked_on() -> None:
    run, known = Run(), facts([])
    gap = Gap("list of namespaces", "503")
    with pytest.raises(Unknown, match="list of namespaces of host: 503"):
        _move_on(run, structs.replace(known, host=structs.replace(known.host, gaps=(gap,))))  # type: ignore[arg-type]
    assert run.facts is None
    _move_on(run, known)  # type: ignore[arg-type]
    assert run.facts == known
