"""Headings and names of states that have a translation of their own, looked up only where one is printed."""

WORDS = (
    *("Seen", "Follows", "Way on", "Checks"),
    *("critical", "warning", "info", "unknown", "passed", "found", "cannot be told"),
    *("host", "member", "step", "clusters", "cluster", "action", "each", "what", "objects"),
    *("delete", "create", "scale", "stop", "patch", "wait", "strip", "label", "install", "watch"),
    *("Emergency", "Before a window", "In a window", "After a window", "To try it", "Options", "Arguments", "Commands"),
)
