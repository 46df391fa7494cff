"""Progress on stderr: a live display on a terminal, a line a step and a heartbeat every 30 seconds elsewhere."""

import re
import time
from collections.abc import Iterator
from threading import RLock
from types import TracebackType
from typing import Self

from msgspec import Struct
from rich.markup import escape
from rich.status import Status
from rich.text import Text

from ks_reset.apply import StepBegun
from ks_reset.escape import for_message
from ks_reset.language import join_words, translate, translate_phrase, translate_word
from ks_reset.model import VERBS
from ks_reset.report.commands import wrap_prose
from ks_reset.report.console import for_encoding, stderr_console
from ks_reset.report.plan_time import duration_text
from ks_reset.report.titles import step_title
from ks_reset.report.wrapping import shorten_line
from ks_reset.steps.seatbelt import FASTEN_SEATBELT, LOOSEN_SEATBELT

HEARTBEAT = 30.0
LONG = 5.0
"""Seconds from which on an activity is shown with its age, and a step with the time that it took."""
MANY, STEADY = 20, 2.0
"""From so many actions in a step on, and after so many seconds, its rate and the rest of its time are shown."""
VERB_NAMES = [str(verb.__struct_config__.tag) for verb in VERBS]
MORE = re.compile(r", and (\d+) more$")
NUMBER = re.compile(r"\d+")


class Activity(Struct, frozen=True):
    """What is done on a cluster, and since when; a countdown in the text does not begin it anew."""

    text: str
    since: float

    def becomes(self, text: str, now: float) -> "Activity":
        same = NUMBER.sub("", text) == NUMBER.sub("", self.text)
        return Activity(text, self.since if same else now)


class ProgressDisplay:
    """What a run does: its step, how many of its actions have ended, how fast, and what each cluster waits for."""

    def __init__(self) -> None:
        self.console = stderr_console()
        spinner = "dots" if self.console.encoding.startswith("utf") else "line"
        drawn = self.console.is_terminal and not self.console.is_dumb_terminal
        self._status: Status | None = self.console.status(self, spinner=spinner) if drawn else None
        self._begun = self._last = self._step_begun = time.monotonic()
        self._now: dict[str, Activity] = {}
        self._step: StepBegun | None = None
        self._ended, self._seatbelt = 0, ""
        self._one = RLock()

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: "type[BaseException] | BaseException | TracebackType | None") -> None:
        if self._status:
            self._status.stop()

    def __rich__(self) -> Text:
        """The present state, as often as the terminal is drawn: the step, and a line a cluster, as many as fit.

        It takes no lock of ours: rich calls it with its own, which whoever prints a line waits for.
        """
        width, height = max(self.console.width - 4, 20), max(self.console.height - 2, 1)
        lines = [shorten_line(text, width) for text in (*self._counts(), *self._activities())]
        more = [translate_phrase("… and {0} more clusters", len(lines) - height)] if len(lines) > height else []
        return Text(for_encoding(for_message("\n".join(lines[:height] + more)), self.console.encoding))

    def print_line(self, text: str) -> None:
        """Print a line."""
        with self._one:
            self.console.print(text, markup=False)
            self._last = time.monotonic()

    def show_activity(self, text: str, cluster: str = "") -> None:
        """Show the present activity on a cluster: overwritten on a terminal, printed every 30 s elsewhere."""
        with self._one:
            now = time.monotonic()
            self._now[cluster] = self._now.get(cluster, Activity("", now)).becomes(text, now)
            if not self._status and now - self._last >= HEARTBEAT:
                self.print_line("  … " + translate_phrase("; ").join((*self._counts(), *self._activities())))

    def count_ended(self, count: int) -> None:
        """So many actions of the step have ended."""
        with self._one:
            self._ended += count

    def print_left_behind(self, name: str, why: str) -> None:
        """Print a member left out of the rest of the run."""
        with self._one:
            self._now.pop(name, None)
        self.print_line(f"  ! {name} is left behind: {why}")

    def begin_step(self, step: StepBegun) -> None:
        """Print the number of the step, its name and its reason, unless nothing of it remains."""
        with self._one:
            self._now.clear()
            self._step, self._ended, self._step_begun = step, 0, time.monotonic()
            if step.actions:
                lead = f"{step.number}/{step.of} {step_title(step.step)}"
                width = self.console.width if self.console.is_terminal else 0
                first, *more = wrap_prose(f"{lead}  {translate(step.why)}", width, 0, 4)
                self.console.print(f"[bold]{escape(lead)}[/bold]{escape(first.removeprefix(lead))}", soft_wrap=True)
                for line in more:
                    self.console.print(line, markup=False, soft_wrap=True)
                self._last = time.monotonic()

    def finish_step(self, step: str, writes: dict[str, int]) -> None:
        """Print what a step has written, and how long it took if that was long."""
        with self._one:
            self._now.clear()
            took = time.monotonic() - self._step_begun
            self._step = None
            if step == FASTEN_SEATBELT.name or (step == LOOSEN_SEATBELT.name and writes):
                self._seatbelt = SEATBELTS[step]
        each, done = join_words(f"{name} {count}" for name, count in writes.items()), step_title(step)
        time_taken = translate_phrase(", in {0}", duration_text(took)) if took >= LONG else ""
        if writes:
            count = sum(writes.values())
            self.print_line(translate_phrase("  ✓ {0}: {1} write(s): {2}{3}", done, count, each, time_taken))
        else:
            self.print_line(translate_phrase("  ✓ {0}: nothing to write{1}", done, time_taken))

    def _counts(self) -> Iterator[str]:
        """A line on the step, and one on the run; none outside of a step."""
        step, now = self._step, time.monotonic()
        if step is None:
            return
        parts = [translate_phrase("step {0} of {1}", step.number, step.of)]
        if step.actions > 1:
            parts.append(translate_phrase("{0} of {1} done", min(self._ended, step.actions), step.actions))
        parts += self._speed(step, now - self._step_begun)
        yield " · ".join(parts)
        parts = [translate_phrase("running for {0}", duration_text(now - self._begun))]
        if step.watched:
            parts.append(translate_phrase("{0} namespaces watched", step.watched))
        if self._seatbelt:
            parts.append(translate_word(self._seatbelt))
        yield " · ".join(parts)

    def _speed(self, step: StepBegun, seconds: float) -> Iterator[str]:
        """The rate of the step and how long the rest takes at it, once both can be told."""
        if step.actions >= MANY and seconds >= STEADY and 0 < self._ended <= step.actions:
            rate = self._ended / seconds
            yield translate_phrase("{0}/s", f"{rate:.1f}")
            yield translate_phrase("about {0} left", duration_text((step.actions - self._ended) / rate))

    def _activities(self) -> Iterator[str]:
        """What is done now and for how long, with the cluster before it."""
        now = time.monotonic()
        for name, activity in tuple(self._now.items()):
            text, age = _translate_activity(activity.text), now - activity.since
            text = translate_phrase("{0}: {1}", name, text) if name else text
            yield translate_phrase("{0} ({1})", text, duration_text(age)) if age >= LONG else text


SEATBELTS = {FASTEN_SEATBELT.name: "seatbelt is on", LOOSEN_SEATBELT.name: "seatbelt is off"}


def _translate_activity(text: str) -> str:
    """An activity in the chosen language: `delete Role shop/admin`, or a sentence."""
    verb, _, rest = text.partition(" ")
    if verb not in VERB_NAMES:
        return translate(text)
    return f"{translate_word(verb)} {MORE.sub(lambda match: translate_phrase(', and {0} more', match[1]), rest)}"
