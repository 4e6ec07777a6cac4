"""The table of all rows, in the order of their ids. Each file beside this one has the rows of one subject."""

from repository.check.rows import (
    answers,
    dates,
    deletions,
    formats,
    identify,
    lists,
    posting,
    records,
    requests,
    sets,
)

ROWS = (
    answers.A1,
    posting.A2,
    *requests.ROWS,
    answers.A14,
    answers.A15,
    *answers.B_ROWS,
    *identify.ROWS,
    *formats.ROWS,
    *sets.ROWS,
    *lists.ROWS,
    *dates.ROWS,
    *records.ROWS,
    *deletions.ROWS,
    answers.K6,
)
