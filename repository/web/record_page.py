"""The page of one record for people, and that of one of its versions: everything that their templates need.

What stands around the record is gathered by `facts`; no markup is written here, that is the templates'.
"""

from dataclasses import fields, replace

from markupsafe import Markup

from repository.assembly import House
from repository.formats.schemaorg import embedded
from repository.log import Neighbours
from repository.model.lens import addressed
from repository.model.records import Record
from repository.model.work import Text, Work
from repository.web import changes, facts, record_parts, variants
from repository.web.dataset_graph import PATH as DATASET
from repository.web.dataset_graph import contact_of
from repository.web.facts import MOST_FILES, MOST_PEOPLE, MOST_SUBJECTS, Facts
from repository.web.head import head_tags
from repository.web.html import Html
from repository.web.record_view import MOST_LINES, View
from repository.web.signposts import SHADOWS, Signposts, work_of

# More of a text is on the page of no record; the other forms have it whole.
LONGEST_TEXT = 8_000
_MOST_TEXTS = 6
_MOST = {"people": MOST_PEOPLE, "files": MOST_FILES, "subjects": MOST_SUBJECTS}


def render(
    house: House,
    html: Html,
    record: Record,
    near: Neighbours | None = None,
    taken: frozenset[str] | None = None,
    known: Facts | None = None,
) -> bytes:
    """The page; with the versions `near` this one, that of a version: what links here now has no place on it.

    `taken`: extensions at whose addresses beside it there are other records; `known`: what `around` says. Either is
    None where nobody has looked yet. With both, nothing is read: the page is made of them, the record and the settings.
    """
    assert record.body is not None  # noqa: S101 - tombstones never come here
    site = house.site
    work = addressed(work_of(record.identifier, record.body), site)
    before = None
    if known is None or taken is None:
        taken, known, before = _read(house, record, near, taken)
    work = known.signed(work)
    short = shortened(work)
    return html.render(
        "version.html" if near else "record.html",
        work=work,
        record=record,
        near=near,
        changed=changes.between(before, record, site) if near else (),
        before=before,
        v=View(site, work, short, known, house.settings.search == "yes"),
        facts=known,
        parts=record_parts.of_version(html, work, record)
        if near
        else record_parts.of_record(html, work, record, taken),
        signs=Signposts(site, work.identifier, (), record, house.settings.metadata_licence, taken),
        # Safe as it is: it holds no `<`, and a script element ends by nothing else.
        described=Markup("" if near else embedded(short, site)),  # noqa: S704
        tags=() if near else head_tags(short, site, known.series),
        most=_MOST,
        # The address of the maintainer is in no page; whoever keeps the repository has it.
        contact=site.page(DATASET) if contact_of(house.settings) else "",
    )


def around(house: House, record: Record) -> Facts:
    """What the page of a live record shows that the record itself does not say."""
    assert record.body is not None  # noqa: S101 - tombstones have other pages
    with house.log.read() as reading:
        return facts.gather(reading, house.site, work_of(record.identifier, record.body), now=True)


def _read(
    house: House, record: Record, near: Neighbours | None, taken: frozenset[str] | None
) -> tuple[frozenset[str], Facts, Record | None]:
    """What other records are at addresses beside it; what stands around it; and the version before it."""
    assert record.body is not None  # noqa: S101 - see `render`
    work = work_of(record.identifier, record.body)
    with house.log.read() as reading:
        # A version's own addresses say which entry they mean, so that no other record has one of them.
        if near:
            taken = frozenset()
        elif taken is None:
            taken = variants.shadowed(reading, work.identifier, SHADOWS)
        known = facts.gather(reading, house.site, work, now=near is None)
        return taken, known, reading.entry(near.before.seq) if near and near.before else None


def shortened(work: Work) -> Work:
    """The work without what is beyond the bounds of its page: a list of thousands, a text as long as a book."""
    cut = {}
    for attribute in _LISTS:
        values, most = getattr(work, attribute), _AT_MOST.get(attribute, MOST_LINES)
        if len(values) > most:
            cut[attribute] = values[:most]
    for attribute in _TEXTS:
        values = getattr(work, attribute)[:_MOST_TEXTS]
        if any(len(text.value) > LONGEST_TEXT for text in values):
            values = tuple(map(_cut, values))
            cut[attribute] = values
    return replace(work, **cut) if cut else work


def _cut(text: Text) -> Text:
    return text if len(text.value) <= LONGEST_TEXT else Text(text.value[:LONGEST_TEXT] + " …", text.language)


_LISTS = tuple(each.name for each in fields(Work) if str(each.type).startswith("tuple"))
_TEXTS = ("abstracts", "descriptions", "notes")
_AT_MOST = {
    "creators": MOST_PEOPLE,
    "editors": MOST_PEOPLE,
    "keywords": MOST_SUBJECTS,
    "jel": MOST_SUBJECTS,
    "files": MOST_FILES,
    **dict.fromkeys(_TEXTS, _MOST_TEXTS),
}
