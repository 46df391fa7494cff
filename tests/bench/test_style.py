"""The project meets the goals of bench/style.py, and the script counts as it says."""

from pathlib import Path

import pytest

from bench.style import Figure, code_figures, flag_figures, playbook_prose, project_figures, read_modules

FIGURES = project_figures()
MODULE = '''
"""One that counts."""

def read(): ...

class Reader:
    """Four words, one relative: which."""
    def _read_all_files(self):
        pass
    def __init__(self): ...
'''
OPTIONS = 'Host = Annotated[str, typer.Option("--context")]\ndef connect(host: Host): ...\n'
COMMAND = 'def command(host: o.Host, member: Annotated[str, Option("--member")], *, other: int): ...\n'


@pytest.mark.parametrize("figure", FIGURES, ids=[figure.name for figure in FIGURES])
def test_the_project_meets_its_goals(figure: Figure) -> None:
    assert figure.is_met, "\n".join((figure.as_row(), *figure.places))


def figures_of(figures: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in figures}


def test_names_docstrings_and_sizes_are_counted(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(MODULE)
    values = figures_of(code_figures(read_modules([tmp_path])))
    assert values["single-word function names, %"] == 50
    assert values["mean function name, letters"] == (len("read") + len("read_all_files")) / 2
    assert values["relative words per 100 in docstrings"] == pytest.approx(100 * 2 / 8)
    assert (values["longest file, lines"], values["longest function, lines"]) == (10, 2)


def test_a_connection_flag_outside_the_options_is_counted_once_a_signature(tmp_path: Path) -> None:
    (tmp_path / "options.py").write_text(OPTIONS)
    (tmp_path / "plan.py").write_text(COMMAND)
    (tmp_path / "reset.py").write_text("def command(connection: o.Connection): ...\n")
    values = figures_of(flag_figures(tmp_path))
    assert values["signatures with a connection flag of their own"] == 1
    assert (values["parameters of plan"], values["parameters of reset"]) == (3, 1)


def test_a_playbook_is_measured_by_its_sentences_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("name: n\ntitle: T\nabout: A\nsteps:\n- {step: that-step, why: W}\n")
    assert playbook_prose(path) == "T\nA\nW"
