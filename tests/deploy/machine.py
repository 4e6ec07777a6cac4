"""A machine with systemd for tests: it boots over the files of this one, changes none of them, and has its own network.

systemd-nspawn starts it, over an overlay whose upper half is memory. Where that cannot be done, tests are skipped with
what the attempt said.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit import needs
from tests.serve.service import ROOT, descendants

CHECKOUT = "/srv/checkout"
_PACKAGES = "/srv/packages"
_BOOT_SECONDS = 90.0
_PYTHON = "/usr/bin/python3"


@dataclass(frozen=True, slots=True)
class Machine:
    """`root`: its files, as this machine sees them; `first`: the pid of its systemd here."""

    root: Path
    first: int

    def run(self, command: str, *, seconds: float = 120, status: int | None = 0) -> str:
        """What a shell command says there, as root and in the checkout; None for any status."""
        enter = ["nsenter", f"--target={self.first}", "--all", "env", "-i"]
        done = subprocess.run(
            [*enter, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", f"cd {CHECKOUT}; {command}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
        )
        assert status in (None, done.returncode), f"{command}\n{done.stdout}"
        return done.stdout


@contextlib.contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A machine that has booted, with Sheaf in /opt/sheaf as a wheel puts it there; `folder` is used up."""
    needs("systemd-nspawn")
    _possible()
    with contextlib.ExitStack() as stack:
        _mount(stack, folder, "-t", "tmpfs", "-o", "size=2g,mode=755", "tmpfs")
        root, upper, scratch = (folder / name for name in ("root", "upper", "scratch"))
        for each in (root, upper, scratch):
            each.mkdir()
        _mount(
            stack, root, "-t", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={scratch}", "overlay"
        )
        _prepare(root)
        log = folder / "nspawn.log"
        started = _start(root, log)
        stack.callback(_end, started)
        made = Machine(root, _booted(started, log))
        _install(made, folder)
        yield made


def _possible() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can start a machine")
    version = subprocess.run(
        [_PYTHON, "-c", "import sys, ensurepip; print(sys.version_info[:2])"], capture_output=True, text=True
    ).stdout.strip()
    if version != str(sys.version_info[:2]):
        pytest.skip(f"the packages here are not those of {_PYTHON}, which a service has")


def _mount(stack: contextlib.ExitStack, place: Path, *how: str) -> None:
    done = subprocess.run(["mount", *how, str(place)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no machine can be started here: {done.stderr.strip()}")
    # What is still open there goes with its process.
    stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=False)


def _prepare(root: Path) -> None:
    """Nothing of this machine's own services starts there."""
    (root / "etc/fstab").write_text("")
    (root / "etc/machine-id").write_text("")
    default = root / "etc/systemd/system/default.target"
    default.unlink(missing_ok=True)
    default.symlink_to("/lib/systemd/system/basic.target")


def _start(root: Path, log: Path) -> "subprocess.Popen[bytes]":
    (packages,) = {Path(each) for each in sys.path if each.endswith("site-packages") and sys.prefix in each}
    command = ["systemd-nspawn", f"--directory={root}", "--boot", "--register=no", "--keep-unit"]
    options = ["--private-network", "--console=pipe", "--machine=sheaf-test", "--link-journal=no"]
    bound = [f"--bind-ro={ROOT}:{CHECKOUT}", f"--bind-ro={packages}:{_PACKAGES}"]
    with log.open("wb") as told:
        return subprocess.Popen(
            [*command, *options, *bound], stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT
        )


def _booted(started: "subprocess.Popen[bytes]", log: Path) -> int:
    """The pid of its systemd, as soon as that takes commands."""
    end = time.monotonic() + _BOOT_SECONDS
    while time.monotonic() < end and started.poll() is None:
        for pid in descendants(started.pid):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                    asked = ["nsenter", f"--target={pid}", "--all", "systemctl", "is-active", "basic.target"]
                    if subprocess.run(asked, capture_output=True).returncode == 0:
                        return pid
        time.sleep(0.2)
    _end(started)
    pytest.skip(f"no machine can be started here: {log.read_text(errors='replace')[-2000:]}")


def _end(started: "subprocess.Popen[bytes]") -> None:
    """With the first process of a machine all others end."""
    for pid in [*descendants(started.pid)[:1], started.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
    started.wait(30)


def _install(machine: Machine, folder: Path) -> None:
    """The wheel of this checkout; the libraries are those that the tests have."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheel")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = (folder / "wheel").glob("*.whl")
    place = machine.root / "srv" / wheel.name
    place.write_bytes(wheel.read_bytes())
    machine.run(f"{_PYTHON} -m venv /opt/sheaf", seconds=180)
    machine.run(f"echo {_PACKAGES} > $(echo /opt/sheaf/lib/python3*/site-packages)/packages.pth")
    machine.run(f"/opt/sheaf/bin/pip install --no-index --no-deps /srv/{wheel.name}", seconds=180)
