"""What a list of results says of a record, kept in its document: so a page of twenty reads no body and parses no graph.

It is a Work with little in it, as a text.
"""

import json

from repository.model.work import File, Person, Text, Work

# A snippet is taken from so many letters; of the rest as many as a list could show.
_LETTERS = 1500
_TITLE = 500
_PEOPLE, _VALUES, _FILES = 30, 20, 3


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
            [file.url for file in work.files if file.url][:_FILES],
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read_outline(identifier: str, text: str) -> Work:
    """The work of an outline: its date is `issued`, an abstract or description its one abstract."""
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
