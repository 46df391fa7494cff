"""ks-reset check: whether a window can begin, one question a line."""

from pathlib import Path
from typing import Annotated

import typer

from ks_reset import facts as reading
from ks_reset.cli import options as o
from ks_reset.cli.selection import Selection
from ks_reset.cli.terminal import Terminal
from ks_reset.cli.way_on import complete_error
from ks_reset.errors import Exit
from ks_reset.report.check import as_rows, print_questions
from ks_reset.report.console import print_document, print_names, stdout_console
from ks_reset.workflows.check import Answer, Asked, check_window
from ks_reset.workflows.inputs import read_values
from ks_reset.workflows.interaction import gather_facts
from ks_reset.workflows.plan import Known

NAME = "check"
EXAMPLES = ("Example: ks-reset check install.yaml --context prod --member test=test-admin",)
File = Annotated[
    Path | None, typer.Argument(help="The values file of the installation afterwards, if KubeSphere is to come back.")
]


def command(
    file: File = None,
    memory: o.Memory = None,
    plain_http: o.PlainHttp = [],
    snapshot: o.Snapshot = None,
    output: o.Format = o.Output.TABLE,
    *,
    selection: Selection,
    connection: o.Connection,
) -> None:
    """Ask whether a window can begin: plan, permissions, installation afterwards. Exits 4 if not, 5 if unknown."""
    options, terminal = selection.as_options(), Terminal()
    values = read_values(file) if file else None
    before = reading.load_snapshot(memory) if memory else None
    clients = None if snapshot else connection.open_clients().only(options)
    facts = gather_facts(clients, terminal) if clients else connection.read_facts(snapshot)
    known = Known(members=connection.member_names)
    asked = Asked(facts, options, known, clients, values, before, tuple(plain_http))
    questions = list(check_window(asked, terminal))
    for question in questions:
        if question.error:
            complete_error(question.error)
    match output:
        case o.Output.TABLE:
            print_questions(questions, stdout_console())
        case o.Output.NAME:
            print_names(question.id for question in questions if question.error)
        case _:
            print_document(as_rows(questions), output)
    if values is None:
        terminal.say("Not asked: whether KubeSphere can be installed again. To ask: ks-reset check install.yaml")
    answers = {question.answer for question in questions}
    raise typer.Exit(Exit.REFUSED if Answer.FAIL in answers else Exit.UNKNOWN if Answer.UNKNOWN in answers else Exit.OK)
