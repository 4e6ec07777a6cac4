"""Which processes there are to be, from the settings as they are now, and from those that are read again."""

from collections.abc import Callable, Sequence

from repository.model.errors import SettingsError
from repository.model.settings import Settings, load_settings
from repository.serve.claims import Door
from repository.serve.roles import SEARCH, Role, web
from repository.telling import use


class Plan:
    """`workers`: how many web workers, None for as many as the settings say. `check` raises SettingsError for what the
    service, as it was started, could not be with such settings."""

    def __init__(
        self,
        settings: Settings,
        door: Door,
        workers: int | None,
        application: str,
        others: Sequence[Role],
        check: Callable[[Settings], None],
    ) -> None:
        self._now = self._next = settings
        self._door, self._workers, self._application = door, workers, application
        self._others, self._check = tuple(others), check

    @property
    def settings(self) -> Settings:
        """Those that were read last."""
        return self._next

    def roles(self) -> list[Role]:
        """By the settings that were read last."""
        settings = self._next
        wanted = [role for role in self._others if role is not SEARCH or settings.search == "yes"]
        door, workers = self._door, self._workers or settings.workers
        return [web(door.socket.fileno(), door.address, door.port, workers, self._application), *wanted]

    def read_again(self) -> None:
        """Raises SettingsError for settings that are wrong, or that a service cannot change to."""
        settings = load_settings()
        if settings.data.resolve() != self._now.data.resolve():
            raise SettingsError(
                f"the data folder is {self._now.data} until the service is restarted, not {settings.data}"
            )
        self._check(settings)
        self._next = settings

    def take(self) -> None:
        """Whoever answers uses them now."""
        self._now = self._next
        use(self._now.log_format)
