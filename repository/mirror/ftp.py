"""An archive behind an FTP server, read anonymously: MLSD where the server has it, else NLST with SIZE and MDTM.

The address that a server gives for its data is not believed: ftplib connects to the server itself.
"""

import contextlib
import ftplib
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from repository.mirror.places import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_FILES,
    MAX_GAPS,
    MAX_NAMES,
    Gap,
    Got,
    is_name,
    is_odd,
    is_redif,
    linked,
    odd_name,
    too_deep,
)
from repository.model.errors import SourceError
from repository.readers.bounds import is_public
from repository.readers.places import looked_up

_SECONDS = 60.0
# With this ProFTPD and others refuse to list what is no folder.
_NOT_THIS = "450"


class _Client(ftplib.FTP):
    """Takes no listing without end, and is in binary mode behind each: many servers tell sizes in no other."""

    def retrlines(self, cmd: str, callback: Callable[[str], Any] | None = None) -> str:
        lines = 0

        def counted(line: str) -> None:
            nonlocal lines
            lines += 1
            if lines > MAX_NAMES:
                raise SourceError(f"{cmd.partition(' ')[2]} lists more than {MAX_NAMES} names")
            if callback:
                callback(line)

        done = super().retrlines(cmd, counted)
        self.voidcmd("TYPE I")
        return done


class Ftp:
    def __init__(self, url: str, *, typed: bool = True) -> None:
        parts = urllib.parse.urlsplit(url)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise SourceError(f"{url!r} is not the address of an archive: ftp://host/path/ is")
        self.name = url if url.endswith("/") else url + "/"
        # Whatever bytes the address holds, for names are told as latin-1.
        self._root = urllib.parse.unquote_to_bytes(parts.path).decode("latin-1").rstrip("/") + "/"
        if any(ord(c) < 32 for c in self._root):
            raise SourceError(f"{url!r} has characters that no path has")
        self._place, self._typed = (parts.hostname, parts.port or 21), typed
        self._in_step, self._losses = True, 0
        self._ftp = self._connected()

    def _connected(self) -> ftplib.FTP:
        client = _Client(timeout=_SECONDS, encoding="latin-1")
        client.trust_server_pasv_ipv4_address = False  # type: ignore[attr-defined]
        try:
            address = looked_up(*self._place)[0]
            if not self._typed and not is_public(address):
                raise SourceError(f"{self.name} is {address}: not a public address")
            client.connect(address, self._place[1])
            client.login()
            client.voidcmd("TYPE I")
        except (ftplib.Error, OSError, EOFError, IndexError) as error:
            client.close()
            raise SourceError(f"{self.name} cannot be reached: {error}") from None
        return client

    def files(self) -> Iterator[tuple[str, str] | Gap]:
        waiting, count, gaps, deep = [""], 0, 0, False
        while waiting:
            folder = waiting.pop(0)
            try:
                found, passed = self._listed(folder)
            except (ftplib.Error, OSError, EOFError) as error:
                text = f"{self.name}{folder} cannot be listed: {error}"
                # Only of what the server says of this folder there is more to come.
                refused = isinstance(error, ftplib.error_perm) or str(error).startswith(_NOT_THIS)
                if refused and folder and self._is_file(folder):
                    continue
                gaps += 1
                if not folder or gaps > MAX_GAPS or not refused:
                    raise SourceError(text) from None
                yield Gap(folder, "unlisted", text)
                continue
            if not found:
                if not folder:
                    raise SourceError(f"{self.name}{folder} lists nothing")
                yield Gap(folder, "empty", f"{self.name}{folder} lists nothing")
            yield from passed
            for name, is_folder, mark in sorted(found):
                if is_folder and folder.count("/") < MAX_DEPTH:
                    waiting.append(f"{folder}{name}/")
                elif is_folder and not deep:
                    deep = True
                    yield too_deep(f"{folder}{name}/")
                elif not is_folder and is_redif(name):
                    count += 1
                    if count > MAX_FILES:
                        raise SourceError(f"{self.name} lists more than {MAX_FILES} files")
                    yield folder + name, mark

    def _listed(self, folder: str) -> tuple[list[tuple[str, bool, str]], list[Gap]]:
        """(name, whether a folder, what tells its version) of each; and the files and folders that are not read."""
        try:
            found, passed = [], []
            for name, told in self._ftp.mlsd(self._root + folder, ["type", "size", "modify"]):
                kind = told.get("type", "").lower()
                # ProFTPD tells `OS.unix=symlink`, others `OS.unix=slink:` and where it leads.
                link = kind.startswith(("os.unix=symlink", "os.unix=slink"))
                called = f"{name}/" if kind == "dir" else name
                if is_odd(called) and (link or kind in ("dir", "file")):
                    passed.append(odd_name(folder + called))
                elif not is_name(name):
                    continue
                elif link and not is_redif(name):
                    passed.append(linked(folder + name))
                elif link or kind in ("dir", "file"):
                    # Of a link it is the link's own age.
                    dated = told.get("modify") and not link
                    mark = f"{told.get('size', '')} {told['modify']}" if dated else ""
                    found.append((name, kind == "dir", mark))
            return found, sorted(passed)
        except ftplib.error_perm as error:
            if not str(error).startswith("50"):
                raise
        names = [name.rpartition("/")[2] for name in self._ftp.nlst(self._root + folder)]
        plain = [(name, "." not in name, self._marks(folder + name)) for name in names if is_name(name)]
        return plain, [odd_name(folder + name) for name in sorted(names) if is_odd(name)]

    def _is_file(self, folder: str) -> bool:
        """Whether what cannot be listed is a file such as README: NLST tells names alone."""
        try:
            self._ftp.voidcmd("TYPE I")
            return self._ftp.size(self._root + folder.rstrip("/")) is not None
        except (ftplib.Error, OSError, EOFError):
            return False

    def _marks(self, path: str) -> str:
        if not is_redif(path):
            return ""
        try:
            return f"{self._ftp.size(self._root + path)} {self._ftp.sendcmd('MDTM ' + self._root + path)}"
        except ftplib.Error:
            return ""

    def get(self, path: str, marks: Mapping[str, str]) -> Got | None:
        parts: list[bytes] = []
        held = 0

        def take(piece: bytes) -> None:
            nonlocal held
            held += len(piece)
            if held > MAX_BYTES:
                raise SourceError(f"{self.name}{path} has more than {MAX_BYTES >> 20} MiB")
            parts.append(piece)

        self._come_into_step()
        try:
            size = None
            with contextlib.suppress(ftplib.error_perm):
                size = self._ftp.size(self._root + path)
            self._ftp.retrbinary(f"RETR {self._root}{path}", take)
            self._in_step = True
        except (ftplib.Error, OSError, EOFError) as error:
            # A refusal is one whole answer.
            self._in_step = isinstance(error, ftplib.error_perm)
            raise SourceError(f"{self.name}{path} cannot be had: {error}") from None
        if size is not None and size != held:
            raise SourceError(f"{self.name}{path} has {size} bytes, and {held} came")
        return Got(b"".join(parts), {})

    def _come_into_step(self) -> None:
        """Of a transfer that was given up there may be an answer still to come, which would be taken for the next."""
        if not self._in_step:
            self._ftp.close()
            self._losses += 1
            if self._losses > MAX_GAPS:
                raise SourceError(f"{self.name}: more than {MAX_GAPS} transfers broke off")
            self._ftp = self._connected()
        self._in_step = False

    def close(self) -> None:
        self._ftp.close()
