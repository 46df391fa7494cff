"""The commands in the READMEs of examples/ print what is in expected.txt beside them."""

import pytest

from bench.example_fleets import FLEETS
from bench.example_runs import EXAMPLES, run_example


@pytest.mark.parametrize("name", FLEETS)
def test_the_commands_of_an_example_print_what_is_expected(name: str) -> None:
    printed = run_example(name)
    assert printed.count("$ ") >= 3
    assert printed == (EXAMPLES / name / "expected.txt").read_text(), "run: make pages"


def test_every_example_is_run() -> None:
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    assert folders == {*FLEETS, "incident"}
