"""Everything shown on a page exists: paths, links, headings, commands and flags."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from ks_reset.cli import app
from tests.docs.pages import PAGES, ROOT, Command, anchors_of, commands_of, inline_code, is_there, links_of, paths_of

COMMANDS = sorted({command for page in PAGES for command in commands_of(page)}, key=str)
CURRENT = [page for page in PAGES if page.name != "CHANGELOG.md"]
BY_PAGE = pytest.mark.parametrize("page", CURRENT, ids=[str(page.relative_to(ROOT)) for page in CURRENT])


@BY_PAGE
def test_every_path_exists(page: Path) -> None:
    assert [path for path in paths_of(page) if not is_there(path, page)] == []


@BY_PAGE
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links_of(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join((c.page, *c.words)) for c in COMMANDS])
def test_every_command_is_known_with_its_flags(command: Command) -> None:
    assert unknown_words(command.words) == []


@BY_PAGE
def test_every_flag_belongs_to_a_command(page: Path) -> None:
    flags = [word for code in inline_code(page) for word in re.findall(r"^--[a-z-]+", code)]
    assert set(flags) <= known_flags(get_command(app))


def test_an_unknown_command_flag_or_argument_is_noticed() -> None:
    assert unknown_words(("plan", "--context", "prod", "--out", "plan.json")) == []
    assert "--colour" in unknown_words(("plan", "--colour"))[0]
    assert unknown_words(("protect", "sideways")) == ["sideways"]
    assert unknown_words(("plan", "uninstall", "twice")) == ["twice"]


def unknown_words(words: tuple[str, ...]) -> list[str]:
    """The words without a meaning to the command line, or its own sentence about them; nothing is run."""
    command: Any = get_command(app)
    rest = list(words)
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        names = rest.pop(0).split("|")
        if unknown := [name for name in names if name not in command.commands]:
            return unknown
        command = command.commands[names[0]]
    try:
        _, surplus, _ = command.make_parser(command.context_class(command)).parse_args(rest)
    except Exception as error:  # noqa: BLE001  # the parser's own errors: an unknown option, a value that is missing
        return [str(error)]
    return list(surplus)


def known_flags(command: Any) -> set[str]:
    return set(every_flag(command)) | {"--help"}


def every_flag(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)
    for child in getattr(command, "commands", {}).values():
        yield from every_flag(child)


def test_the_chinese_readme_has_the_sections_and_commands_of_the_english_one() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh.md"
    shapes = [
        [line.split(" ")[0] for line in page.read_text().split("\n") if line.startswith("#")]
        for page in (english, chinese)
    ]
    assert shapes[0] == shapes[1]
    assert [c.words for c in commands_of(english)] == [c.words for c in commands_of(chinese)]
    assert sorted(links_of(english)) == sorted(
        link if link != "README.md" else "README.zh.md" for link in links_of(chinese)
    )
