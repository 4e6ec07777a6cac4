"""Addresses of the site itself that records name: files, pages, homepages, things that are none of the records."""

from dataclasses import replace

import pytest

from repository.formats import FORMATS, Format
from repository.formats.lists import LISTS, write_many
from repository.formats.redif import redif_text
from repository.model import bodies
from repository.model.lens import addressed, read_work, write_work
from repository.model.site import internal_thing
from repository.model.terms import DCTERMS, INTERNAL
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Work
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF
from tests.formats.graphs import SITE
from tests.readers.sources import content_bytes
from tests.strategies import record_of


def _named(place: str) -> str:
    return f"{INTERNAL}papers/{place}.pdf"


def _own_addresses(kind: str) -> Work:
    links = (
        "landing_pages homepages see_also same_as part_of has_versions version_of has_parts replaces replaced_by "
        "cites made edited"
    )
    bank = Organisation("Bank", homepage=_named("bank"), identifier=_named("who"))
    ada = Person("Ada Garden", homepage=_named("ada"), identifier=_named("ada-herself"), workplaces=(bank,))
    work = Work(
        "RePEc:aaa:wpaper:1",
        kind,
        creators=(ada,),
        editors=(replace(ada, name="Ben Quay"),),
        providers=(bank,),
        workplaces=(bank,),
        files=(File(_named("whole"), "application/pdf"),),
    )
    return replace(work, **{name: (_named(name),) for name in links.split()})


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("kind", list(work_types()))
def test_no_format_gives_an_address_at_which_nobody_answers(kind: str, form: Format) -> None:
    work = _own_addresses(kind)
    if not form.applies(work):
        return
    written = form.write(record_of(work), SITE).decode()
    assert INTERNAL not in written
    if form.name not in ("bibtex", "csl"):
        assert f"{SITE.base}papers/" in written


def test_who_has_an_address_for_a_name_is_called_by_that_of_the_site() -> None:
    body = bodies.join([f"<{internal_thing('a')}> <{DCTERMS}creator> <{_named('ada')}> ."])
    (ada,) = addressed(read_work("a", body), SITE).creators
    assert (ada.name, ada.identifier) == (f"{SITE.base}papers/ada.pdf",) * 2


@pytest.mark.parametrize("name", LISTS)
def test_neither_does_a_list(name: str) -> None:
    written = b"".join(write_many(name, [_own_addresses("paper")], SITE)).decode()
    assert INTERNAL not in written
    assert (f"{SITE.base}papers/" in written) == (name == "ris")


def test_every_link_of_a_work_is_addressed() -> None:
    assert INTERNAL not in repr(addressed(_own_addresses("paper"), SITE))


@pytest.mark.parametrize("kind", [name for name, row in work_types().items() if row.item])
def test_redif_reads_back_to_the_same_body_whatever_the_base(kind: str) -> None:
    work = _own_addresses(kind)
    body = write_work(read_work(work.identifier, write_work(work)))
    (item,) = REDIF.read(Source("work.redif", redif_text(work, site=SITE).encode(), SITE))
    assert isinstance(item, Item)
    assert content_bytes(item) == body
