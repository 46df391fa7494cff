"""The loop stops where something could not be read: what is not known would look like nothing to do."""

import pytest
from msgspec import structs

from ks_reset.apply.reread import move_on
from ks_reset.errors import Unknown
from ks_reset.model import Facts, Gap
from tests.build import facts


class Run:
    """Only what moving on touches."""

    facts: Facts = facts([])


def test_facts_with_a_gap_are_not_worked_on() -> None:
    run, known = Run(), facts([])
    gap = Gap("list of namespaces", "503")
    with pytest.raises(Unknown, match="list of namespaces of host: 503"):
        move_on(run, structs.replace(known, host=structs.replace(known.host, gaps=(gap,))))  # type: ignore[arg-type]
    assert run.facts is not known
    move_on(run, known)  # type: ignore[arg-type]
    assert run.facts == known


def test_a_record_that_answered_before_has_to_answer_again() -> None:
    run, rows = Run(), [{"record": "a", "identity": "host"}, {"record": "b", "reach": "unreachable"}]
    run.facts = facts([], dials=rows)
    move_on(run, facts([], dials=rows))  # type: ignore[arg-type]
    with pytest.raises(Unknown, match="The record a was reached when the run began"):
        move_on(run, facts([], dials=[{"record": "a", "reach": "no secret"}]))  # type: ignore[arg-type]
    move_on(run, facts([], dials=rows[1:]))  # type: ignore[arg-type]
