"""What the project's pages show: paths, links and commands, as Markdown holds them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for pattern in ("*.md", "docs/*.md", "examples/*/README.md") for path in ROOT.glob(pattern))
INLINE = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"[\w.-]+(/[\w.<>*-]+)*/?")
SHELL = ("sh", "bash", "console")
FILES = (".py", ".toml")


class Command(Struct, frozen=True):
    """One ks-reset command of a page: the page, and the words after `ks-reset`."""

    page: str
    words: tuple[str, ...]


def inline_code(page: Path) -> list[str]:
    """What stands between single backticks, outside fenced blocks."""
    return INLINE.findall(FENCED.sub("", page.read_text()))


def shell_lines(page: Path) -> list[str]:
    """The lines of the fenced blocks in a shell's language."""
    return [
        line for language, text in FENCED.findall(page.read_text()) if language in SHELL for line in text.split("\n")
    ]


def paths_of(page: Path) -> list[str]:
    """Paths in backticks: the first part is a name in one of its bases, or it ends in .py or /."""
    return [code for code in inline_code(page) if PATH.fullmatch(code) and is_path(code, page)]


def is_path(code: str, page: Path) -> bool:
    first, slash, _ = code.partition("/")
    known = any((base / first).exists() for base in bases(page))
    return bool(slash and known) or code.endswith(FILES) or (code.endswith("/") and "." not in code)


def bases(page: Path) -> tuple[Path, ...]:
    """Where a path on the page may begin: the root, the package, the page's own folder."""
    return ROOT, ROOT / "ks_reset", page.parent


def is_there(path: str, page: Path) -> bool:
    """Whether a path exists; `<name>` and `*` stand for anything."""
    pattern = re.sub(r"<\w+>", "*", path.rstrip("/"))
    return any(True for base in bases(page) for _ in base.glob(pattern))


def commands_of(page: Path) -> Iterator[Command]:
    """The ks-reset commands of the page's shell blocks and of its inline code; an ellipsis is left out."""
    name = str(page.relative_to(ROOT))
    for line in [*shell_lines(page), *inline_code(page)]:
        for part in re.split(r"&&|;|\|\s|\s>", line):
            words = shlex.split(part.replace("…", ""), comments=True)
            if words[:2] == ["kubectl", "ks-reset"]:
                words = words[1:]
            if words[:1] == ["ks-reset"]:
                yield Command(name, tuple(words[1:]))


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links_of(page: Path) -> list[str]:
    """The links to files of the project and to headings."""
    return [link for link in LINK.findall(FENCED.sub("", page.read_text())) if "://" not in link]
