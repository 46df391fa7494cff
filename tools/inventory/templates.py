"""Render the installer's jinja2 templates as ansible does, with an empty text for what is not defined."""

import base64
import json
import operator as op
import re
from typing import Any

import jinja2
import yaml

PASSES = 6
NO_IMAGE = re.compile(r"(image: *):\s*$", re.M)
"""An image with neither repository nor tag defined; a lone colon is no YAML."""


def _to_yaml(value: Any, **_: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=False) if not isinstance(value, jinja2.Undefined) else ""


def _to_json(value: Any, **_: Any) -> str:
    return json.dumps(value, default=str)


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "on", "1")


def _replace(value: Any, pattern: str = "", replacement: str = "", **_: Any) -> str:
    return re.sub(pattern, replacement, str(value))


def _compare_versions(value: Any, other: str, operator: str = "==", **_: Any) -> bool:
    numbers = [tuple(int(part) for part in re.findall(r"\d+", str(v))[:3]) for v in (value, other)]
    compare = {">=": op.ge, "<": op.lt, ">": op.gt, "<=": op.le, "==": op.eq}[operator]
    return bool(compare(*numbers))


def make_environment() -> jinja2.Environment:
    """An environment with the filters of ansible used by ks-installer."""
    env = jinja2.Environment(undefined=jinja2.ChainableUndefined, trim_blocks=True, autoescape=False)  # noqa: S701  YAML
    env.filters |= {
        "b64decode": lambda value: base64.b64decode(str(value)).decode(),
        "b64encode": lambda value: base64.b64encode(str(value).encode()).decode(),
        "basename": lambda value: str(value).rsplit("/", 1)[-1],
        "bool": _is_true,
        "from_json": lambda value: json.loads(str(value) or "{}"),
        "ipaddr": lambda value, *_: str(value),
        "password_hash": lambda value, *_: str(value),
        "quote": lambda value: f"'{value}'",
        "regex_replace": _replace,
        "ternary": lambda value, yes, no, *_: yes if value else no,
        "to_json": _to_json,
        "to_nice_json": _to_json,
        "to_nice_yaml": _to_yaml,
        "to_yaml": _to_yaml,
    }
    env.tests["version"] = _compare_versions
    env.globals |= {"lookup": lambda *_, **__: "", "query": lambda *_, **__: []}
    return env


def render_template(env: jinja2.Environment, text: str, variables: dict[str, Any]) -> str:
    """The text of a template; "" for one that cannot be rendered."""
    try:
        return NO_IMAGE.sub(r"\1", env.from_string(text).render(variables))
    except (jinja2.TemplateError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        return ""


def resolve_variables(env: jinja2.Environment, variables: dict[str, Any]) -> dict[str, Any]:
    """Variables whose texts are templates of other variables, filled in as ansible does lazily."""
    for _ in range(PASSES):
        resolved = {key: _resolve(env, value, variables) for key, value in variables.items()}
        if resolved == variables:
            break
        variables = resolved
    return variables


def _resolve(env: jinja2.Environment, value: Any, variables: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {k: _resolve(env, v, variables) for k, v in value.items()}
    if isinstance(value, list):
        return [_resolve(env, v, variables) for v in value]
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        return render_template(env, value, variables)
    return value
