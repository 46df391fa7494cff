"""The files beside a runbook: a script and its checks for each step and cluster, and what they share."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from ks_reset.catalogue.names import REPLICAS_ANNOTATION
from ks_reset.language import translate, translate_phrase, translate_word
from ks_reset.model import Action, Plan, RemoveMarks, Scale, SeatbeltOff, SeatbeltOn, WaitQuiet
from ks_reset.plan.file import encode_plan
from ks_reset.report.runbook.checks import Check, checks_of
from ks_reset.report.runbook.commands import command_of, file_word, lock_reads, seatbelt_file
from ks_reset.report.runbook.marks import addition_commands
from ks_reset.report.runbook.shell import Site, as_comment, quote_word, resource_word
from ks_reset.report.runbook.sites import seatbelt_manifest
from ks_reset.report.runbook.texts import text_environment

TEMPLATES = Path(__file__).parents[1] / "templates" / "runbook"
HEAD = (
    "#!/usr/bin/env bash\n{about}\n# shellcheck disable=SC2016\nset -uo pipefail\n"
    'cd "$(dirname "${{BASH_SOURCE[0]}}")/.." || exit 1\n'
)
LIBRARY = ". ./lib.sh\n"


class Part(Struct, frozen=True, dict=True):
    """The work of one step on one cluster."""

    stem: str
    cluster: str
    site: Site
    actions: list[Action]

    @property
    def script(self) -> str:
        """The script that sends its requests."""
        return f"kubectl/{self.own}.sh"

    @property
    def check(self) -> str:
        """The script that proves the step, on all its clusters."""
        return f"checks/{self.stem}.sh"

    @property
    def rollback(self) -> str:
        """The script that takes it back; "" if there is none."""
        return f"rollback/{self.own}.sh" if rollback_lines(self) else ""

    @property
    def own(self) -> str:
        """The beginning of the names of its files."""
        return f"{self.stem}.{file_word(self.cluster)}"

    @cached_property
    def groups(self) -> list[tuple[list[Action], list[Check]]]:
        """The actions of one verb after the other, each with the checks of their effect."""
        found = [list(group) for _, group in groupby(self.actions, type)]
        stems = [self.own if n == 0 else f"{self.own}.{n}" for n in range(len(found))]
        return [(group, checks_of(stem, group, self.site)) for stem, group in zip(stems, found, strict=True)]


def shared_files(plan: Plan, sites: dict[str, Site]) -> dict[str, str]:
    """The plan, the library of the scripts, and the seatbelts."""
    files = {"lib.sh": text_environment().get_template("runbook/lib.sh").render()}
    files["state.tmpl"] = (TEMPLATES / "state.tmpl").read_text()
    files["plan.json"] = encode_plan(plan).decode()
    belted = {a.cluster for a in plan.actions if isinstance(a, SeatbeltOn | SeatbeltOff)}
    for identity in sorted(belted):
        files[seatbelt_file(sites[identity])] = seatbelt_manifest(plan, identity, sites[identity])
    return files


def part_files(parts: Sequence[Part], before: str, *, belted: bool) -> dict[str, str]:
    """Scripts, checks and lists of one step. Each script begins with the check of the step before: `before`."""
    stem = parts[0].stem
    files: dict[str, str] = {}
    calls = [f"belted {quote_word(part.site.context)}" for part in parts] if belted else []
    for part in parts:
        checks = [check for _, found in part.groups for check in found]
        files |= {f"checks/{check.file}": "\n".join(check.lines) + "\n" for check in checks if check.file}
        calls += [check.call for check in checks]
        files[part.script] = _script(part, before)
        files[f"objects/{part.own}.tsv"] = _objects_table(part.actions)
        if lines := rollback_lines(part):
            about = as_comment(translate_phrase("takes back {0} on {1}", stem, part.cluster))
            files[part.rollback] = HEAD.format(about=about) + "\n".join(lines) + "\n"
    proof = as_comment(translate_phrase("proves {0}; changes nothing", stem))
    lines = [*dict.fromkeys(calls), f"finish {stem}"]
    files[parts[0].check] = HEAD.format(about=proof) + LIBRARY + "\n".join(lines) + "\n"
    return files


def _script(part: Part, before: str) -> str:
    about = as_comment(translate_phrase("{0} on {1}; started again, it goes on", part.stem, part.cluster))
    loosens = any(isinstance(action, SeatbeltOff) for action in part.actions)
    way = "KS_UNBELTED=yes " if loosens else ""  # another cluster's may be off already
    first = translate_phrase("Do that step first. Nothing was sent.")
    proven = f'{way}bash {before} || {{ echo "{first}" >&2; exit 1; }}\n' if before else ""
    kinds = {a.kind.resource: a.kind for a in part.actions if a.writes}
    context = quote_word(part.site.context)
    kept = [f"keep {context} {quote_word(name)} {part.own}.{file_word(name)}" for name in sorted(kinds)]
    lines: list[str] = []
    for group, checks in part.groups:
        lines += [f"go_on {part.own}"] if lines else []
        lines += _group_lines(part, group, checks)
    return HEAD.format(about=about) + proven + LIBRARY + "\n".join([*kept, *lines, f"finish {part.own}"]) + "\n"


def _group_lines(part: Part, group: list[Action], checks: list[Check]) -> Iterable[str]:
    waits = [action for action in group if isinstance(action, WaitQuiet)]
    if waits:
        yield from (check.call for check in checks if check.call.startswith("quiet "))
        reads = [read for action in waits for read in lock_reads(action, part.site)]
        seconds = max(action.seconds for action in waits) + 1
        if reads:
            yield f"note_locks {seconds} {' '.join(map(quote_word, reads))}"
        return
    yield from (command_of(action, part.site) for action in group)
    yield from (check.call for check in checks)


def rollback_lines(part: Part) -> list[str]:
    """The commands that take back scaled Deployments and removed marks, the last first; [] for none."""
    lines: list[str] = []
    for action in reversed(part.actions):
        if isinstance(action, Scale) and not action.replicas:
            kubectl, about = part.site.kubectl(action.namespace), resource_word(action.kind, action.name)
            number = f"{kubectl} get {about} -o jsonpath='{{.metadata.annotations.{REPLICAS_ANNOTATION}}}'"
            lines.append(
                f'{kubectl} scale {about} --replicas="$({number})" && {kubectl} annotate {about} {REPLICAS_ANNOTATION}-'
            )
        if isinstance(action, RemoveMarks):
            lines += addition_commands(action, part.site, action.marks) if action.marks else []
    return lines


def _objects_table(actions: Iterable[Action]) -> str:
    """Every object, a line each: verb, type, namespace, name, UID, reason; parted by tabs."""
    rows = [tuple(map(translate_word, ("verb", "type", "namespace", "name", "uid", "why")))]
    rows += [(a.verb, a.kind.key, a.namespace, a.name, a.uid, translate(a.why)) for a in actions]
    return "".join("\t".join(as_comment(cell).removeprefix("# ") for cell in row) + "\n" for row in rows)
