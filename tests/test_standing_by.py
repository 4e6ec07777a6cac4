"""A service that stands by while another follows a shared SPARQL server, over a replica that is not there yet."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from repository.assembly import standby_flag
from repository.catalogue import catalogue_place
from repository.dump import counts_place
from repository.keeping import run_follower
from repository.log import Log, exclusive
from repository.model.errors import LockedError
from repository.model.settings import Settings, make_settings
from tests.kit import draft
from tests.serve.service import eventually


def test_what_a_host_keeps_for_itself_is_kept_though_its_replica_started_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("repository.keeping._AGAIN_SECONDS", 0.1)
    url, replica = (f"sqlite:///{tmp_path / name}.sqlite" for name in ("first", "replica"))
    settings = make_settings(
        {
            "data": str(tmp_path / "data"),
            "database_url": url,
            "database_read_url": replica,
            "sparql_url": "http://127.0.0.1:9/sparql",
        }
    )
    said: list[str] = []

    def told() -> str:
        """All of stderr so far."""
        said.append(capsys.readouterr().err)
        return "".join(said)

    Log(url).close()
    with exclusive(url, "sparql-index", LockedError("taken")), following(settings, monkeypatch):
        assert eventually(standby_flag(settings).exists, 30)
        assert eventually(lambda: "counts cannot be kept up to date: there is no" in told(), 30)
        log = Log(replica)
        log.append([draft(n) for n in range(3)])
        log.close()
        assert eventually(counts_place(settings.data).exists, 30)
        assert eventually(catalogue_place(settings.data).exists, 30)
    assert told().count("counts cannot be kept up to date") == 1


@contextmanager
def following(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The follower's work in a thread, which has no signals."""
    stopped = threading.Event()

    @contextmanager
    def until_told() -> Iterator[threading.Event]:
        yield stopped

    monkeypatch.setattr("repository.keeping._until_told", until_told)
    follower = threading.Thread(target=run_follower, args=(settings,))
    follower.start()
    try:
        yield
    finally:
        stopped.set()
        follower.join(30)
