"""What the search remembers of the log is never older than the log."""

from repository.model.work import Text, Work
from repository.web.search_told import Told
from tests.web.conftest import SERIES, as_draft


def test_names_of_series_and_the_newest_entry_are_read_anew_after_each_write(house):
    told = Told(house.log)
    assert told.titles((SERIES, "RePEc:xxx:unknown")) == {
        SERIES: "Journal of Tests",
        "RePEc:xxx:unknown": "RePEc:xxx:unknown",
    }
    before = told.newest()
    house.log.append(
        [as_draft(Work(SERIES, "journal", Text("Journal of Renamed Tests"), part_of=("RePEc:xxx",)))]
    )
    assert told.titles((SERIES,)) == {SERIES: "Journal of Renamed Tests"}
    assert told.newest() == house.log.newest() > before
