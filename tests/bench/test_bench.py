"""The generated templates are good ReDIF: a strict reading keeps each and has nothing to say."""

from pathlib import Path

from repository.ingest import Ingest, Placed, find_files
from repository.log import Log
from repository.model.settings import make_settings
from tests.bench.templates import handle, template, write_archive

N = 50


def test_every_generated_template_is_kept_without_a_finding(tmp_path: Path) -> None:
    write_archive(tmp_path / "RePEc", N)
    settings = make_settings({"data": str(tmp_path / "data")})
    log = Log(settings.log_url)
    heard: list[Placed] = []
    run = Ingest(log, settings.site, strict=True, heed=heard.append)
    report = run.run(list(find_files([tmp_path / "RePEc"])))
    assert not heard
    assert report.refused == 0
    assert report.outcomes["new"] == N + 2
    assert all(log.get(handle(n)) is not None for n in range(N))
    log.close()


def test_templates_of_all_kinds_are_distinct_and_stay_the_same() -> None:
    numbers = [*range(0, 20_000, 97), *range(995, 1005)]
    assert len({handle(n) for n in numbers}) == len(set(numbers))
    assert all(template(n) == template(n) != template(n, edition=1) for n in numbers[:20])
    lengths = [len(template(n)) for n in numbers]
    assert 1400 < sum(lengths) / len(lengths) < 2400
