"""The command that serves."""

from urllib.parse import urlsplit

import click

from repository.assembly import opened
from repository.model.settings import Settings, load_settings
from repository.serve import check_port
from repository.serve import serve as run
from repository.telling import use

_DEFAULT_PORT = 8080


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: the base URL's, or 8080]"
)
@click.option("--workers", type=click.IntRange(1, 64), help="Web workers.  [default: the setting, 2]")
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="The base URL is answered by a proxy in front, so another port here is right.",
)
def serve(host: str, port: int | None, workers: int | None, behind_proxy: bool) -> None:
    """Serve records, linked data and OAI-PMH until stopped (Ctrl-C, SIGTERM). SIGHUP reads the settings again.

    \b
    Example:
      sheaf serve
      SHEAF_BASE_URL=http://127.0.0.1:9000 sheaf serve --port 9000
      SHEAF_BASE_URL=https://example.org sheaf serve --behind-proxy
    """
    settings = load_settings()
    # Whoever reads the lines of a service reads why it cannot begin, too.
    use(settings.log_format)
    chosen = port or _port_of(settings.base_url)

    def check(settings: Settings) -> None:
        check_port(settings, host, chosen, behind_proxy)

    check(settings)
    # Makes the log where there is none, and brings an old one to the newest schema, before workers open it.
    with opened(settings):
        pass
    run(settings, host, chosen, workers, check=check)


def _port_of(base_url: str) -> int:
    url = urlsplit(base_url)
    local = url.hostname in ("127.0.0.1", "localhost", "::1")
    return url.port if local and url.port else _DEFAULT_PORT


COMMANDS = (serve,)
