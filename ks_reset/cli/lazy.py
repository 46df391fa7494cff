"""The commands of ks-reset by name: a module is imported once its command is wanted, not for the list of all."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group_from_info
from typer.models import TyperInfo

from ks_reset.cli.translated import translate_command, translate_titles, translated_errors
from ks_reset.errors import Usage
from ks_reset.language import translate, translate_word

VARIABLES = "Nearly each flag is also a variable: --gone-host is KS_RESET_GONE_HOST."
EPILOG = (
    "Exit codes: 0 done or clean · 1 error · 2 usage · 3 findings, not clean, or a plan to approve; plan "
    "--detailed-exitcode: changes · 4 refused by a guard · "
    "5 unknown: could not read · 6 plan stale · 7 stopped, resumable · 130 interrupted."
)
HELP = {
    "backup": "Save snapshot, vault and memory in one folder, with digests and the commands that use each file.",
    "check": (
        "Ask whether a window can begin: plan, permissions, installation afterwards. Exits 4 if not, 5 if unknown."
    ),
    "snapshot": "Save every object of every cluster, for doctor and plan offline. Secrets are metadata alone.",
    "vault": (
        "Keep the contents of KubeSphere's own Secrets and ConfigMaps, and password hashes, encrypted for your key."
    ),
    "memory": (
        "Show what KubeSphere knows and rebind would give back; with --to, as manifests for kubectl apply and velero."
    ),
    "doctor": (
        "Look for stale records, loaded guns and leftovers. Sends only GET and LIST. Exits 3 if something is found."
    ),
    "explain": "Say what would happen to one object if nothing is done, or an event comes. Sends only GET and LIST.",
    "feasible": (
        "Ask whether an installation can succeed, before anything is removed. Exits 4 if not, 5 if nobody can tell."
    ),
    "render": "Write ClusterConfiguration (3.x) or the values of the chart ks-core (4.x) to stdout.",
    "plan": ("Show what a playbook would do, and save it with --out FILE for apply. Sends only GET and LIST."),
    "show": "Print a saved plan as plan does, or each object of one of its steps. Reads no cluster; exits 0.",
    "permissions": (
        "Print the smallest roles for a command that reads, or for a plan, with bindings. Sends only GET and LIST."
    ),
    "apply": "Apply a plan. Asks for the host's name first; --yes with a saved plan does not ask.",
    "verify": "Look for leftovers by API discovery, and prove that bystanders are unchanged. Exits 3 if not clean.",
    "reset": (
        "Uninstall, verify, reinstall, rejoin and rebind: shows the next stage's plan, and applies it once "
        "it is approved."
    ),
    "runbook": (
        "Write a runbook: every step with its commands, checks and way back; of a plan as md, html, bash, job or argo."
    ),
    "runs": "What was run on this machine, what an interrupted run has left, and how to go on with it.",
    "report": "Write what a run did, with the verdict of verify, to hand over. Sends only GET and LIST.",
    "catalogue": "Show the objects of a KubeSphere version, with what proves each. Reads no cluster.",
    "protect": "Have the API server refuse deletions of users' namespaces, volumes and types.",
    "rehearse": "Real control planes on loopback, with real kubefed: try everything here first.",
}
"""The commands with the first paragraph of each."""
PANELS = {
    "Emergency": ("doctor", "protect", "explain"),
    "Before a window": (
        "backup",
        "check",
        "snapshot",
        "vault",
        "memory",
        "feasible",
        "render",
        "catalogue",
        "permissions",
    ),
    "In a window": ("plan", "show", "runbook", "apply", "verify", "reset"),
    "After a window": ("runs", "report"),
    "To try it": ("rehearse",),
}
"""The commands by the situation in which they are needed, in the order of `--help`."""
PANEL_OF = {name: panel for panel, names in PANELS.items() for name in names}


def load_command(name: str) -> Any:
    """The command or group of this name, with its module imported."""
    translate_titles()
    module = import_module(f"ks_reset.cli.{name}")
    if hasattr(module, "app"):
        about = {"pretty_exceptions_short": True, "suggest_commands": True, "rich_markup_mode": "rich"}
        group = get_group_from_info(TyperInfo(module.app, name=name), **about)  # type: ignore[arg-type]
        return translate_command(group)
    flags = import_module("ks_reset.cli.flags")
    alone = typer.Typer(add_completion=False)
    epilog = "\n\n".join((*getattr(module, "EXAMPLES", ()), VARIABLES, EPILOG))
    alone.command(name, cls=import_module("ks_reset.cli.out").OutCommand, epilog=epilog)(
        flags.expand_groups(module.command)
    )
    return translate_command(get_command(alone))


class LazyCommands(MutableMapping[str, Any]):
    """The commands by name, each made when it is first wanted."""

    def __init__(self) -> None:
        self._commands: dict[str, Any] = dict.fromkeys(PANEL_OF)

    def __getitem__(self, name: str) -> Any:
        if self._commands[name] is None:
            self._commands[name] = load_command(name)
        return self._commands[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __contains__(self, name: object) -> bool:
        return name in self._commands

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)


class LazyGroup(TyperGroup):
    """All commands; the help names them without importing any."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.commands = LazyCommands()
        self._is_listing = False

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with translated_errors():
            return super().make_context(*args, **extra)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments begin with. Raises Usage for a word that means another command."""
        if args and args[0] not in self.commands:
            from ks_reset.cli.meant import command_meant  # not needed for a command that is known

            if meant := command_meant(args[0], self.commands):
                raise Usage(f"There is no command {args[0]!r}. Did you mean this: {meant}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        translate_command(self)
        with translated_errors():
            return super().invoke(ctx)

    def list_commands(self, _: Any) -> list[str]:
        return list(self.commands)

    def get_command(self, _: Any, cmd_name: str) -> Any:
        if self._is_listing:
            panel = translate_word(PANEL_OF[cmd_name])
            return TyperCommand(name=cmd_name, help=translate(HELP[cmd_name]), rich_help_panel=panel)
        return self.commands.get(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._is_listing = True
        translate_command(self)
        translate_titles()
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False
