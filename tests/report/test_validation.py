"""`sheaf check-shapes`: every sample record keeps the profile, and a planted fault is named by shape and place."""

import builtins
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.cli.main import sheaf
from repository.log import Log
from repository.model.records import Draft
from repository.model.settings import Settings, make_settings
from repository.report.validation import breaches
from tests.kit import draft, removal
from tests.report.conftest import SITE


def test_every_sample_record_keeps_the_profile(samples: Log) -> None:
    checked = list(breaches(samples.live(), SITE))
    assert len(checked) > 50
    assert [breach for _, broken in checked for breach in broken if breach.severity == "Violation"] == []


FAULTS = {
    # (what is planted in place of what; what is told of it)
    "no title": (b"dc/terms/title>", b"dc/terms/titel>", ("sheaf:TitledShape", "dcterms:title", "")),
    "a wide DOI": (b'"10.1000/x"', b'"doi:10.1000/X"', ("sheaf:WorkShape", "bibo:doi", "")),
    "no name": (b"foaf/0.1/name>", b"foaf/0.1/nick>", ("sheaf:PersonShape", "foaf:name", "author-1")),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings({"data": str(tmp_path / "data")})
    log = Log(made.log_url)
    log.append([draft("good", dois=("10.1000/x",)), draft("gone"), removal("gone")])
    for n, (was, planted, _) in enumerate(FAULTS.values()):
        body = draft(n, dois=("10.1000/x",)).body or b""
        assert was in body
        log.append(
            [Draft(f"RePEc:xxx:joujou:{n}", b"".join(sorted(body.replace(was, planted).splitlines(True))))]
        )
    log.close()
    return made


def run(settings: Settings, *arguments: str) -> Result:
    environ = {"SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": ""}
    return CliRunner().invoke(sheaf, ["check-shapes", *arguments], env=environ)


def test_a_planted_fault_is_named_by_its_shape_and_place(settings: Settings) -> None:
    result = run(settings, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["checked"] == 4
    assert told["failed"] == [f"RePEc:xxx:joujou:{n}" for n in range(len(FAULTS))]
    for n, (_, _, (shape, path, part)) in enumerate(FAULTS.values()):
        places = {
            (each["shape"], each["path"], each["focus"].partition("#")[2])
            for each in told["breaches"]
            if each["record"] == f"RePEc:xxx:joujou:{n}"
        }
        assert places == {(shape, path, part)}
        assert told["shapes"][shape] >= 1


def test_people_get_a_line_for_each_fault_and_one_record_may_be_named(settings: Settings) -> None:
    result = run(settings, "REPEC:xxx:JOUJOU:2")
    assert result.exit_code == 1
    assert result.stdout.startswith("RePEc:xxx:joujou:2#author-1: Violation: sheaf:PersonShape: foaf:name")
    assert "sheaf:PersonShape: 1" in result.stderr
    assert "0 of 1 records keep the profile" in result.stderr
    good = run(settings, "RePEc:xxx:joujou:good")
    assert (good.exit_code, good.stdout) == (0, "")


@pytest.mark.parametrize(
    ("name", "status"), [("RePEc:xxx:joujou:none", 1), ("RePEc:xxx:joujou:gone", 1), ("a b", 2)]
)
def test_what_is_not_there_is_said(settings: Settings, name: str, status: int) -> None:
    assert run(settings, name).exit_code == status


def test_without_pyshacl_it_says_what_to_install(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **options: object) -> object:
        if name == "pyshacl":
            raise ImportError(name)
        return real(name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    result = run(settings)
    assert "pip install 'sheaf-repository[shapes]'" in str(result.exception)
