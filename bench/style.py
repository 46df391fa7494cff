"""Figures of names, prose, sizes and flags, each with the goal that a test holds it to.

    python -m bench.style [FOLDER_OR_FILE ...]

Prints a table in Markdown and the places to look at first; exits 1 if a figure misses its goal. Without arguments it
measures ks_reset/ and the project's pages and playbooks; with arguments, the names, docstrings and sizes there alone.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import mean, median

from msgspec import Struct, yaml

ROOT = Path(__file__).parents[1]
PAGES = ("*.md", "docs/*.md", "examples/*/README.md", ".github/**/*.md")
CHINESE = "README.zh.md"
OPTIONS = "options.py"
CONNECTION = {"--kubeconfig", "--context", "--member", "--as", "--as-group", "--request-timeout"}
RELATIVE = re.compile(r"\b(that|which|what|whatever|who|whoever|whom|whose|wherever|whichever)\b", re.I)
WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
CODE = re.compile(r"^( *)```.*?^\1```|`[^`\n]*`|<!--.*?-->|\]\([^)]*\)", re.M | re.S)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef | ast.Module


class Module(Struct, frozen=True):
    """One Python file: its path, its number of lines, and its syntax tree."""

    path: Path
    lines: int
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


class Figure(Struct, frozen=True):
    """One figure, its goal, and the places to look at first if it misses it."""

    name: str
    value: float
    goal: float
    at_least: bool = False
    places: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def as_row(self) -> str:
        sign = ">=" if self.at_least else "<="
        return f"| {self.name} | {self.value:.4g} | {sign} {self.goal:.4g} | {'yes' if self.is_met else '**no**'} |"


def read_modules(roots: Iterable[Path]) -> list[Module]:
    """Every Python file below the roots."""
    paths = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*.py")))]
    texts = [(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path, path.read_text()) for path in paths]
    return [Module(path, text.count("\n"), ast.parse(text)) for path, text in texts]


def name_figures(modules: list[Module]) -> list[Figure]:
    """Function names without leading and trailing underscores; dunder names are not counted."""
    names = [node.name.strip("_") for m in modules for node in m.functions() if not node.name.startswith("__")]
    single = [name for name in names if "_" not in name]
    return [
        Figure("single-word function names, %", 100 * len(single) / max(1, len(names)), 55),
        Figure("mean function name, letters", mean(map(len, names or [""])), 10, at_least=True),
    ]


def docstring_figure(modules: list[Module]) -> Figure:
    """Relative words per 100 words of docstrings."""
    texts = {
        f"{module.path}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', '')}": ast.get_docstring(node) or ""
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, Documented)
    }
    return relative_figure("relative words per 100 in docstrings", texts)


def prose_figures(root: Path) -> list[Figure]:
    """Relative words per 100 words of pages without their code, and of the playbooks' title, about and why."""
    pages = {
        str(path.relative_to(root)): CODE.sub(" ", path.read_text())
        for pattern in PAGES
        for path in sorted(root.glob(pattern))
        if path.name != CHINESE
    }
    playbooks = {str(path.relative_to(root)): playbook_prose(path) for path in sorted(root.glob("playbooks/*.yaml"))}
    return [
        relative_figure("relative words per 100 in pages", pages),
        relative_figure("relative words per 100 in playbooks", playbooks),
    ]


def playbook_prose(path: Path) -> str:
    """The sentences of a playbook, without the names of its steps."""
    book = yaml.decode(path.read_bytes())
    entries = (*book.get("steps", ()), *book.get("stages", ()))
    return "\n".join((book["title"], book["about"], *(entry["why"] for entry in entries)))


def relative_figure(name: str, texts: dict[str, str]) -> Figure:
    """The figure over all texts; the places are those with the most relative words."""
    counts = {place: len(RELATIVE.findall(text)) for place, text in texts.items()}
    words = sum(len(WORD.findall(text)) for text in texts.values())
    most = sorted((place for place in counts if counts[place]), key=lambda place: -counts[place])
    places = tuple(f"{place}: {counts[place]}" for place in most)
    return Figure(name, 100 * sum(counts.values()) / max(1, words), 2, places=places)


def size_figures(modules: list[Module]) -> list[Figure]:
    """Lines of files and of functions; a function's decorators are not counted."""
    files = {str(m.path): m.lines for m in modules}
    functions = {
        f"{m.path}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for m in modules
        for node in m.functions()
    }
    return [
        longest_figure("longest file, lines", files, 250),
        longest_figure("longest function, lines", functions, 50),
        Figure("median file, lines", median(files.values() or [0]), 90),
        Figure("median function, lines", median(functions.values() or [0]), 8),
    ]


def longest_figure(name: str, sizes: dict[str, int], goal: int) -> Figure:
    """The largest size; the places are those above the goal."""
    above = sorted((place for place in sizes if sizes[place] > goal), key=lambda place: -sizes[place])
    return Figure(name, max(sizes.values(), default=0), goal, places=tuple(f"{p}: {sizes[p]} lines" for p in above))


def flag_figures(cli: Path) -> list[Figure]:
    """Parameters of `plan` and `reset` as written, and signatures with a connection flag of their own."""
    modules = read_modules([cli])
    own = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules
        if module.path.name != OPTIONS
        for node in module.functions()
        if any(declares_connection(a.annotation, connection_aliases(modules)) for a in parameters(node))
    ]
    return [
        Figure("parameters of plan", command_parameters(cli / "plan.py"), 10),
        Figure("parameters of reset", command_parameters(cli / "reset.py"), 10),
        Figure("signatures with a connection flag of their own", len(own), 0, places=tuple(own)),
    ]


def parameters(node: Function) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def command_parameters(path: Path) -> int:
    """How many parameters the function `command` of a command's module has."""
    (module,) = read_modules([path])
    return next(len(parameters(node)) for node in module.functions() if node.name == "command")


def connection_aliases(modules: list[Module]) -> set[str]:
    """Names that stand for a connection flag: `Kubeconfig = Annotated[str, typer.Option("--kubeconfig")]`."""
    return {
        target.id
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.Assign) and declares_connection(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def declares_connection(annotation: ast.expr | None, aliases: set[str]) -> bool:
    """Whether an annotation names a connection flag, or an alias of one."""
    nodes = list(ast.walk(annotation)) if annotation else []
    flags = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return bool(flags & CONNECTION or names & aliases)


def code_figures(modules: list[Module]) -> list[Figure]:
    """The figures of names, docstrings and sizes."""
    return [*name_figures(modules), docstring_figure(modules), *size_figures(modules)]


def project_figures(root: Path = ROOT) -> list[Figure]:
    """All figures of the project."""
    package = root / "ks_reset"
    return [*code_figures(read_modules([package])), *prose_figures(root), *flag_figures(package / "cli")]


def main(arguments: list[str]) -> int:
    figures = code_figures(read_modules(map(Path, arguments))) if arguments else project_figures()
    print("| figure | value | goal | met |\n| --- | --- | --- | --- |")
    print("\n".join(figure.as_row() for figure in figures))
    for figure in (figure for figure in figures if not figure.is_met and figure.places):
        print(f"\n{figure.name}:\n" + "\n".join(f"- {place}" for place in figure.places[:10]))
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
