"""DOIs and handles are found in the text of references in every spelling, and hostile text costs nothing."""

import time
from pathlib import Path

import pytest

from repository.formats import by_extension
from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.lens import read_work
from repository.model.references import MOST_TEXT, names_in
from repository.model.settings import make_settings

DOI = "https://doi.org/10.1257/aer.91.5.1369"
HANDLE = "RePEc:xde:jharbr:v:24:y:2005:i:4:p:731-749"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Keeper (2001), AER 91, doi:10.1257/AER.91.5.1369.", [DOI]),
        ("DOI 10.1257/aer.91.5.1369, and more", [DOI]),
        ("DOI:10.1257/aer.91.5.1369;", [DOI]),
        ("(https://doi.org/10.1257/aer.91.5.1369).", [DOI]),
        ("http://dx.doi.org/10.1257%2Faer.91.5.1369", [DOI]),
        ("https://doi.org/10.1257/aer.91.5.1369?utm=x#top", [DOI]),
        ("https://www.example.org/doi/10.1257/aer.91.5.1369", [DOI]),
        ("“10.1257/aer.91.5.1369”", [DOI]),
        ("10.1257/aer.91.5.1369;10.1000/b", [DOI, "https://doi.org/10.1000/b"]),
        ("10.1257/aer.91.5.1369,https://doi.org/10.1000/b", [DOI, "https://doi.org/10.1000/b"]),
        ("(see 10.1000/abc(1))", ["https://doi.org/10.1000/abc(1)"]),
        ("10.1002/1097<1::AID>3.0.CO;2-1, 3", ["https://doi.org/10.1002/1097%3c1::aid%3e3.0.co;2-1"]),
        ("10.1002/1097&lt;1::AID&gt;3.0.CO;2-1", ["https://doi.org/10.1002/1097%3c1::aid%3e3.0.co;2-1"]),
        (f"in {HANDLE}.", [HANDLE]),
        ("repec:XDE:jharbr:v:24:y:2005:i:4:p:731-749", [HANDLE]),
        (f"https://EconPapers.repec.org/{HANDLE}", [HANDLE]),
        (
            "https://econpapers.repec.org/article/xdejharbr/v_3a24_3ay_3a2005_3ai_3a4_3ap_3a731-749.htm",
            [HANDLE],
        ),
        ("https://doi.org/10.1257/aer.91.5.1369/", [DOI]),
        ("(https://doi.org/10.1257/aer.91.5.1369/).", [DOI]),
        ("https://ideas.repec.org/a/xde/jharbr/v24y2005i4p731-749.html", [HANDLE]),
        ("http://ideas.repec.org/p/XDE/wpferr/2015-01.html#top", ["RePEc:xde:wpferr:2015-01"]),
        ("https://ideas.repec.org/s/xde/wpferr.html, https://ideas.repec.org/e/pga1.html", []),
        ("RePEc:xde:jharbr is a journal, RePEc:per:1970-01-01:ADA_GARDEN a person", []),
        ("10.12/too-short, 110.1257/x, 3.10.1257/y, 10.1257/", []),
        ("nothing at all", []),
    ],
)
def test_a_name_is_found_in_each_spelling(text: str, found: list[str]) -> None:
    assert list(names_in(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "10.1234/" + "(" * 1_000_000,
        "10.1234/" + ")" * 1_000_000,
        "10.1234/<1" * 100_000,
        "10.1234/a;" * 100_000,
        "repec:aaa:" * 100_000,
        "&lt;" * 300_000,
        "econpapers.repec.org/paper/aaabbbbbb/" + "_3a" * 400_000,
        "10.1234/%2" * 100_000,
    ],
    ids=["open", "close", "sici", "many", "handles", "entities", "address", "percent"],
)
def test_a_megabyte_of_hostile_text_costs_nothing(text: str) -> None:
    begun = time.process_time()
    assert len(list(names_in(text))) <= MOST_TEXT
    assert time.process_time() - begun < 1


def test_a_reference_list_elsewhere_is_a_link_and_goes_out_under_its_name(tmp_path: Path) -> None:
    address = "https://example.org/references.txt"
    text = (
        "Template-Type: ReDIF-Paper 1.0\nAuthor-Name: Ada Garden\nTitle: On ferries and their lights\n"
        f"X-File-Ref: {address}\nHandle: RePEc:xde:wpferr:1\n"
    )
    (tmp_path / "a.redif").write_text(text)
    settings = make_settings({"data": str(tmp_path / "data")})
    log = Log(settings.log_url)
    try:
        Ingest(log, settings.site).run(list(find_files([tmp_path / "a.redif"])))
        record = log.get("RePEc:xde:wpferr:1")
        assert record
        work = read_work(record.identifier, record.body or b"")
        assert work.see_also == (address,)
        written = by_extension["redif"].write(record, settings.site).decode()
        assert f"X-File-Ref: {address}" in written
        (tmp_path / "b.redif").write_text(written)
        Ingest(log, settings.site).run(list(find_files([tmp_path / "b.redif"])))
        again = log.get(record.identifier)
        assert again
        assert again.body == record.body
    finally:
        log.close()
