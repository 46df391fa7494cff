"""ks-reset runbook: a plan or playbook as a document, a script, a Job, or a Workflow of Argo."""

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import local
from ks_reset.errors import Usage, other_file
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.plan import playbook as playbooks
from ks_reset.report import runbook as report
from ks_reset.report.console import stderr_console

NAME = "runbook"
EXAMPLES = ("Example: ks-reset runbook plan.json -o html --to runbook/",)
IMAGE = "ks-reset"


class Output(enum.StrEnum):
    """What a plan is written as."""

    MD = "md"
    HTML = "html"
    BASH = "bash"
    JOB = "job"
    ARGO = "argo"


FILES = {
    Output.MD: "runbook.md",
    Output.HTML: "runbook.html",
    Output.BASH: "runbook.sh",
    Output.JOB: "job.yaml",
    Output.ARGO: "argo.yaml",
}
Source = Annotated[
    list[str], typer.Argument(help="A playbook by name, or a plan saved with plan --out; for argo one plan a fleet.")
]
Format = Annotated[Output, typer.Option("--output", "-o", help="Format of the runbook of a plan.")]
Folder = Annotated[Path | None, typer.Option("--to", help="Write it into this folder, with its scripts and the plan.")]
Image = Annotated[str, typer.Option("--image", help="The container image of ks-reset, for job and argo.")]


def command(
    source: Source = ["uninstall"], output: Format = Output.MD, to: Folder = None, image: Image = IMAGE
) -> None:
    """Write a runbook: every step with its commands, checks and way back; of a plan as md, html, bash, job or argo."""
    if not any(name.endswith(".json") for name in source):
        _write_playbooks(source, output)
        return
    books = [_book_of(name) for name in source]
    if len(books) > 1 and output is not Output.ARGO:
        raise Usage(f"-o {output} is for one plan. For several fleets: ks-reset runbook {' '.join(source)} -o argo.")
    text = _rendered(books, output, image, in_folder=to is not None)
    if to is None:
        typer.echo(text, nl=False)
        return
    files = dict(books[0].files) if output in (Output.MD, Output.HTML) else {}
    files |= {"plan.json": books[0].files["plan.json"]} if output is Output.BASH else {}
    files |= report.member_access(books[0]) if output is Output.JOB else {}
    for name, content in {**files, FILES[output]: text}.items():
        _write_file(to / name, content)
    beside = f" and {len(files)} file(s) beside it" if files else ""
    stderr_console().print(f"Wrote {to / FILES[output]}{beside}.", markup=False)


def _write_playbooks(names: Sequence[str], output: Output) -> None:
    if output is not Output.MD or len(names) > 1:
        raise Usage(
            f"A playbook names no objects, so it is written as Markdown alone, one at a time. For -o {output} make a "
            f"plan: ks-reset plan {names[0]} --out plan.json, then ks-reset runbook plan.json -o {output}."
        )
    book = playbooks.load_playbook(names[0])
    inner = [playbooks.load_playbook(stage.stage) for stage in book.stages if stage.stage in playbooks.playbook_names()]
    typer.echo("\n".join(report.render_playbook(each) for each in (book, *inner)), nl=False)


def _book_of(name: str) -> report.Book:
    if not Path(name).is_file():
        raise Usage(f"There is no plan at {name}. Make one with ks-reset plan --out {name}.")
    plan = plan_file.load_plan(Path(name))
    deferred.require_objects(plan, Path(name))
    return report.make_book(plan, playbooks.playbook_of_plan(plan.playbook, plan.scope, plan.steps))


def _rendered(books: Sequence[report.Book], output: Output, image: str, *, in_folder: bool) -> str:
    match output:
        case Output.MD:
            return report.render_markdown(books[0], folder=in_folder)
        case Output.HTML:
            return report.render_page(books[0], folder=in_folder)
        case Output.BASH:
            return report.render_script(books[0])
        case Output.JOB:
            return report.render_job(books[0], image)
        case Output.ARGO:
            return report.render_workflow(books, image)


def _write_file(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        local.write_private_file(path, text.encode())
    except OSError as error:
        raise Usage(f"{path} cannot be written: {error.strerror}.", other_file(path.parent)) from error
