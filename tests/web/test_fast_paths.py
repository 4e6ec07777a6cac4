"""What is written or read by a short way is what the long way gives."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.formats import OAI_FORMATS, by_name
from repository.model.lens import read_work, write_work
from repository.model.lens.glance import glance, of_work
from repository.model.work import File, Person
from repository.web.http import MAX_LINK, fitting, shown_links
from repository.web.link_header import link_header
from repository.web.signposts import SHADOWS, Signposts
from repository.web.variants import of_record
from tests import kit
from tests.formats.graphs import SITE
from tests.strategies import foreign_bodies, record_of, record_with, works

LISTINGS = tuple(sorted({form.listing for form in OAI_FORMATS}))


@pytest.mark.parametrize("name", ["jsonld", "jsonld_expanded"])
@settings(max_examples=25)
@given(work=works(), foreign=foreign_bodies())
def test_json_is_laid_out_as_the_standard_library_does(name, work, foreign) -> None:
    for record in (record_of(work), record_with(*foreign)):
        text = by_name[name].write(record, SITE).decode()
        assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"


@settings(max_examples=25)
@given(work=works(), foreign=foreign_bodies())
def test_a_glance_sees_what_a_reader_reads(work, foreign) -> None:
    for identifier, body in ((work.identifier, write_work(work)), foreign):
        assert glance(identifier, body) == of_work(read_work(identifier, body))


class Counted(bytes):
    """Counts how often a search goes through it. A regular expression goes through it once, whatever it finds."""

    searches = 0

    def __contains__(self, key) -> bool:
        self.searches += 1
        return super().__contains__(key)

    def find(self, *arguments) -> int:
        self.searches += 1
        return super().find(*arguments)

    def count(self, *arguments) -> int:
        self.searches += 1
        return super().count(*arguments)


@pytest.mark.parametrize("what", ["authors", "files"])
def test_a_glance_goes_through_a_body_as_often_for_two_hundred_as_for_two(what) -> None:
    looks = []
    for many in (2, 200):
        creators = tuple(Person(f"Author {n}", identifier=f"RePEc:per:2000-01-01:P{n}") for n in range(many))
        files = tuple(File(f"https://example.org/{n}.pdf", "application/pdf") for n in range(many))
        made = kit.work("long", **({"creators": creators} if what == "authors" else {"files": files}))
        body = Counted(write_work(made))
        assert glance(made.identifier, body) == of_work(made)
        looks.append(body.searches)
    assert looks[0] == looks[1]


@settings(max_examples=20, deadline=None)
@given(
    work=works(),
    foreign=foreign_bodies(),
    formats=st.lists(st.sampled_from(LISTINGS), unique=True).map(tuple),
    taken=st.frozensets(st.sampled_from(SHADOWS), max_size=3),
    room=st.integers(0, MAX_LINK),
    licence=st.sampled_from(["", "https://creativecommons.org/publicdomain/zero/1.0/"]),
)
def test_a_link_header_from_a_pattern_is_the_one_made_link_by_link(
    work, foreign, formats, taken, room, licence
) -> None:
    for identifier, body in ((work.identifier, write_work(work)), foreign):
        record = replace(record_with(identifier, body), formats=formats)
        forms = of_record(record, SITE, bytes, taken)
        signs = Signposts(SITE, identifier, forms, record, licence, taken)
        for form in forms:
            for extension in ("", form.extension):
                kind = form.content_type or form.offer.media_type
                links = shown_links(signs.header(form, extension), kind)
                want = fitting(map(str, links), room)
                assert link_header(SITE, licence, record, taken, form.offer.name, extension, room) == want
