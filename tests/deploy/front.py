"""nginx with deploy/nginx.conf, of which ports, places and the user alone are changed; and its process."""

import grp
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit import needs
from tests.serve.service import ROOT

GIVEN = ROOT / "deploy" / "nginx.conf"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def adjusted(folder: Path, port: int, origin: int, text: str | None = None) -> str:
    """Our configuration for a machine of its own: everything it names lies in `folder`."""
    # Its workers could not read a folder of root's else.
    root = os.geteuid() == 0
    user = f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};" if root else ""
    places = "".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY)
    changes = {
        "user www-data;": user,
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "error_log /var/log/nginx/error.log warn;": f"error_log {folder}/error.log warn;",
        "access_log /var/log/nginx/sheaf.log sheaf;": f"access_log {folder}/sheaf.log sheaf; {places}",
        "proxy_cache_path /var/cache/nginx/sheaf ": f"proxy_cache_path {folder}/kept ",
        "server 127.0.0.1:8080 ": f"server 127.0.0.1:{origin} ",
        "listen 80 default_server;": f"listen 127.0.0.1:{port} default_server;",
    }
    text = GIVEN.read_text("utf-8") if text is None else text
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times in {GIVEN}"
        text = text.replace(old, new)
    return text


@contextmanager
def front(folder: Path, port: int, origin: int, text: str | None = None) -> Iterator[int]:
    """Runs until the end of the block; gives its process id. `text`: a configuration that was adjusted before."""
    program = needs("nginx")
    configuration = folder / "nginx.conf"
    configuration.write_text(adjusted(folder, port, origin) if text is None else text, "utf-8")
    command = [program, "-p", str(folder), "-c", str(configuration), "-g", "daemon off;"]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=said)
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(20)
