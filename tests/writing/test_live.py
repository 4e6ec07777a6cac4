"""The real service: the examples of docs/writing.md, and writers beside workers that are killed."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.assembly import open_house
from repository.log import Log, hashed_secret, make_token
from repository.model.settings import make_settings
from tests.kit import needs
from tests.ports import free_port
from tests.serve.service import Service, environment, eventually
from tests.writing.conftest import redif

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


@pytest.fixture
def data(tmp_path) -> Path:
    open_house(make_settings({"data": str(tmp_path / "data")})).close()
    return tmp_path / "data"


@pytest.fixture
def service(data) -> Iterator[Service]:
    made = Service(data, free_port())
    yield made
    made.process.kill()
    made.process.communicate()


def token_for(data: Path) -> str:
    house = open_house(make_settings({"data": str(data)}))
    token, text = make_token("live", ["*"], ["write", "delete"], 0, None)
    house.log.add_token(token, hashed_secret(text))
    house.close()
    return text


def put(port: int, identifier: str, sent: bytes, text: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        given = {"Authorization": f"Bearer {text}", "Content-Type": "application/x-redif", **headers}
        connection.request("PUT", f"/record/{identifier}", sent, given)
        reply = connection.getresponse()
        reply.read()
        return reply.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def test_the_examples_of_the_documentation_work(data, service, tmp_path):
    needs("curl")
    assert service.ready()
    text = (ROOT / "docs" / "writing.md").read_text("utf-8")
    script = "\n".join(["set -eu", *re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)])
    place = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script],
        env={
            **os.environ,
            **environment(data, service.port),
            **place,
            "SHEAF": f"http://127.0.0.1:{service.port}",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    # curl writes to stdout what each was answered.
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r'"outcome": "(\w+)"', done.stdout) == ["created", "replaced", "replaced"]
    assert service.status("/record/RePEc:xde:wpferr:2020-01") == 410


def test_nothing_that_was_acknowledged_is_lost_when_everyone_is_killed(data, service):
    text = token_for(data)
    assert service.ready()
    kept: list[str] = []

    def write(writer: int) -> None:
        for number in range(10_000):
            name = f"RePEc:xde:live{writer}:{number}"
            if put(service.port, name, redif(name), text) not in (200, 201):
                return
            kept.append(name)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: len(kept) > 100, 30)
    service.process.send_signal(signal.SIGKILL)
    for thread in threads:
        thread.join()
    log = Log(f"sqlite:///{data / 'log.sqlite'}")
    assert [name for name in kept if log.get(name) is None] == []
    assert list(log.verify()) == []
    log.close()


def test_a_revoked_token_is_refused_by_every_worker_at_once(data, service):
    text = token_for(data)
    assert service.ready()
    for number in range(20):
        name = f"RePEc:xde:rev:{number}"
        assert put(service.port, name, redif(name), text) == 201
    log = Log(f"sqlite:///{data / 'log.sqlite'}")
    log.revoke_token("live")
    log.close()
    assert {put(service.port, "RePEc:xde:rev:1", redif("RePEc:xde:rev:1"), text) for _ in range(9)} == {401}


def test_a_huge_header_and_a_huge_chunked_body_hurt_nobody(data, service):
    text = token_for(data)
    assert service.ready()
    name = "RePEc:xde:huge:1"
    assert put(service.port, name, redif(name), "a" * 100_000) in (401, 431, 0)
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    given = {"Authorization": f"Bearer {text}", "Content-Type": "application/x-redif"}
    try:
        pieces = (b"a" * 65_536 for _ in range(100))
        connection.request("PUT", f"/record/{name}", pieces, given, encode_chunked=True)
        status = connection.getresponse().status
    except OSError:
        status = 413  # it hung up while we were sending
    finally:
        connection.close()
    assert status == 413
    chunked = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    chunked.request("PUT", f"/record/{name}", iter([redif(name)]), given, encode_chunked=True)
    assert chunked.getresponse().status == 201
    chunked.close()


def test_the_log_of_the_service_never_holds_a_token(data, service):
    text = token_for(data)
    assert service.ready()
    for path in (f"/record/{text}", f"/record/x?access_token={text}"):
        assert service.status(path) == 400
    put(service.port, "RePEc:xde:said:1", redif("RePEc:xde:said:1"), text)
    time.sleep(0.2)
    service.process.terminate()
    code, out, err = service.end()
    assert code == 0
    assert text not in out + err
