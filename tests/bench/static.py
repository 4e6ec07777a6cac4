"""nginx on loopback, serving a folder of .gz files as they are: the yardstick of harvesting."""

import grp
import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import processes
from tests.bench.processes import Server
from tests.ports import free_port

_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/nginx/sbin")
_CONFIGURATION = """
{user}
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 600;
  open_file_cache max=20000 inactive=600s;
  open_file_cache_valid 600s;
  default_type text/xml;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {pages};
    location = /healthz {{ return 200; }}
    location / {{ gzip_static always; }}
  }}
}}
"""


def nginx() -> str | None:
    """Where nginx is installed; servers' programs often stand outside the PATH."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), *_PLACES)))


@contextmanager
def serving(pages: Path, folder: Path, workers: int) -> Iterator[Server]:
    """nginx serving `<name>.gz` of a folder as /<name>."""
    program = nginx()
    if program is None:
        raise RuntimeError("nginx is not installed")
    folder.mkdir()
    port = free_port()
    user = ""
    if os.geteuid() == 0:
        # Else its workers could not read a folder of ours.
        user = f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};"
    text = _CONFIGURATION.format(user=user, workers=workers, folder=folder, port=port, pages=pages)
    (folder / "nginx.conf").write_text(text, "utf-8")
    arguments = ["-p", str(folder), "-c", str(folder / "nginx.conf")]
    with processes.serving(arguments, os.environ, folder, port, program) as server:
        yield server
