"""Edits, deletions and moves between any two pages of a walk: what was left alone comes once, what changed is told.

That a harvester which repeats ends with the log's state, tests.oai.test_harvest shows; here each single walk is judged.
"""

from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from repository.log import Log
from repository.model.records import Draft, Selection
from repository.model.settings import make_settings
from repository.oai import Provider
from tests.kit import START, Clock, draft, removal
from tests.oai.pages import walk

RECORDS = 24
EDITS = {
    "title": lambda n: draft(n, "Edited", sets=("a",)),
    "moved out": lambda n: draft(n, sets=("b",)),
    "moved below": lambda n: draft(n, sets=("a:c",)),
    "format lost": lambda n: draft(n, sets=("a",), formats=("rdf",)),
    "deleted": removal,
    "new": lambda n: draft(f"new{n}", sets=("a",)),
}
# Those that follow one page each; `None` touches the whole list.
BETWEEN = st.lists(
    st.lists(st.none() | st.tuples(st.sampled_from(list(EDITS)), st.integers(0, RECORDS - 1)), max_size=4),
    max_size=6,
)


@given(
    size=st.sampled_from([1, 2, 3, 4, 6, 8, 12, 23, 24, 25]),
    between=BETWEEN,
    ticks=st.lists(st.sampled_from([0, 0, 1]), min_size=6, max_size=6),
    chosen=st.sampled_from(["", "&set=a", "&from=2026-05-28", "&until=2026-05-28T20:26:40Z"]),
    verb=st.sampled_from(["ListRecords", "ListIdentifiers"]),
)
@examples(max_examples=80)
def test_whatever_changes_between_two_pages_a_walk_is_whole(size, between, ticks, chosen, verb) -> None:
    with TemporaryDirectory() as folder:
        sizes = {"data": folder, "oai_page_size": size, "oai_identifiers_page_size": size}
        settings, clock = make_settings(sizes), Clock(START)
        log = Log(settings.log_url, clock=clock)
        log.append([draft(n, sets=("a",)) for n in range(RECORDS)])
        provider = Provider(log, settings, clock=clock)
        edited: dict[str, Draft] = {}
        touched = False
        seen: list[str] = []
        dates: list[str] = []
        edits, seconds = iter(between), iter(ticks)
        for page in walk(provider.answer, f"verb={verb}&metadataPrefix=oai_dc{chosen}", most=200):
            assert 0 < len(page.headers) <= size
            if page.token is not None:
                assert page.cursor == len(seen)
                assert page.cursor + len(page.headers) <= page.size
                if not page.token:
                    assert page.cursor + len(page.headers) == page.size
            seen += [header.identifier.rpartition(":")[2] for header in page.headers]
            dates += [header.datestamp for header in page.headers]
            clock.now += next(seconds, 0)
            for edit in next(edits, []):
                if edit is None:
                    log.touch(Selection(), "oai_dc")
                    touched = True
                else:
                    kind, n = edit
                    drafts = [EDITS[kind](n)]
                    log.append(drafts)
                    edited |= {each.identifier.rpartition(":")[2]: each for each in drafts}
            if not page.token:
                break
        log.close()
        assert dates == sorted(dates)
        alone = [str(n) for n in range(RECORDS) if str(n) not in edited]
        if not touched:
            assert [name for name in seen if name in set(alone)] == alone
        elif "until" not in chosen:
            # An open list goes on to its live end, so that what moved there is met again.
            assert set(alone) <= set(seen)
