"""Complete the commands in a message with the flags of this call: the same clusters, by the same ways.

Rules and guards write `ks-reset plan defuse --out plan.json` and `kubectl --context NAME …`; they know neither the
kubeconfig nor the account of the call. Here, where both are known, each command becomes one that can be typed.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import typer
from msgspec import Struct, structs

from ks_reset.cli.command_tree import command_path, flags_by_command
from ks_reset.cli.corrections import SAME_COMMAND, add_look_at_cluster, with_corrected_calls
from ks_reset.errors import Absent, ResetError, Told, UnknownName
from ks_reset.language import ENGLISH, chosen_language, translate
from ks_reset.model import Finding, Plan
from ks_reset.plan.again import command_again, connection_flags
from ks_reset.plan.playbook import playbook_names
from ks_reset.report.commands import KUBECTL_VERBS, SUBCOMMANDS
from ks_reset.report.refusals import reason_of

CONNECTION = ("--kubeconfig", "--context", "--member", "--as", "--as-group", "--request-timeout", "--snapshot")
EVERY_PLAN = ("--members", "--later", "--shared", "--gone-host")
"""Flags that say which clusters a plan is for; another playbook than that of the call gets these alone."""
NOT_REPEATED = ("--out", "--output", "--verbose", "--yes", "--approve", "--help", "--detailed-exitcode")
REPEATED = (
    *("--member", "--later", "--shared", "--gone-host", "--record", "--join", "--plain-http"),
    *("--discard", "--delete-data", "--keep-operator", "--without-operator", "--keep-type", "--accept-loss", "--keep"),
)
OF_KUBECTL = ("--kubeconfig", "--as", "--as-group")
OF_HELM = {"--kubeconfig": "--kubeconfig", "--as": "--kube-as-user", "--as-group": "--kube-as-group"}
PLAYBOOK = "PLAYBOOK"
"""Stands in a message for the playbook of the call; for uninstall where the call has none."""
COMMAND = re.compile(
    rf"\bks-reset (?P<sub>{SUBCOMMANDS})(?![\w-])"
    r"(?P<what> (?:'[^']*\.(?:json|ya?ml)'|[^\s'-]\S*\.(?:json|ya?ml)\b|[\w.]+/[\w.-]*\w|"
    r"[a-z]+(?:-[a-z]+)*(?=[\s.,;:。，；：）]|$)))?"
)
KUBECTL = re.compile(rf"\bkubectl (?=--context |-n |(?:{KUBECTL_VERBS})\b)")
GRANT = re.compile(r"\bcreate (?:clusterrole|role)")
HELM = re.compile(r"\bhelm (?=--kube-context )")
END = re.compile(r"[;:()\n。，；：（）]|[.,](?:\s|$)")


Given = tuple[str, tuple[str, ...]]
"""A flag with its values; none for a flag without a value."""


class Call(Struct, frozen=True):
    """What was typed: the command, the playbook, and each flag given with its values, in the order of the command.

    `takes` has the flags of every command, by its name. `line` is the whole call, quoted for a shell; "" if unknown.
    `out` is the file of --out, quoted too. `new_plan` makes the plan of an apply anew.
    """

    command: str = ""
    playbook: str = ""
    given: tuple[Given, ...] = ()
    takes: dict[str, frozenset[str]] = {}
    line: str = ""
    out: str = ""
    new_plan: str = ""

    def with_context(self, name: str) -> "Call":
        """The same call with the context of the host by its name, also where the current one was meant."""
        others = tuple(pair for pair in self.given if pair[0] != "--context")
        named = not self.line or len(others) < len(self.given)
        line = self.line if named else f"{self.line} --context {shlex.quote(name)}"
        return structs.replace(self, given=(("--context", (name,)), *others), line=line)

    def without(self, flag: str, value: str) -> "Call":
        """The same call without one value of a flag, and without the flag if it has no other."""
        left = ((name, tuple(v for v in values if (name, v) != (flag, value))) for name, values in self.given)
        return structs.replace(self, given=tuple((name, values) for name, values in left if values or name != flag))


_CURRENT = [Call()]


def current_call() -> Call:
    """The call that this process carries out."""
    return _CURRENT[0]


def remember_call(context: typer.Context) -> None:
    """Note what was typed, or given by a KS_RESET_* variable."""
    names: list[str] = []
    given: list[Given] = []
    for parameter in context.command.params:
        name, flag = parameter.name or "", parameter.opts[0]
        source = context.get_parameter_source(name)
        value = context.params.get(name)
        values = tuple(_values_of(value))
        if source is None or source.name not in ("COMMANDLINE", "ENVIRONMENT"):
            continue
        if flag.startswith("--"):
            given.append((parameter.secondary_opts[0] if value is False else flag, values))
        else:
            names += values
    command = " ".join(command_path(context))
    playbook = str(context.params.get("playbook") or "")
    known = playbook if playbook in playbook_names() else ""
    repeated = tuple(pair for pair in given if pair[0] not in NOT_REPEATED)
    line = " ".join(filter(None, ("ks-reset", command, shlex.join(names), as_words(given))))
    out = shlex.join(next((values for flag, values in given if flag == "--out"), ()))
    _CURRENT[0] = Call(command, known, repeated, flags_by_command(context.find_root().command), line, out)


def remember_context(name: str) -> None:
    """Note the context of the host once it is known."""
    _CURRENT[0] = current_call().with_context(name)


def remember_plan(plan: Plan, file: Path) -> None:
    """Note the command that makes the plan in this file anew."""
    call = current_call()
    again = command_again(plan, *shlex.split(connection_flags(plan)), out=str(file))
    _CURRENT[0] = structs.replace(call, new_plan=complete_commands(again, call))


def complete_error(error: ResetError) -> None:
    """Complete the commands in the message of an error."""
    call = current_call()
    add_look_at_cluster(error, dict(call.given).get("--context", ()))
    if isinstance(error, Absent):
        call = call.without(error.flag, error.value)
    if error.args and not error.told and chosen_language() != ENGLISH:
        error.told = Told("", (reason_of(str(error.args[0])),))  # its parts are found in the English message
    if error.args:
        error.args = (complete_commands(str(error.args[0]), call), *error.args[1:])
    if error.told:
        error.told = _complete_told(error.told, call)
    if isinstance(error, UnknownName) and error.nearest and call.line:
        words = [error.nearest if word == error.given else word for word in shlex.split(call.line)]
        error.args = (translate(f"{error.args[0]} Did you mean {error.nearest}? {shlex.join(words)}"),)
    elif error.corrections and call.line:
        error.args = (with_corrected_calls(str(error.args[0]), error, call.line),)
        if error.told:
            *others, last = error.told.reasons
            way_on = with_corrected_calls(last.way_on, error, call.line)
            error.told = error.told._replace(reasons=(*others, last._replace(way_on=way_on)))


def _complete_told(told: Told, call: Call) -> Told:
    reasons = [reason._replace(way_on=complete_commands(reason.way_on, call)) for reason in told.reasons]
    return Told(told.head, tuple(reasons), complete_commands(told.then, call))


def complete_cures(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with complete commands in their cures."""
    return [structs.replace(f, cure=complete_commands(f.cure, current_call())) for f in findings]


def complete_sentence(text: str) -> str:
    """The text with the flags of the current call in its commands."""
    return complete_commands(text, current_call())


def complete_commands(text: str, call: Call) -> str:
    """The text with the flags of the call in each command of ks-reset, kubectl and helm that takes them."""
    same = translate(f" The same command: {call.line}") if call.line and SAME_COMMAND.search(text) else ""
    text = translate(text).replace(f"plan {PLAYBOOK}", f"plan {call.playbook or 'uninstall'}")
    text = _replace(COMMAND, _with_file_of_call(text, call), lambda match, rest: _completed(match, rest, call))
    helm = [(OF_HELM[name], values) for name, values in call.given if name in OF_HELM]
    text = _replace(HELM, text, lambda _, rest: f"helm {as_words(_missing(helm, rest))}".rstrip() + " ")
    complete = _replace(
        KUBECTL, text, lambda _, rest: f"kubectl {as_words(_missing(_kubectl_flags(call, rest), rest))}".rstrip() + " "
    )
    return complete + same


def _kubectl_flags(call: Call, rest: str) -> Iterable[Given]:
    """The flags of the call that kubectl needs; an administrator who gives rights does not act as who lacks them."""
    flags = OF_KUBECTL[:1] if GRANT.search(rest) else OF_KUBECTL
    return [(name, values) for name, values in call.given if name in flags]


def _with_file_of_call(text: str, call: Call) -> str:
    """The text with the file of the call in each command that makes the same plan with other flags."""
    if call.command != "plan" or not call.out:
        return text
    own = re.compile(rf"(ks-reset plan {re.escape(call.playbook or 'uninstall')}\b[^;:()\n]*? --out )[\w.-]*\w")
    return own.sub(lambda match: match[1] + call.out, text)


def _completed(match: re.Match[str], rest: str, call: Call) -> str:
    sub, what = match["sub"], match["what"] or ""
    known = what.strip() in playbook_names() or not what.strip().replace("-", "").isalpha()
    others = {"--member", "--snapshot", *EVERY_PLAN} if _is_for_another(rest, call) else set()
    own = call.takes.get(sub, frozenset()) - others
    same = sub == call.command and (sub != "plan" or what.strip() == call.playbook)
    wanted = [
        (name, values)
        for name, values in call.given
        if name in own and (same or name in CONNECTION or (sub == "plan" and name in EVERY_PLAN))
    ]
    words = as_words(_missing(wanted, rest))
    return f"ks-reset {sub}{what if known else ''}{words and ' ' + words}{'' if known else what}"


def _is_for_another(rest: str, call: Call) -> bool:
    """Whether the command names another host than the call, which has other members."""
    named = {value for flag, value in pairwise(rest.split()) if flag == "--context"}
    return bool(named) and not named <= set(dict(call.given).get("--context", ()))


def _missing(wanted: Iterable[Given], rest: str) -> Iterator[Given]:
    """The flags without those that the command has already; of a repeated one the values that it has not."""
    words = rest.split()
    has = {
        name: {value.strip("'\"") for flag, value in pairwise(words) if flag == name}
        for name in {word.partition("=")[0] for word in words if word.startswith("--")}
    }
    for name, values in wanted:
        if name not in has:
            yield name, values
        elif name in REPEATED:
            there = {value.partition("=")[0] for value in has[name]} if name == "--member" else has[name]
            new = tuple(v for v in values if (v.partition("=")[0] if name == "--member" else v) not in there)
            if new:
                yield name, new


def as_words(flags: Iterable[Given]) -> str:
    """Flags with their values, quoted for a shell."""
    return shlex.join(
        word for name, values in flags for value in values or ("",) for word in ((name, value) if value else (name,))
    )


def _values_of(value: object) -> Iterable[str]:
    """The values of a flag as words; none for a flag without a value."""
    if isinstance(value, bool):
        return ()
    return map(str, value) if isinstance(value, list | tuple) else (str(value),)


def _replace(pattern: re.Pattern[str], text: str, fill: Callable[[re.Match[str], str], str]) -> str:
    """Each match replaced by `fill`, which is given the words after it, up to the end of the command."""
    parts, at = [], 0
    for match in pattern.finditer(text):
        rest = END.split(text[match.end() :], maxsplit=1)[0]
        parts += [text[at : match.start()], fill(match, rest)]
        at = match.end()
    return "".join((*parts, text[at:]))
