"""Upper bounds of everything that is read from elsewhere, and the readers that keep to them.

Each is far above what a real fleet needs. A message names the place, the bound and what to do.
"""

import io
import os
import select
import stat
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ks_reset.decoding import decode_json_as
from ks_reset.errors import SAME_CALL, Correction, Usage, other_file

MIB = 1 << 20
ANSWER_BYTES = 512 * MIB
"""One answer of an API server: a page has 500 objects, and etcd keeps none above 1.5 MiB."""
LIST_PAGES, LIST_ITEMS, LIST_SECONDS = 2000, 1_000_000, 900.0
"""One list; Kubernetes is made for 150000 Pods."""
DEPTH = 200
"""Mappings and lists inside each other; the deepest types of KubeSphere's manifests have 60."""
KUBECONFIG_BYTES, VALUES_BYTES, IDENTITY_BYTES = 10 * MIB, 10 * MIB, MIB
PLAN_BYTES, SNAPSHOT_BYTES, VAULT_BYTES, JOURNAL_BYTES = 256 * MIB, 4096 * MIB, 512 * MIB, 1024 * MIB
"""Files of ks-reset, a snapshot and a baseline after decompression."""
CHART_BYTES, CHART_FILE_BYTES, MANIFEST_BYTES = 50_000_000, 10 * MIB, 50_000_000
UNPACKED_BYTES = 500_000_000
"""A chart as downloaded, one file in it, a manifest, and a chart after decompression."""
REGISTRY_BYTES = MIB
"""An answer of a registry or of its token server."""
YAML_NODES = 1_000_000
"""Mappings, lists and scalars of a YAML document, each counted as often as an alias names it."""
FILE_SECONDS = 10.0
"""How long a pipe in place of a file may keep silent."""
LEASE_SECONDS = 300
"""The longest lease of a run lock or a controller that is waited for; Kubernetes' own are 15 to 60 s."""
ERROR_TEXT = 2000
"""Characters kept of a text from a server or another program."""


class TooLarge(Usage):
    """Something is above its bound. The message says what, where, the bound and what to do."""


def read_file(path: Path, bytes_allowed: int, what: str) -> bytes:
    """The content of a file, or of a pipe such as <(command).

    Raises TooLarge above the bound, Usage for a directory or a pipe that keeps silent, OSError as `open`.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(21, os.strerror(21), str(path))
        return _read_all(descriptor, path, bytes_allowed, what, is_pipe=stat.S_ISFIFO(mode))
    finally:
        os.close(descriptor)


def _read_all(descriptor: int, path: Path, allowed: int, what: str, *, is_pipe: bool) -> bytes:
    kept, deadline = io.BytesIO(), time.monotonic() + FILE_SECONDS
    while True:
        if is_pipe and not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise Usage(
                f"{what} {path} is a pipe, and nothing came for {FILE_SECONDS:.0f} s. Write it into a file.",
                other_file(path),
            )
        part = os.read(descriptor, MIB)
        if not part and is_pipe and not kept.tell() and time.monotonic() < deadline:
            time.sleep(0.05)  # nobody has opened the other end yet
            continue
        if not part:
            return kept.getvalue()
        kept.write(part)
        deadline = time.monotonic() + FILE_SECONDS
        if kept.tell() > allowed:
            raise too_large(f"{what} {path}", f"{allowed} bytes", "Give another file", other_file(path))


def too_large(what: str, bound: str, instead: str, *corrections: Correction) -> TooLarge:
    """The error for something above its bound. Without a correction of the call the file of `what` is to be mended."""
    said = f"{what} is larger than {bound}, the most that ks-reset reads of it. {instead}."
    return TooLarge(said, *(corrections or [SAME_CALL]))


def unpack_gzip(data: bytes, bytes_allowed: int, what: str) -> bytes:
    """The decompressed data, of one or more members. Raises TooLarge above the bound, zlib.error or EOFError."""
    kept, rest = [], data
    while rest:
        opened = zlib.decompressobj(31)
        kept.append(opened.decompress(rest, bytes_allowed + 1))
        if sum(map(len, kept)) > bytes_allowed:
            raise too_large(f"{what}, unpacked,", f"{bytes_allowed} bytes", "Give another file")
        if not opened.eof:
            raise EOFError("it ends in the middle")
        rest = opened.unused_data.lstrip(b"\0")
    return b"".join(kept)


def decode_json(data: bytes, kind: Any = Any) -> Any:
    """The JSON in data. Raises ValueError for anything that is not of this kind, as text, shape or depth."""
    try:
        return decode_json_as(data, kind)
    except RecursionError:
        raise ValueError("its mappings and lists are nested too deep") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(" ".join(str(error).split())[:ERROR_TEXT]) from None


def load_yaml(data: str | bytes, what: str = "it") -> Any:
    """The YAML document in data. Raises ValueError for anything else, TooLarge above a bound."""
    documents = load_yaml_documents(data, what)
    if len(documents) > 1:
        raise ValueError("it has more than one YAML document")
    return documents[0] if documents else None


def load_yaml_documents(data: str | bytes, what: str = "it") -> list[Any]:
    """All YAML documents in data. Raises as `load_yaml`."""
    loader = None
    try:
        _require_flat(data, what)  # the parser in C ends the process by a deeper text
        loader, loaded = _Loader(data), []
        while loader.check_node():
            node = loader.get_node()
            _require_few_nodes(node, what)
            loaded.append(loader.construct_document(node))
        return loaded
    except RecursionError:
        raise ValueError("its mappings and lists are nested too deep") from None
    except (yaml.YAMLError, TypeError, OverflowError, AttributeError) as error:
        raise ValueError(" ".join(str(error).split())[:ERROR_TEXT]) from None
    finally:
        if loader:
            loader.dispose()


_Loader: Callable[[str | bytes], Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _require_flat(data: str | bytes, what: str) -> None:
    """Raises TooLarge for a text of more than DEPTH levels."""
    depth, parser = 0, _Loader(data)
    try:
        while (event := parser.get_event()) is not None:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEPTH:
                raise too_large(what, f"{DEPTH} levels", "Write it flatter")
            if isinstance(event, yaml.StreamEndEvent):
                return
    finally:
        parser.dispose()


def _require_few_nodes(root: yaml.Node, what: str) -> None:
    """Raises TooLarge for a document that aliases make large, ValueError for one that holds itself or is too deep."""
    sizes: dict[int, int] = {}
    line: list[tuple[yaml.Node, bool]] = [(root, False)]
    open_nodes: set[int] = set()
    while line:
        node, is_done = line.pop()
        key = id(node)
        if is_done:
            open_nodes.discard(key)
            sizes[key] = 1 + sum(sizes[id(child)] for child in _children(node))
            if sizes[key] > YAML_NODES:
                raise too_large(
                    what, f"{YAML_NODES} YAML nodes (each alias counted)", "Write it without so many aliases"
                )
        elif key in open_nodes:
            raise ValueError("a part of it holds itself by an alias")
        elif key not in sizes:
            open_nodes.add(key)
            if len(open_nodes) > DEPTH:
                raise too_large(what, f"{DEPTH} levels", "Write it flatter")
            line.append((node, True))
            line += [(child, False) for child in _children(node)]


def _children(node: yaml.Node) -> Iterable[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
