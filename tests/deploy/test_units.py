"""The units, started by a real systemd, by the commands of docs/deploy.md."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deploy.machine import CHECKOUT, Machine, machine
from tests.serve.service import ROOT, eventually

pytestmark = pytest.mark.slow
HERE = "http://127.0.0.1:8080"
BASE = "http://papers.example.org"
_SETTINGS = {
    "data": "/var/lib/sheaf",
    "base_url": BASE,
    "repository_name": "Papers",
    "admin_email": "keeper@papers.example.org",
    "oai_namespace": "papers.example.org",
    "trusted_proxies": "127.0.0.1",
}
_START_SECONDS = 120


def documented(section: str) -> list[str]:
    """The commands of a section of docs/deploy.md, without `sudo`, in their order."""
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = (line.strip() for line in re.findall(r"^    (?! )(.+)$", text, re.MULTILINE))
    plain = (re.sub(r"\bsudo -u (\w+) ((?:\w+=\S+ )*)", r"runuser -u \1 -- env \2", line) for line in lines)
    return [re.sub(r"\bsudo ", "", line) for line in plain]


def about(words: str, commands: list[str]) -> list[str]:
    found = [each for each in commands if re.search(words, each)]
    assert found, f"docs/deploy.md has no command with {words}"
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Machine]:
    """A machine on which step 2 was walked, with the records of this repository."""
    with machine(tmp_path_factory.mktemp("machine")) as made:
        commands = documented("2. A service behind nginx")
        for command in about(r"^useradd|/etc/sheaf( |$)|sheaf\.example\.toml", commands):
            made.run(command)
        for name, value in _SETTINGS.items():
            made.run(f"""sed -Ei 's|^#? *{name} = .*|{name} = "{value}"|' /etc/sheaf/sheaf.toml""")
            made.run(f"""grep -qxF '{name} = "{value}"' /etc/sheaf/sheaf.toml""")
        for command in about(r"sheaf\.socket|systemctl enable --now sheaf\.socket", commands):
            made.run(command)
        # Elsewhere these belong to the visitor of this checkout alone.
        made.run(f"cp -r {CHECKOUT}/records /srv/records && chmod -R a+rX /srv/records")
        made.run(by_hand("ingest --quiet /srv/records"))
        await_ready(made)
        yield made


def by_hand(command: str) -> str:
    return f"runuser -u sheaf -- env SHEAF_CONFIG=/etc/sheaf/sheaf.toml /opt/sheaf/bin/sheaf {command}"


def asked(machine: Machine, path: str, *options: str) -> str:
    return machine.run(f"curl -sS -m 60 {' '.join(options)} '{HERE}{path}'")


def await_ready(machine: Machine) -> None:
    def ready() -> bool:
        return (
            machine.run(f"curl -s -m 5 -o /dev/null -w '%{{http_code}}' {HERE}/readyz", status=None) == "200"
        )

    assert eventually(ready, _START_SECONDS), machine.run("journalctl -u sheaf --no-pager | tail -50")


def main_pid(machine: Machine) -> int:
    return int(machine.run("systemctl show --property=MainPID --value sheaf"))


def test_every_door_answers(served):
    assert "<repositoryName>Papers</repositoryName>" in asked(served, "/oai?verb=Identify")
    query = "query=SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    counted = asked(served, "/sparql", "-H 'Accept: text/csv'", f"--data-urlencode '{query}'")
    assert int(counted.split()[1]) > 1000
    found = asked(served, "/search?q=the", "-H 'Accept: application/json'")
    assert re.search(r'"total": [1-9]', found), found
    assert BASE in asked(served, "/record/RePEc:eee:socmed:v:381:y:2025:i:c:s0277953625006458.ttl")


def test_its_processes_have_no_rights_but_those_the_unit_leaves(served):
    pids = served.run("systemctl show --property=ControlGroup --value sheaf").strip()
    listed = served.run(
        f"cat /sys/fs/cgroup/systemd{pids}/cgroup.procs /sys/fs/cgroup{pids}/cgroup.procs", status=None
    )
    numbers = re.findall(r"^\d+$", listed, re.MULTILINE)
    assert len(numbers) > 4, listed
    user = served.run("id -u sheaf").strip()
    for pid in numbers:
        state = served.run(f"cat /proc/{pid}/status", status=None)
        if "Uid:" not in state:
            continue  # It ended meanwhile.
        for line in (
            rf"Uid:\t{user}\t{user}\t{user}\t{user}",
            r"CapEff:\t0+",
            r"CapBnd:\t0+",
            r"NoNewPrivs:\t1",
            r"Seccomp:\t2",
        ):
            assert re.search(f"^{line}$", state, re.MULTILINE), (line, state)
    inside = f"nsenter --target={main_pid(served)} --mount touch"
    served.run(f"{inside} /var/lib/sheaf/written && rm /var/lib/sheaf/written")
    for place in ("/opt/sheaf/written", "/etc/written", "/usr/written", "/srv/written"):
        assert "Read-only file system" in served.run(f"{inside} {place}", status=None)
    # systemd leaves a service its folder of settings, which belongs to root.
    assert "Permission denied" in served.run("runuser -u sheaf -- touch /etc/sheaf/written", status=None)


def test_doctor_finds_nothing_wrong_with_the_service(served):
    told = served.run(by_hand("doctor"))
    assert f"the data folder is being served, by process {main_pid(served)}" in told
    assert "error" not in told
    assert "open files: 20000" in told


def test_a_reload_and_a_restart_lose_no_request(served):
    await_ready(served)
    before = main_pid(served)
    visits = "for n in $(seq 160); do curl -s -m 60 -o /dev/null -w '%{http_code}\\n' "
    visits += f"'{HERE}/oai?verb=Identify'; sleep 0.25; done"
    with ThreadPoolExecutor(2) as pool:
        visiting = [pool.submit(served.run, visits, seconds=400) for _ in range(2)]
        time.sleep(1)
        served.run("systemctl reload sheaf")
        time.sleep(12)
        served.run("systemctl restart sheaf", seconds=120)
        statuses = " ".join(each.result() for each in visiting).split()
    assert set(statuses) == {"200"}
    assert main_pid(served) not in (0, before)


def test_one_that_is_killed_is_started_again_with_all_records(served):
    await_ready(served)
    before, pid = asked(served, "/readyz").splitlines()[0], main_pid(served)
    served.run(f"kill -9 {pid}")
    assert eventually(lambda: main_pid(served) not in (0, pid), 60)
    await_ready(served)
    assert asked(served, "/readyz").splitlines()[0] == before
    assert "clean" in served.run(by_hand("verify"))


def test_backups_mirrors_and_harvests_run_as_their_units(served):
    await_ready(served)
    commands = documented("2. A service behind nginx")
    for command in about(
        r"/var/backups/sheaf|/etc/sheaf/harvest|tasks\.env|deploy/systemd/sheaf-|sheaf-backup", commands
    ):
        served.run(command)
    served.run(
        "systemd-run --unit=files python3 -m http.server --bind 127.0.0.1 --directory /srv/records/demo 8090"
    )
    assert eventually(lambda: "RePEc" in served.run("curl -s http://127.0.0.1:8090/", status=None), 60)
    served.run("echo MIRROR=http://127.0.0.1:8090/RePEc/xde/ > /etc/sheaf/tasks.env")
    served.run(f"echo URL={HERE}/oai > /etc/sheaf/harvest/example.env")
    timers = served.run("systemctl list-timers --all --no-pager")
    assert all(
        f"{name}.timer" in timers for name in ("sheaf-backup", "sheaf-mirror", "sheaf-harvest@example")
    )
    served.run("systemctl start sheaf-backup.service")
    assert re.fullmatch(r"\S+Z\n", served.run("ls /var/backups/sheaf"))
    assert "backed up" in served.run("journalctl -u sheaf-backup --no-pager")
    served.run("systemctl start sheaf-mirror.service")
    assert "Finished" in served.run("journalctl -u sheaf-mirror --no-pager")
    assert "wpferr" in served.run("find /var/lib/sheaf/mirror -name '*.redif'")
    # It asks its own service, whose records are not another's: that is said, and nothing is changed.
    served.run("systemctl start sheaf-harvest@example.service", status=1)
    assert "foreign" in served.run("journalctl -u sheaf-harvest@example --no-pager")


def test_stopped_as_the_docs_say_it_leaves_nothing(served):
    pid = main_pid(served)
    served.run("systemctl stop sheaf.socket sheaf")
    assert served.run("systemctl is-active sheaf.socket sheaf", status=None).split() == [
        "inactive",
        "inactive",
    ]
    assert "No such process" in served.run(f"kill -0 {pid}", status=None)
    assert served.run("pgrep -u sheaf", status=None) == ""
