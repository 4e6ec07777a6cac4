"""The past as the Memento project's own client finds it: from the address of a record and a date, with nothing else."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from memento_client import MementoClient
from werkzeug.serving import make_server

from repository.assembly import opened
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import draft, removal
from tests.ports import free_port
from tests.web.past import past

MOMENTS = [1_780_000_000, 1_780_086_400, 1_780_172_800, 1_780_259_200]
X = "RePEc:xxx:joujou:1"


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Iterator[str]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    settings = make_settings({"data": str(tmp_path_factory.mktemp("past")), "base_url": base})
    with opened(settings) as house, past(house) as made:
        for moment, change in zip(
            MOMENTS, (draft(1, "One"), draft(1, "Two"), removal(1), draft(1)), strict=True
        ):
            made.at(moment, change)
        server = make_server("127.0.0.1", port, create_app(house))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield base
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("seconds", "seq"),
    [(MOMENTS[0] - 1, 1), (MOMENTS[0], 1), (MOMENTS[1] - 1, 1), (MOMENTS[1], 2), (MOMENTS[3] + 10**8, 4)],
)
def test_the_client_of_the_project_finds_the_version_of_a_date(base, seconds, seq):
    # The time gate it is given is none of ours: it has to find that in the record's Link header.
    client = MementoClient(timegate_uri=f"{base}nowhere/", check_native_timegate=True)
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    found = client.get_memento_info(f"{base}record/{X}", moment)
    assert found["timegate_uri"] == f"{base}timegate/{X}"
    assert found["original_uri"] == f"{base}record/{X}"
    mementos = found["mementos"]
    assert mementos["closest"]["uri"] == [f"{base}version/{seq}/{X}"]
    assert mementos["closest"]["http_status_code"] == 200
    assert mementos["first"]["uri"] == [f"{base}version/1/{X}"]
    assert mementos["last"]["uri"] == [f"{base}version/4/{X}"]
    for place, other in (("prev", seq - 1), ("next", seq + 1)):
        if 1 <= other <= 4:
            assert mementos[place]["uri"] == [f"{base}version/{other}/{X}"]
            stamp = datetime.fromtimestamp(MOMENTS[other - 1], UTC).replace(tzinfo=None)
            assert mementos[place]["datetime"] == stamp


def test_a_date_at_which_the_record_was_deleted_is_a_410_to_it(base):
    client = MementoClient(timegate_uri=f"{base}nowhere/", check_native_timegate=True)
    moment = datetime.fromtimestamp(MOMENTS[2], UTC).replace(tzinfo=None)
    closest = client.get_memento_info(f"{base}record/{X}", moment)["mementos"]["closest"]
    assert (closest["uri"], closest["http_status_code"]) == ([f"{base}version/3/{X}"], 410)
    assert closest["datetime"] == moment
