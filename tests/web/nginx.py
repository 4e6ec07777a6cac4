"""A real nginx in front of what is tested: its configuration but for the servers, and its process."""

import grp
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit import needs

_CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{servers}
}}
"""


@contextmanager
def nginx(folder: Path, servers: str, **values: object) -> Iterator[None]:
    """Runs until the end of the block. `servers` is filled with `values` and with `folder`, as by str.format."""
    program = needs("nginx")
    # Its workers could not read a folder of root's else.
    root = os.geteuid() == 0
    user = f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};" if root else ""
    filled = servers.format(folder=folder, **values)
    text = _CONFIGURATION.format(user=user, folder=folder, servers=filled)
    (folder / "nginx.conf").write_text(text, "utf-8")
    process = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stdin=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
