"""The texts that a person reads, collected from the code into the catalogues of `ks_reset/language`.

    python -m tools.messages

Adds the new ones without a translation, drops those that are gone, and prints how many have none. A text is a string of
at least two words in `ks_reset`, a paragraph of a command's help, or a sentence of a playbook; the expressions of an
f-string become `{0}`, `{1}` … A phrase is a text of a template, or of a call of `translate_phrase`.
"""

import ast
import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import polib
import yaml

from ks_reset.language import CATALOGUES
from ks_reset.language.messages import PHRASE, WORD, is_distinct
from ks_reset.language.words import WORDS
from ks_reset.report.environments import number_values, template_environment

SOURCE, PLAYBOOKS, TEMPLATES = Path("ks_reset"), Path("playbooks"), Path("ks_reset/report/templates")
LEFT_OUT = ("rehearsal", "language")
"""What runs beside the clusters of users, and the catalogues themselves."""
GO_TEMPLATE = ".tmpl"
"""What kubectl fills in, and jinja2 cannot read."""
DATA = (
    *(
        "about",
        "alone",
        "back",
        "created_by",
        "does",
        "effect",
        "ends",
        "holds",
        "loses",
        "not_alone",
        "not_kept",
        "otherwise",
    ),
    *("prints", "then", "title", "what", "why"),
)
"""The keys of data files whose texts are shown."""
PROSE = re.compile(r"[A-Za-z][A-Za-z']+ (?:(?:\{\d+\}|[a-z]) )*[a-z']{2,}")
FIELD = re.compile(r"\{\w*\}")
SOURCE_NOTE = re.compile(r"\S+/\S+(?: v[\d.]+)?,? ?\S*pkg/.*|\S+ v[\d.]+, pkg/.*")
"""Where a rule comes from: repository, version and path are the same in every language."""
ONLY_A_COMMAND = re.compile(r"(?:kubectl|ks-reset|helm) (?:[^ ]+ ?){0,3}|.*\b(?:[A-Z_]{2,} ){2}.*")


def collected_texts() -> dict[str, list[str]]:
    """Each text with the files that have it."""
    found: dict[str, list[str]] = {}
    for path, text in (*_of_code(), *_of_data()):
        if PROSE.search(text) and is_distinct(text) and not (ONLY_A_COMMAND.fullmatch(text) or SOURCE_NOTE.match(text)):
            files = found.setdefault(text, [])
            files += [] if str(path) in files else [str(path)]
    return found


def collected_phrases() -> dict[str, list[str]]:
    """Each phrase with the files that have it."""
    found: dict[str, list[str]] = {}
    for path, text in (*_of_calls(), *_of_templates()):
        files = found.setdefault(text, [])
        files += [] if str(path) in files else [str(path)]
    return found


def _of_calls() -> Iterator[tuple[Path, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        first = (call.args[0] for call in calls if _is_phrase(call) and call.args)
        yield from (
            (path, each.value) for each in first if isinstance(each, ast.Constant) and isinstance(each.value, str)
        )


def _is_phrase(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "translate_phrase"


def _of_templates() -> Iterator[tuple[Path, str]]:
    environment = template_environment(escaped=False)
    for path in sorted(each for each in TEMPLATES.rglob("*") if each.is_file() and each.suffix != GO_TEMPLATE):
        for _, _, found in environment.extract_translations(path.read_text()):  # type: ignore[attr-defined]
            yield from ((path, number_values(text)[0]) for text in _strings_of(found))


def _strings_of(found: str | tuple[str | None, ...]) -> Iterator[str]:
    yield from filter(None, (found,) if isinstance(found, str) else found)


def _of_code() -> Iterator[tuple[Path, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if not set(path.parts) & set(LEFT_OUT):
            tree = ast.parse(path.read_text())
            yield from ((path, text.strip()) for text in _strings(tree))
            if path.parent.name == "cli":
                yield from ((path, text) for text in _helps(tree))


def _strings(node: ast.AST) -> Iterator[str]:
    """The strings in a tree without docstrings and regular expressions; those in an f-string follow it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and ast.unparse(child.func) == "re.compile":
            continue
        if isinstance(child, ast.Call) and _is_phrase(child):
            yield from (text for value in child.args[1:] for text in _strings(ast.Expression(value)))
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield _with_numbers(child.value)
        elif isinstance(child, ast.JoinedStr):
            values = [part for part in child.values if isinstance(part, ast.FormattedValue)]
            number = {id(value): index for index, value in enumerate(values)}
            yield "".join(
                f"{{{number[id(p)]}}}" if id(p) in number else _braced(p.value)  # type: ignore[attr-defined]
                for p in child.values
            )
            for value in values:
                yield from _strings(value)
        else:
            yield from _strings(child)


def _with_numbers(text: str) -> str:
    """A template for `format`, with its fields numbered in order; the braces of another text are doubled."""
    parts = FIELD.split(text)
    return "".join(f"{{{number - 1}}}{_braced(part)}" if number else _braced(part) for number, part in enumerate(parts))


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _is_command(node: ast.FunctionDef) -> bool:
    """Whether typer calls this function: a module has one of this name, or an app with several."""
    return node.name == "command" or any(".command(" in ast.unparse(each) + "(" for each in node.decorator_list)


def _helps(tree: ast.AST) -> Iterator[str]:
    """The paragraphs of the docstrings of commands, from which typer makes their help."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and _is_command(node) and (text := ast.get_docstring(node)):
            yield from (" ".join(_braced(each).split()) for each in cleandoc(text).split("\n\n"))


def _of_data() -> Iterator[tuple[Path, str]]:
    for path in sorted(
        (*PLAYBOOKS.glob("*.yaml"), *SOURCE.glob("*/data/*.yaml"), *SOURCE.glob("report/*/data/*.yaml"))
    ):
        yield from ((path, _braced(" ".join(text.split()))) for text in _shown(yaml.safe_load(path.read_text())))


def _shown(value: object, key: str = "") -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _shown(inner, str(name))
        case list():
            for inner in value:
                yield from _shown(inner, key)
        case str() if key in DATA:
            yield value


def update_catalogue(path: Path, texts: dict[str, list[str]], phrases: dict[str, list[str]]) -> polib.POFile:
    """The catalogue of this file with exactly these texts, phrases and WORDS, in order; translations are kept."""
    translations = {(entry.msgctxt or "", entry.msgid): entry.msgstr for entry in polib.pofile(str(path))}
    new = polib.POFile(wrapwidth=120)
    new.metadata = {"Language": path.stem, "Content-Type": "text/plain; charset=utf-8"}
    for word in WORDS:
        new.append(polib.POEntry(msgctxt=WORD, msgid=word, msgstr=translations.get((WORD, word), "")))
    for context, found in ((PHRASE, phrases), (None, texts)):
        for text, files in sorted(found.items(), key=lambda item: (item[1][0], item[0])):
            places, known = [(name, "") for name in files], translations.get((context or "", text), "")
            new.append(polib.POEntry(msgctxt=context, msgid=text, msgstr=known, occurrences=places))
    return new


def main() -> None:
    texts, phrases = collected_texts(), collected_phrases()
    for path in CATALOGUES.values():
        catalogue = update_catalogue(path, texts, phrases)
        catalogue.save(str(path))
        print(f"{path}: {len(catalogue)} texts, {len(catalogue.untranslated_entries())} without a translation")


if __name__ == "__main__":
    main()
