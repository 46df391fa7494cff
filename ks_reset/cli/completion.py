"""Completion in a shell: contexts, members, playbooks and runs; and the program that kubectl asks for its plugins.

kubectl runs `kubectl_complete-ks_reset` with the words typed so far, and reads one completion a line and a directive
of cobra, `:4` for "no file names" (kubernetes v1.26, staging/src/k8s.io/kubectl/pkg/cmd/plugin/plugin_completion.go).
"""

import io
import os
import shlex
import sys
from contextlib import redirect_stdout, suppress

import typer

from ks_reset.cluster import list_contexts
from ks_reset.errors import ResetError
from ks_reset.local import state_dir
from ks_reset.plan.playbook import playbook_names

FILES, NO_FILES = 0, 4
"""cobra's directives: file names may follow, or not (spf13/cobra v1.8, completions.go, ShellCompDirective)."""


def context_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The contexts of the kubeconfig that begin so; none if it cannot be read."""
    try:
        names, _ = list_contexts(str(ctx.params.get("kubeconfig") or ""))
    except ResetError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def member_words(ctx: typer.Context, incomplete: str) -> list[str]:
    """`NAME=CONTEXT` for each context, with the name typed, or the context's own."""
    given, sign, context = incomplete.partition("=")
    names = context_names(ctx, context if sign else "")
    return [f"{given}={name}" for name in names] if sign else [f"{n}={n}" for n in names if n.startswith(given)]


def playbook_words(incomplete: str) -> list[str]:
    """The playbooks that begin so."""
    return [name for name in playbook_names() if name.startswith(incomplete)]


def run_names(incomplete: str) -> list[str]:
    """The runs in the state directory that begin so, the newest first."""
    found = (path.parent for path in (state_dir() / "runs").glob("*/plan.json"))
    newest = sorted(found, key=lambda run: (run / "plan.json").stat().st_mtime, reverse=True)
    return [run.name for run in newest if run.name.startswith(incomplete)]


def kubectl_main() -> None:
    """Print what may follow the words in `sys.argv`, for kubectl: typer's completion for bash, then a directive."""
    from ks_reset.cli import app

    words = ["ks-reset", *(sys.argv[1:] or [""])]
    asked = {"COMP_WORDS": shlex.join(words[:-1]) + f" {words[-1]}", "COMP_CWORD": str(len(words) - 1)}
    os.environ |= {"_KS_RESET_COMPLETE": "complete_bash", **asked}
    with suppress(SystemExit), redirect_stdout(io.StringIO()) as found:
        app(prog_name="ks-reset")
    names = found.getvalue().split()
    sys.stdout.write("".join(f"{name}\n" for name in (*names, f":{NO_FILES if names else FILES}")))
