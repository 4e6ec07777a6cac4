"""A small real FTP server on asyncio: anonymous, passive, with MLSD or without. It may lie about addresses, or cut.

Of files it tells no size in ASCII mode, as ProFTPD; what is no folder it refuses to list with `unlisted`.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class FtpServer:
    root: Path
    mlsd: bool = True
    # What PASV says instead of the truth.
    lies: str = ""
    cut: int | None = None
    unlisted: str = "550 not there"
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        async with await asyncio.start_server(self._client, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await stop.wait()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        passive: asyncio.Server | None = None
        binary = False

        def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode("latin-1"))

        async def send(content: bytes) -> None:
            say("150 here it comes")
            out = await asyncio.wait_for(data.get(), 5)
            out.write(content)
            await out.drain()
            out.close()
            await out.wait_closed()
            say("226 done")

        say("220 hello")
        try:
            while line := await reader.readline():
                verb, _, argument = line.decode("latin-1").strip().partition(" ")
                path = self.root / argument.strip("/")
                self.asked.append(f"{verb} {argument}".strip())
                match verb.upper():
                    case "USER":
                        say("331 password")
                    case "PASS":
                        say("230 in")
                    case "TYPE":
                        binary = argument == "I"
                        say("200 fine")
                    case "OPTS" if self.mlsd:
                        say("200 fine")
                    case "PASV":
                        if passive:
                            passive.close()
                        # What was opened for a transfer that was refused.
                        while not data.empty():
                            data.get_nowait().close()
                        passive = await asyncio.start_server(lambda _, w: data.put(w), "127.0.0.1", 0)
                        port = passive.sockets[0].getsockname()[1]
                        say(f"227 Entering ({self.lies or '127,0,0,1'},{port >> 8},{port & 255})")
                    case "MLSD" if self.mlsd and path.is_dir():
                        rows = [
                            f"type={_kind(one)};size={one.stat().st_size};"
                            f"modify={one.stat().st_mtime_ns}; {one.name}\r\n"
                            for one in sorted(path.iterdir())
                        ]
                        await send("".join(rows).encode())
                    case "NLST" if path.is_dir():
                        await send("".join(f"{one.name}\r\n" for one in sorted(path.iterdir())).encode())
                    case "SIZE" if path.is_file() and binary:
                        say(f"213 {path.stat().st_size}")
                    case "MDTM" if path.is_file():
                        say(f"213 {path.stat().st_mtime_ns}")
                    case "RETR" if path.is_file():
                        await send(path.read_bytes()[: self.cut])
                    case "MLSD" | "NLST" | "SIZE" | "MDTM" | "RETR":
                        say("500 no such command" if verb == "MLSD" and not self.mlsd else self.unlisted)
                    case _:
                        say("502 not known")
        finally:
            if passive:
                passive.close()
            writer.close()


def _kind(path: Path) -> str:
    """As ProFTPD tells it: a link is one, wherever it leads."""
    return "OS.unix=symlink" if path.is_symlink() else "dir" if path.is_dir() else "file"


@contextmanager
def ftp_served(root: Path, **options: object) -> Iterator[FtpServer]:
    server = FtpServer(root, **options)  # type: ignore[arg-type]
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(server.serve(ready, stop))

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
