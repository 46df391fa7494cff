"""The command that a word stands for: the words of kubectl, helm, terraform and velero, and the names of playbooks."""

from collections.abc import Iterable
from difflib import get_close_matches

from ks_reset.plan.playbook import playbook_names

OTHER_WORDS = {
    "ks-reset doctor": ("diagnose", "diagnosis", "audit", "scan", "preflight"),
    "ks-reset runs list": ("status", "list", "history", "ls"),
    "ks-reset runs show": ("resume", "continue"),
    "ks-reset runs logs": ("logs", "log"),
    "ks-reset plan restore": ("restore", "rollback", "undo", "revert"),
    "ks-reset plan uninstall": ("uninstall",),
    "ks-reset permissions": ("rbac", "can-i", "auth"),
    "ks-reset show plan.json": ("diff",),
    "ks-reset --version": ("version",),
    "ks-reset --help": ("help", "delete", "remove", "purge", "clean", "cleanup", "destroy", "deinit"),
}
"""The words of other tools by the command that does the same here."""
MEANING = {word: words for words, others in OTHER_WORDS.items() for word in others}
NEAR = 0.75
"""The likeness from which on a word counts as misspelt, by difflib."""


def command_meant(word: str, commands: Iterable[str]) -> str:
    """The whole command that a word most likely stands for; "" for a misspelt command, and for one like nothing."""
    meaning = {name: f"ks-reset plan {name}" for name in playbook_names()} | MEANING
    own = set(commands)
    nearest = word if word in meaning else next(iter(get_close_matches(word, [*own, *meaning], 1, NEAR)), "")
    return "" if nearest in own else meaning.get(nearest, "")
