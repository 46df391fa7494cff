"""The examples in CONTRIBUTING.md, copied from the project as diffs.

    python -m bench.examples

Each example follows a marker and is replaced by the present text of its file: `<!-- added: PATH -->` shows the whole
file, `<!-- added: PATH#NAME -->` the definition of NAME in it, `<!-- added: PATH~TEXT -->` its lines with TEXT, each
with the line after it in YAML and after a colon. PATH may have a `*`; the first file is shown. A test compares page
and files.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
EXAMPLE = re.compile(r"(<!-- added: ([^#~\s]+)(?:([#~])(.+?))? -->\n)```diff\n.*?^```$", re.M | re.S)


def with_examples(page: str, root: Path = ROOT) -> str:
    """The page with every example copied anew. Raises LookupError for a file, definition or text not found."""
    return EXAMPLE.sub(lambda m: f"{m[1]}```diff\n{as_diff(root, m[2], m[3] or '', m[4] or '')}\n```", page)


def as_diff(root: Path, pattern: str, sign: str, wanted: str) -> str:
    """The file, or a part of it, as added lines below the headers of a diff."""
    path = next(iter(sorted(root.glob(pattern))), None)
    if path is None:
        raise LookupError(f"There is no file {pattern}.")
    name, text = path.relative_to(root), path.read_text()
    if not sign:
        return "\n".join(("--- /dev/null", f"+++ b/{name}", *added(text.splitlines())))
    lines = definition_of(text, wanted) if sign == "#" else lines_with(text, wanted, is_yaml=path.suffix == ".yaml")
    if not lines:
        raise LookupError(f"{name} has no {wanted}.")
    return "\n".join((f"--- a/{name}", f"+++ b/{name}", "@@", *added(lines)))


def added(lines: list[str]) -> list[str]:
    return [f"+{line}" for line in lines]


def definition_of(text: str, name: str) -> list[str]:
    """The lines of a class, function or assignment, decorators included; empty if there is none of that name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and name in names_of(node):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            return text.splitlines()[first - 1 : node.end_lineno]
    return []


def names_of(node: ast.stmt) -> set[str]:
    """The names defined by a statement."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def lines_with(text: str, wanted: str, *, is_yaml: bool) -> list[str]:
    """The lines with the wanted text; in YAML, and for a line ending in a colon, with the next one."""
    lines = text.splitlines()
    hits = [number for number, line in enumerate(lines) if wanted in line]
    return [line for n in hits for line in lines[n : n + (2 if is_yaml or lines[n].endswith(":") else 1)]]


def main() -> None:
    PAGE.write_text(with_examples(PAGE.read_text()))


if __name__ == "__main__":
    main()
