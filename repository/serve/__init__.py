"""`sheaf serve`: claims the data folder and the port, then starts and minds the processes of the service.

Neither HTTP nor the log enters this room: children get the name of a function and open everything themselves.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from repository.model.errors import SettingsError
from repository.model.settings import Settings
from repository.serve.claims import listening, locked
from repository.serve.family import Family
from repository.serve.herald import Herald
from repository.serve.plan import Plan
from repository.serve.roles import APPLICATION, OTHERS, Role
from repository.telling import use

__all__ = ["check_port", "locked", "serve"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def serve(
    settings: Settings,
    host: str,
    port: int,
    workers: int | None = None,
    *,
    application: str = APPLICATION,
    others: Sequence[Role] = OTHERS,
    check: Callable[[Settings], None] = lambda settings: None,
) -> None:
    """Serve until SIGTERM or SIGINT, then return. Call it in the main thread of a process that does nothing else.

    At SIGHUP the settings are read again from the environment and the settings file, and `check` raises SettingsError
    for those that this service cannot have.
    `workers` None: as many as the settings say.

    Raises LockedError where the data folder or the port belongs to another process, and SheafError where the
    web workers cannot start.
    """
    use(settings.log_format)
    with locked(settings) as lock, listening(host, port) as door:
        plan = Plan(settings, door, workers, application, others, check)
        herald = Herald(settings.site.base, door.address, door.port)
        Family(plan, door, [lock.fileno()], herald).run()


def check_port(settings: Settings, host: str, port: int, behind_proxy: bool) -> None:
    """Refuse a port that the base URL contradicts: every URI published would lead elsewhere.

    Raises SettingsError, unless `behind_proxy`, or unless the base URL names another machine.
    """
    base = urlsplit(settings.base_url)
    published = base.port or {"http": 80, "https": 443}[base.scheme]
    here = base.hostname in (*_LOOPBACK, host.lower())
    if here and published != port and not behind_proxy:
        raise SettingsError(
            f"the base URL {settings.base_url} says port {published}, but you ask to serve on port {port}; "
            f"set SHEAF_BASE_URL to the address that readers use, or say --behind-proxy if a proxy stands between"
        )
