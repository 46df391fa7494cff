"""Decoding of Structs from several threads at once."""

import ast
import subprocess
import sys
from pathlib import Path

import ks_reset

PACKAGE = Path(ks_reset.__file__).parent
BY_THREADS = """
import sys, threading
from msgspec import Struct, defstruct
from ks_reset.decoding import convert_to, decode_json_as

sys.setswitchinterval(1e-6)
for _ in range(100):
    parts = [defstruct(f"Part{n}", [("a", int), ("b", list[str])]) for n in range(30)]
    whole = defstruct("Whole", [(f"f{n}", part | None, None) for n, part in enumerate(parts)])
    start, wrong = threading.Barrier(8), []

    def decode():
        start.wait()
        text = b'{"f29":{"a":1,"b":["x"]}}'
        for made in (convert_to({"f29": {"a": 1, "b": ["x"]}}, whole), decode_json_as(text, whole)):
            if made.f29 != parts[29](1, ["x"]):
                wrong.append(made)

    threads = [threading.Thread(target=decode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
"""


def test_a_type_is_decoded_by_several_threads_from_the_first_time_on() -> None:
    done = subprocess.run([sys.executable, "-c", BY_THREADS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_other_module_decodes_a_type_by_msgspec_itself() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for file in PACKAGE.rglob("*.py")
        if file.name != "decoding.py"
        for node in ast.walk(ast.parse(file.read_text()))
        if _decodes_type(node)
    ]
    assert found == []


def _decodes_type(node: ast.AST) -> bool:
    """Whether this is a Decoder, a conversion, or a decoding of another type than mappings of JSON."""
    if isinstance(node, ast.ImportFrom):
        return (
            node.module is not None and node.module.startswith("msgspec") and "convert" in {n.name for n in node.names}
        )
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    called, given = ast.unparse(node.func), [ast.unparse(k.value) for k in node.keywords if k.arg == "type"]
    if not called.startswith("msgspec."):
        return False
    return called.endswith(("Decoder", ".convert")) or (
        called.endswith(".decode") and given not in ([], ["dict[str, Any]"])
    )
