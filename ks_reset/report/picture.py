"""The chain of an explanation as a picture: boxes from the first cause to the outcome, a lane for each cluster.

Each box has a row of its own, so boxes cannot overlap. An arrow to the next row goes straight down, an arrow to a
later row goes around at the right.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from textwrap import wrap

from jinja2 import Template
from msgspec import Struct

from ks_reset.escape import for_dot, for_terminal
from ks_reset.language import translate, translate_phrase, translate_word
from ks_reset.model import Outcome
from ks_reset.report.environments import template_environment
from ks_reset.report.explain import explanation_headline, link_predicate, link_reason
from ks_reset.report.titles import without_api_groups
from ks_reset.report.wrapping import IS_WIDE
from ks_reset.report.wrapping import wrap as wrap_wide
from ks_reset.simulation.blockers import Blocker
from ks_reset.simulation.chains import Consequence, Link
from ks_reset.simulation.explain import Explanation

WIDE, GAP, EDGE, LANE, HEAD, LINE, PAD = 400, 58, 24, 440, 18, 16, 12
"""Pixels: a box, between rows, the margin, a lane, a bold line, another, inside a box."""
BOLD, TEXT, MONO = 42, 54, 54
"""The number of characters in a line of a box, in a wide font."""


class Box(Struct, frozen=True):
    """`tone` is cause, link, hold or end; `actor` and `field` are written on the arrow into it."""

    lane: str
    head: str
    text: str
    tone: str
    actor: str = ""
    field: str = ""


class Chart(Struct, frozen=True):
    """Boxes in the order of events, and arrows between them by index."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]


class Placed(Struct, frozen=True):
    """A box with its place: `y` is its top, `labels` the lines above it."""

    box: Box
    x: int
    y: int
    height: int
    heads: tuple[str, ...]
    lines: tuple[str, ...]
    fields: tuple[str, ...]


def explanation_chart(e: Explanation) -> Chart:
    """The picture of an explanation: its chains, else the blockers of the object, else the object alone."""
    boxes: list[Box] = []
    arrows: list[tuple[int, int]] = []
    for effect in e.fates:
        more, between = _chain_boxes(effect, e.host)
        arrows += [(a + len(boxes), b + len(boxes)) for a, b in between]
        boxes += more
    if e.holds:
        more, between = _blocker_boxes(e)
        arrows += [(a + len(boxes), b + len(boxes)) for a, b in between]
        boxes += more
    if not boxes:
        boxes = [Box(e.cluster, without_api_groups(e.object), without_api_groups(e.sooner), "end")]
    return Chart(explanation_headline(e), tuple(boxes), tuple(arrows))


def _chain_boxes(effect: Consequence, host: str) -> tuple[list[Box], list[tuple[int, int]]]:
    """A box for each link, with a box for the cause of a first link before it; and arrows between them."""
    boxes: list[Box] = []
    arrows: list[tuple[int, int]] = []
    at: list[int] = []
    for n, link in enumerate(effect.chain):
        before = _earlier_links(effect.chain, n)
        if not before and link.actor != "somebody":
            boxes.append(_cause_box(link, host))
            arrows.append((len(boxes) - 1, len(boxes)))
        arrows += [(at[b], len(boxes)) for b in before]
        at.append(len(boxes))
        last = n == len(effect.chain) - 1
        boxes.append(_link_box(link, effect if last else None, bool(before)))
    return boxes, arrows


def _cause_box(link: Link, host: str) -> Box:
    why, cause = link_reason(link), without_api_groups(link.cause)
    about = bool(cause) and why.startswith(f"{cause} ")
    lane = host if about and ".types.kubefed.io " in link.cause else link.cluster
    return Box(lane, cause if about else without_api_groups(link.object), why.removeprefix(f"{cause} "), "cause")


def _link_box(link: Link, ends: Consequence | None, led: bool) -> Box:
    text = translate(link_reason(link)) if led or link.actor == "somebody" else ""
    if ends and ends.fate in (Outcome.STUCK, Outcome.REFUSED, Outcome.CHANGED):
        fate = translate_phrase("{0}: {1}", translate_word(ends.fate), translate(without_api_groups(ends.detail)))
        text = f"{text}{translate_phrase('; ') if text else ''}{fate}"
    return Box(link.cluster, link_predicate(link), text, "end" if ends else "link", link.actor, link.field)


def _earlier_links(chain: Sequence[Link], at: int) -> list[int]:
    """The indices of the links before this one: the last about the same object, and the last about its cause."""
    link = chain[at]
    own = [i for i in range(at) if (chain[i].object, chain[i].cluster) == (link.object, link.cluster)]
    causes = [i for i in range(at) if chain[i].object == link.cause]
    near = [i for i in causes if chain[i].cluster == link.cluster]
    return sorted({*own[-1:], *(near or causes)[-1:]})


def _blocker_boxes(e: Explanation) -> tuple[list[Box], list[tuple[int, int]]]:
    """Boxes and arrows, the innermost first: the blockers of an object, the object, and the objects blocked by it."""
    boxes: list[Box] = []
    arrows: list[tuple[int, int]] = []
    open_ends: list[int] = []
    for title in reversed(list(dict.fromkeys([e.object, *(hold.object for hold in e.holds)]))):
        mine = [hold for hold in e.holds if hold.object == title]
        first, ends = len(boxes), title == e.object
        boxes += [_blocker_box(hold, e.cluster) for hold in mine]
        inside = translate_phrase("is inside, and stays as long as that does")
        tone, text = ("end", translate_phrase("is Terminating")) if ends else ("link", inside)
        sources = [*range(first, len(boxes)), *(open_ends if ends else [])]
        arrows += [(i, len(boxes)) for i in sources]
        open_ends.append(len(boxes))
        holds = translate_phrase("holds") if sources else ""
        boxes.append(Box(e.cluster, without_api_groups(title), text, tone, "", holds))
    return boxes, arrows


def _blocker_box(hold: Blocker, cluster: str) -> Box:
    who = translate(hold.who) + ("" if hold.runs else translate_phrase(" (not known to run)"))
    release = translate(without_api_groups(hold.release))
    text = translate_phrase("{0} lets go, once: {1}", who, release)
    return Box(cluster, without_api_groups(hold.what), text, "hold")


def _lines_of(text: str, width: int) -> list[str]:
    """Lines of a text in the chosen language; a Chinese character is as wide as two others."""
    said = for_terminal(translate(text))
    whole = wrap_wide(said, width) if IS_WIDE.search(said) else [said]
    return [part for line in whole for part in wrap(line, width)]


def render_dot(e: Explanation) -> str:
    """The picture in the DOT language of graphviz."""
    drawn = explanation_chart(e)
    lines = ["digraph explain {", f"  label={for_dot(drawn.title)}; labelloc=t; node [shape=box]; rankdir=TB;"]
    for n, lane in enumerate(_lane_names(drawn.boxes)):
        lines.append(f"  subgraph cluster_{n} {{ label={for_dot(lane)};")
        for i, box in enumerate(drawn.boxes):
            if box.lane == lane:
                text = "\n".join([*_lines_of(box.head, BOLD), *_lines_of(box.text, TEXT)])
                lines.append(f"    n{i} [label={for_dot(text)}, style={_node_style(box.tone)}];")
        lines.append("  }")
    for a, b in drawn.arrows:
        label = "\n".join(part for part in (translate(drawn.boxes[b].actor), drawn.boxes[b].field) if part)
        lines.append(f"  n{a} -> n{b} [label={for_dot(label)}];")
    return "\n".join([*lines, "}", ""])


def _node_style(tone: str) -> str:
    return {"cause": "dashed", "hold": "dashed", "end": "bold"}.get(tone, "solid")


def render_svg(e: Explanation) -> str:
    """The picture as SVG, without fonts and scripts."""
    drawn = explanation_chart(e)
    lanes = _lane_names(drawn.boxes)
    title = _lines_of(drawn.title, TEXT * len(lanes))
    top = EDGE + HEAD * len(title) + 34
    placed = list(_placed_boxes(drawn.boxes, lanes, top))
    skips = sorted((pair for pair in drawn.arrows if pair[1] - pair[0] > 1), key=lambda pair: pair[1] - pair[0])
    right = EDGE + LANE * len(lanes)
    return _svg_template().render(
        title=title,
        lanes=list(enumerate(lanes)),
        placed=placed,
        straight=[_straight_path(placed[a], placed[b]) for a, b in drawn.arrows if b - a == 1],
        around=[_detour_path(placed, pair, right + 8 + 14 * n) for n, pair in enumerate(skips)],
        width=right + 14 * len(skips) + EDGE,
        height=placed[-1].y + placed[-1].height + EDGE,
        top=top,
        calm=e.verdict in ("stays", "changed"),
        size={"wide": WIDE, "edge": EDGE, "lane": LANE, "head": HEAD, "line": LINE, "pad": PAD},
    )


def _lane_names(boxes: Iterable[Box]) -> list[str]:
    return list(dict.fromkeys(box.lane for box in boxes))


def _placed_boxes(boxes: Iterable[Box], lanes: Sequence[str], y: int) -> Iterable[Placed]:
    for box in boxes:
        heads, lines = _lines_of(box.head, BOLD), _lines_of(box.text, TEXT)
        fields = wrap(for_terminal(box.field), MONO)
        y += GAP + 14 * max(0, len(fields) - 1) if box.actor or box.field else GAP // 2
        height = 2 * PAD + HEAD * len(heads) + LINE * len(lines)
        x = EDGE + LANE * lanes.index(box.lane) + (LANE - WIDE) // 2
        yield Placed(box, x, y, height, tuple(heads), tuple(lines), tuple(fields))
        y += height


def _straight_path(a: Placed, b: Placed) -> str:
    """From the foot of one box to the head of the next row's."""
    return f"M{a.x + 24} {a.y + a.height} v10 H{b.x + 24} V{b.y - 2}"


def _detour_path(placed: Sequence[Placed], pair: tuple[int, int], x: int) -> str:
    """From the side of one box, around at the right, to the side of a later one; several do not meet in a point."""
    a, b = placed[pair[0]], placed[pair[1]]
    start, end = a.y + a.height - PAD, b.y + PAD + 7 * (x // 14 % 3)
    return f"M{a.x + WIDE} {start} H{x} V{end} H{b.x + WIDE + 2}"


@cache
def _svg_template() -> Template:
    environment = template_environment(escaped=True)
    environment.finalize = lambda value: for_terminal(value) if isinstance(value, str) else value
    return environment.get_template("chain.svg")
