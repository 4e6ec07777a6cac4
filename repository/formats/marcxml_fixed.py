"""The leader and the fields of fixed length of a MARC 21 record: positions, not texts.

What nobody has coded is a fill character; the date on which a record was entered is not the work's to say.
"""

from functools import lru_cache

from repository.formats.cataloguing import is_date
from repository.formats.languages import bibliographic
from repository.model.work import Work

# type -> record type and bibliographic level (leader 06, 07): language material or computer file; component part
# of a serial or of a monograph, or a monograph.
_LEVELS = {"article": "ab", "chapter": "aa", "software": "mm"}

# 008/18-34 by the layout that leader 06 and 07 ask for, with the form of item (008/23) left to be put in.
_MATERIALS = {
    "ab": "|| ||{}||||||   ||",
    "mm": "    |{}  b |      ",
}
_BOOKS = "|||||{}|||||||| ||"
_CONTENT = {"software": ("computer program", "cop")}


def leader(work: Work) -> str:
    """Abbreviated level (`3`): no cataloguer saw the work. ISBD without its punctuation (`c`)."""
    return f"00000n{_LEVELS.get(work.type, 'am')} a22000003c 4500"


def control_008(work: Work) -> str:
    # Of several languages, none of which is said to come first, the first in the order of 041.
    language = next(filter(None, map(bibliographic, work.languages)), "|||")
    online = "o" if is_online(work) else "|"
    material = _MATERIALS.get(_LEVELS.get(work.type, "am"), _BOOKS).format(online)
    return f"||||||{_dates(work.date)}xx {material}{language}|d"


def _dates(date: str) -> str:
    """A year alone is a single date; with its month and day, a detailed one (008/06-14)."""
    if not is_date(date):
        return "|||||||||" if date else "nuuuuuuuu"
    if len(date) == 4:
        return f"s{date}    "
    return f"e{date.replace('-', ''):<8}"


def control_007(work: Work) -> str:
    """An electronic resource, reached from afar; empty where the work has no address."""
    return "cr |||||||||||" if is_online(work) else ""


def is_online(work: Work) -> bool:
    return bool(work.files or work.landing_pages)


@lru_cache
def content_type(kind: str) -> tuple[str, str]:
    """RDA's word for the content, and its code."""
    return _CONTENT.get(kind, ("text", "txt"))
