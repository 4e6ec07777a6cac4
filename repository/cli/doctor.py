"""`sheaf doctor`: what is wrong around the repository, and what to do about it."""

import contextlib
import os
import resource
import socket
import stat
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click

from repository.assembly import opened
from repository.backup import last_made, log_file
from repository.doctor import Finding, State, examine
from repository.model.errors import SettingsError, SheafError
from repository.model.settings import Settings, load_settings
from repository.oai.warming import formats_to_warm
from repository.serve.claims import BACKLOG

# Web workers hold a socket for each client, and files of the log, of indexes and of caches beside.
_FILES = 4096
_BEHIND_SECONDS = 60
_BACKUP_DAYS = 7
_DAY = 86_400
_LONGEST_QUEUE = Path("/proc/sys/net/core/somaxconn")


@click.command()
@click.option("--strict", is_flag=True, help="Status 1 for warnings too.")
@click.pass_context
def doctor(context: click.Context, strict: bool) -> None:
    """Look over settings, data folder, disk, clock, limits, ports, indexes and backups; each finding has its fix.

    Changes nothing, and may run beside a service.

    \b
    Exit status: 0 nothing is wrong (there may be warnings), 1 something is, 2 usage.
    Example:
      SHEAF_BASE_URL=https://example.org sheaf doctor
    """
    bad = ("FAIL", "warn") if strict else ("FAIL",)
    found = False
    for finding in _findings():
        click.echo(f"{finding.state:<5} {finding.what}")
        if finding.fix:
            click.echo(f"      -> {finding.fix}")
        found = found or finding.state in bad
    context.exit(1 if found else 0)


def _findings() -> Iterator[Finding]:
    yield from examine()
    try:
        settings = load_settings()
    except SheafError:
        # The first finding says so.
        return
    yield from _refused(settings)
    yield from _proxies(settings)
    yield from _secrets(settings)
    yield _files(settings)
    yield from _queue()
    yield _port(settings)
    yield from _server(settings)
    yield from _indexes(settings)
    yield _backup(settings)


def _refused(settings: Settings) -> Iterator[Finding]:
    """What a service would refuse to start with, though every value by itself is one."""
    try:
        formats_to_warm(settings)
    except SettingsError as error:
        yield Finding("FAIL", f"settings: {error}", "correct oai_warm in sheaf.toml, or SHEAF_OAI_WARM")


def _proxies(settings: Settings) -> Iterator[Finding]:
    for part in filter(None, map(str.strip, settings.trusted_proxies.split(","))):
        if ip_network(part, strict=False).prefixlen == 0:
            fix = "name the proxies' own addresses: whoever asks may else say where he is, and limits hold nobody"
            yield Finding("warn", f"trusted_proxies has {part}, which is everybody", fix)


def _secrets(settings: Settings) -> Iterator[Finding]:
    log = log_file(settings)
    if log and _is_open(log):
        text = f"everybody may read {log}, with its private facts and the key that signs tokens"
        yield Finding("warn", text, f"chmod o-r {log}*")
    path = Path(os.environ.get("SHEAF_CONFIG") or "sheaf.toml")
    secret: str | None = settings.sparql_password
    # Another finding says that the URL is none.
    with contextlib.suppress(ValueError):
        secret = secret or _secret_of(settings.database_url)
    if secret and _is_open(path):
        yield Finding("warn", f"{path} has a password and everybody may read it", f"chmod o-r {path}")


def _is_open(path: Path) -> bool:
    """Whether everybody may read a file, as far as we may see it."""
    try:
        return path.is_file() and bool(stat.S_IMODE(path.stat().st_mode) & stat.S_IROTH)
    except OSError:
        return False


def _secret_of(url: str) -> str | None:
    """The password in the URL of a database, which may stand in its query, too."""
    parts = urlsplit(url)
    return parts.password or next(iter(parse_qs(parts.query).get("password", ())), None)


def _files(settings: Settings) -> Finding:
    """What the service may open, whose unit may give it more than the shell has; else what one started here might."""
    most, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    served = _served(settings)
    # The process may be another user's, or just have ended.
    with contextlib.suppress(OSError, AttributeError):
        most, hard = resource.prlimit(int(served), resource.RLIMIT_NOFILE) if served else (most, hard)
    if most >= _FILES:
        return Finding("ok", f"open files: {most}")
    fix = (
        f"ulimit -n {_FILES}"
        + (f" (at most {hard} here)" if hard < _FILES else "")
        + "; systemd: LimitNOFILE="
    )
    return Finding("warn", f"open files: only {most}, about as many clients at a time", fix)


def _queue() -> Iterator[Finding]:
    """How many connections may wait for a web worker: the kernel allows fewer than were asked for without a word."""
    try:
        most = int(_LONGEST_QUEUE.read_text())
    except (OSError, ValueError):
        return
    if most >= BACKLOG:
        yield Finding("ok", f"net.core.somaxconn is {most}")
        return
    fix = f"sysctl -w net.core.somaxconn={BACKLOG}, and a file in /etc/sysctl.d to keep it"
    yield Finding(
        "warn", f"net.core.somaxconn is {most}: no more connections wait while all web workers are busy", fix
    )


def _port(settings: Settings) -> Finding:
    """Who answers where the service would."""
    url = urlsplit(settings.base_url)
    port = url.port if url.hostname in ("127.0.0.1", "localhost", "::1") and url.port else 8080
    served = _served(settings)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            taken = True
    except OSError:
        taken = False
    if served:
        return Finding("ok", f"the data folder is being served, by process {served}")
    if taken:
        fix = f"end what listens there (ss -ltnp 'sport = :{port}'), or serve with --port"
        return Finding("warn", f"port {port} is taken, and not by a service over this data folder", fix)
    return Finding("ok", f"port {port} is free")


def _served(settings: Settings) -> str:
    """The process that serves this data folder, as its lock says; nothing for none. The lock itself is not touched."""
    lock = settings.data / "serve.lock"
    try:
        pid = int(lock.read_text())
        with contextlib.suppress(PermissionError):
            os.kill(pid, 0)
    except (OSError, ValueError, OverflowError):
        return ""
    return str(pid) if pid > 0 and _has_open(pid, lock) else ""


def _has_open(pid: int, path: Path) -> bool:
    """Whether a process has a file open, or may have where that cannot be seen. A number outlives its process: after a
    crash or a start of the machine it may be anybody's."""
    process = Path("/proc", str(pid))
    try:
        places = list((process / "fd").iterdir())
    except PermissionError:
        return process.stat().st_uid == path.stat().st_uid
    except OSError:
        return True
    for place in places:
        # It may have been closed meanwhile.
        with contextlib.suppress(OSError):
            if place.samefile(path):
                return True
    return False


def _server(settings: Settings) -> Iterator[Finding]:
    """Whether something listens at the addresses of the SPARQL server."""
    for url in dict.fromkeys(filter(None, (settings.sparql_url, settings.sparql_update_url))):
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname, port), timeout=2).close()
        except OSError as error:
            text = f"the SPARQL server at {url} cannot be reached: {error.strerror or error}"
            yield Finding("FAIL", text, "start it, or correct sparql_url and sparql_update_url")
        else:
            yield Finding("ok", f"something listens at the SPARQL server's address {url}")


def _indexes(settings: Settings) -> Iterator[Finding]:
    try:
        with opened(settings, read_only=True) as house:
            source, search = house.index(), house.search.position()
            reached = {"SPARQL": source.seq if source else None}
            if settings.search == "yes":
                reached["search"] = search.seq if search else None
            for name, seq in reached.items():
                lag = house.log.lag(seq) if seq is not None else None
                yield _index(name, seq, lag, bool(settings.database_read_url))
    except (SheafError, OSError):
        # Of the log or the folder, which a finding before this one is about.
        return


def _index(name: str, seq: int | None, lag: "tuple[int, int, int | None] | None", replica: bool) -> Finding:
    if seq is None or lag is None:
        return Finding(
            "warn", f"there is no {name} index yet", "sheaf serve makes it, or sheaf follow --once"
        )
    newest, entries, since = lag
    if seq > newest and replica:
        return Finding(
            "warn",
            f"the {name} index is at entry {seq}, further than the replica that is read here",
            "see whether the replica follows its primary; where the log was replaced, sheaf rebuild",
        )
    if seq > newest:
        return Finding(
            "FAIL", f"the {name} index is of another log, whose entry {seq} it has", "sheaf rebuild"
        )
    seconds = max(0, int(time.time()) - since) if since else 0
    state: State = "warn" if seconds > _BEHIND_SECONDS else "ok"
    fix = "see whether sheaf serve (or sheaf follow) runs, and what it says" if state == "warn" else ""
    return Finding(state, f"the {name} index is behind by {entries} entries and {seconds} s", fix)


def _backup(settings: Settings) -> Finding:
    fix = "sheaf backup DIR, from a timer (docs/operations.md)"
    last = last_made(settings.data)
    if last is None and log_file(settings) is None:
        return Finding(
            "ok", "no backup of Sheaf's own is known of; the database server has tools for it, too"
        )
    if last is None:
        return Finding("warn", "no backup is known of", fix)
    made, place = last
    days = (time.time() - made) / _DAY
    text = f"the last backup is {days:.1f} days old, in {place}"
    if not Path(place).is_dir():
        return Finding("warn", f"{text}, which is not there (any more)", fix)
    return Finding("warn", text, fix) if days > _BACKUP_DAYS else Finding("ok", text)


COMMANDS = (doctor,)
