"""What is gathered around a record in two statements is what the lists say one by one."""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from repository.log import ACCEPTED, REJECTED, Log
from repository.model.errors import SheafError
from repository.model.terms import DCTERMS
from repository.web.inbound import LISTS
from tests.kit import draft
from tests.linking.test_scan import _EDIT, _NUMBERS, PLACE, N, as_draft

_KINDS = ("citations", "parts", "works", "subjects")
_SAID = (DCTERMS + "isPartOf", DCTERMS + "hasVersion")
_DECISIONS = st.lists(st.tuples(_NUMBERS, _NUMBERS, st.sampled_from((ACCEPTED, REJECTED))), max_size=2)


@settings(max_examples=25, deadline=None)
@given(edits=st.lists(_EDIT, max_size=12), decisions=_DECISIONS)
def test_it_is_what_the_lists_say(
    edits: list[tuple[int, object]], decisions: list[tuple[int, int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Log(f"sqlite:///{Path(folder) / 'a.sqlite'}")
        try:
            log.append([draft(n) for n in range(N)])
            for n, what in edits:
                log.append([as_draft(n, what)])
            for one, other, verdict in decisions:
                # Between two names of one record there is nothing to decide.
                with suppress(SheafError):
                    log.decide(f"{PLACE}{one}", f"{PLACE}{other}", verdict, who="somebody")
            with log.read() as reading:
                for name in (*(f"{PLACE}{n}" for n in range(N)), "RePEc:xxx:joujou", "jel:I11"):
                    around = reading.around(name)
                    if not around.joined:
                        assert reading.cluster(name).others == ()
                    for predicate in _SAID:
                        slow = reading.linked_from(name, predicates=[predicate], limit=2, once=True)
                        assert reading.saying(name, predicate, 2) == tuple(
                            link.subject for link in slow.items
                        )
                    for kind in _KINDS:
                        predicates = LISTS[kind].predicates
                        whole = reading.linked_from(name, predicates=predicates, limit=100, once=True)
                        assert reading.count_linked(name, predicates, 101) == len(whole.items)
                        for limit in (2, 100):
                            quick = around.page(predicates, limit)
                            if quick is None:
                                continue
                            slow = reading.linked_from(name, predicates=predicates, limit=limit, once=True)
                            assert quick == slow
                            assert around.count(predicates) == len(whole.items)
        finally:
            log.close()


def test_a_record_that_many_cite_is_left_to_the_lists(log_url: str) -> None:
    log = Log(log_url)
    log.append([draft("much", part_of=())])
    log.append([draft(n, cites=(f"{PLACE}much",), part_of=()) for n in range(340)])
    with log.read() as reading:
        around = reading.around(f"{PLACE}much")
        assert around.page(LISTS["citations"].predicates, 10) is None
        assert reading.count_linked(f"{PLACE}much", LISTS["citations"].predicates, 1000) == 340
        assert reading.count_linked(f"{PLACE}much", LISTS["citations"].predicates, 50) == 50
    log.close()
