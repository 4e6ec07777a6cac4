"""What a list of results says of a record, kept in its document: so a page of twenty reads no body and parses no graph.

It is a Work with little in it, as a text.
"""

import json
import re

from repository.formats.rights import OPEN, access_right, licence
from repository.model.uris import is_followed
from repository.model.work import File, Person, Text, Work

# A snippet is taken from so many letters; of the rest as many as a list could show.
_LETTERS = 1500
_TITLE = 500
_VALUES, _FILES = 20, 3
# All people: programs get their names, and readers are told how many there are.
_PEOPLE = 5000

# What a file's function says where it is not the work itself; where it says so of the whole, it is that.
_BESIDE = re.compile(
    r"\b(?:abstracts?|samples?|data|data ?sets?|programs?|code|append\w+|supplement\w*|contents|covers?|front page"
    r"|errat(?:um|a)|read ?me|figures?|slides|previews?|excerpts?|review)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\bfull[ -]?text\b|\bversion\b|\bmanuscript\b", re.IGNORECASE)
# Notes that restrict nothing.
_OPEN = re.compile(
    r"(?:none|no restrictions?|unrestricted|free(?:ly available| access)?|open(?: access)?|public)[.!]?",
    re.IGNORECASE,
)


def full_texts(work: Work) -> tuple[File, ...]:
    """The files that are the work and can be read by anybody, as far as the record tells."""
    if _restricts(work.restriction):
        return ()
    return tuple(
        file
        for file in work.files
        if is_followed(file.url) and _is_whole(file) and not _restricts(file.restriction)
    )


def _is_whole(file: File) -> bool:
    return not _BESIDE.search(file.function) or bool(_WHOLE.search(file.function))


def _restricts(note: Text | None) -> bool:
    """Whether a note may keep somebody from reading; what has a licence of Creative Commons anybody may read."""
    said = note.value.strip() if note else ""
    if not said or _OPEN.fullmatch(said) or access_right(said) == OPEN:
        return False
    return licence(said) is None or access_right(said) is not None


def outline(work: Work) -> str:
    """Two works that a list shows alike have the same text."""
    said = next(iter((*work.abstracts, *work.descriptions)), Text(""))
    return json.dumps(
        [
            work.type,
            work.title.value[:_TITLE],
            work.title.language,
            [person.name for person in work.creators[:_PEOPLE]],
            [person.name for person in work.editors[:_PEOPLE]],
            said.value[:_LETTERS],
            said.language,
            work.host,
            work.date,
            list(work.part_of[:_VALUES]),
            list(work.dois[:_VALUES]),
            list(work.jel[:_VALUES]),
            [[each.value, each.language] for each in work.keywords[:_VALUES]],
            list(work.languages[:_VALUES]),
            [file.url for file in full_texts(work)[:_FILES]],
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read_outline(identifier: str, text: str) -> Work:
    """The work of an outline: its date is `issued`, its one abstract may be a description, files are full texts."""
    (
        kind,
        title,
        tag,
        creators,
        editors,
        said,
        said_tag,
        host,
        date,
        part_of,
        dois,
        jel,
        keywords,
        tags,
        urls,
    ) = json.loads(text)
    return Work(
        identifier=identifier,
        type=kind,
        title=Text(title, tag),
        creators=tuple(map(Person, creators)),
        editors=tuple(map(Person, editors)),
        abstracts=(Text(said, said_tag),) if said else (),
        host=host,
        issued=date,
        part_of=tuple(part_of),
        dois=tuple(dois),
        jel=tuple(jel),
        keywords=tuple(Text(*each) for each in keywords),
        languages=tuple(tags),
        files=tuple(map(File, urls)),
    )
