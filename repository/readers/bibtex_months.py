"""The month of a BibTeX entry, and the day that many write beside it."""

import re

from repository.readers import redif_values as values

_APART = r"\.?\s*[{}]{0,4}(?:[~\s,]|\\ ){0,9}"
_MONTH = re.compile(rf"[\s{{]*+([A-Za-z]+|\d{{1,2}}){_APART}(\d{{1,2}})?(\D{{0,40}})")
_DAY_FIRST = re.compile(
    rf"[\s{{]*+(\d{{1,2}})(?:st|nd|rd|th)?{_APART}([A-Za-z]{{3,}})\.?(.{{0,40}})", re.DOTALL
)


def month_and_day(value: str) -> tuple[str, str, str]:
    """(the month, the day, what is left) of `mar # "~10"`, and of `"10~" # mar`, which is no October."""
    match = _DAY_FIRST.fullmatch(value)
    if match and values.month(match[2]):
        return match[2], match[1], match[3]
    match = _MONTH.fullmatch(value)
    if not match or (match[1].isdigit() and any(map(str.isalpha, match[3]))):
        return "", "", ""
    return match[1], match[2] or "", match[3]
