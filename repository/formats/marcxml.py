"""MARCXML: MARC 21 bibliographic records, for the catalogues of libraries.

Punctuation between subfields is left to those who show them (leader 18 is `c`); no subfield is ever empty.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from repository.formats import marcxml_fixed as fixed
from repository.formats.cataloguing import (
    has_host,
    is_date,
    is_licence,
    isbn,
    issn,
    places,
    publishers,
    title_parts,
)
from repository.formats.citation import page_range
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.formats.languages import bibliographic
from repository.formats.marcxml_fields import Subfields, datafield, subfield
from repository.formats.marcxml_links import linked_entries, series_entries, series_statement
from repository.formats.marcxml_names import added_names, main_name, responsibility
from repository.formats.xmltext import escaped, legal
from repository.model.identifiers import jel_identifier
from repository.model.records import Record
from repository.model.site import Site
from repository.model.work import File, Work

NAMESPACE = "http://www.loc.gov/MARC21/slim"
SCHEMA = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"

_OPEN = (
    f'<record xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" type="Bibliographic" '
    f'xsi:schemaLocation="{NAMESPACE} {SCHEMA}">\n'
)
_CLOSE = "</record>"


def write(record: Record, site: Site) -> bytes:
    return marc_record(work_of(record, site), site)


def marc_record(work: Work, site: Site) -> bytes:
    """The `record` element of a work."""
    return (_OPEN + "".join(section(work, site) for section in SECTIONS) + _CLOSE).encode()


def _control(work: Work, site: Site) -> str:
    values = {
        "001": escaped(legal(work.identifier)),
        "003": escaped(site.namespace),
        "007": fixed.control_007(work),
        "008": fixed.control_008(work),
    }
    return f"<leader>{fixed.leader(work)}</leader>\n" + "".join(
        f'<controlfield tag="{tag}">{value}</controlfield>\n' for tag, value in values.items() if value
    )


def _numbers(work: Work, site: Site) -> str:
    """020 to 046. ISBN and ISSN of what is in a journal or book are its host's (773), an ISSN of a series is 490's."""
    found = [] if has_host(work) else [_number("020", value, isbn) for value in work.isbns]
    if not has_host(work) and not work.host.strip():
        found += [_number("022", value, issn) for value in work.issns]
    found += [datafield("024", "7 ", [("a", doi)], _source("doi")) for doi in work.dois]
    found += [
        datafield("024", "7 ", [("a", address)], _source("uri"))
        for address in (site.thing(work.identifier), *work.same_as)
    ]
    found.append(datafield("024", "8 ", [("a", work.handle)]))
    found.append(datafield("040", "  ", [("a", site.namespace), ("c", site.namespace)]))
    found += _languages(work.languages)
    found += _special_dates(work)
    return "".join(found)


def _number(tag: str, value: str, checked: Callable[[str], str]) -> str:
    """`$z` takes what cannot be a number of this kind."""
    right = checked(value)
    return datafield(tag, "  ", [("a", right)] if right else [("z", value)])


@lru_cache
def _source(code: str) -> str:
    return subfield("2", code)


def _languages(codes: tuple[str, ...]) -> Iterator[str]:
    yield datafield("041", "  ", [("a", code) for code in dict.fromkeys(map(bibliographic, codes))])
    others: Subfields = [("a", code) for code in codes if not bibliographic(code)]
    yield datafield("041", " 7", others, _source("rfc5646"))


def _special_dates(work: Work) -> Iterator[str]:
    for code, value in (("k", work.created), *(("j", revised) for revised in work.revised)):
        yield datafield("046", "  ", [(code, value)], _source("edtf") if is_date(value) else "")


def _classes(work: Work, site: Site) -> str:
    """084 and 088: JEL as the classification that it is; a paper's number as a report's."""
    return "".join(datafield("084", "  ", [("a", code)], _source("jelc")) for code in work.jel) + (
        datafield("088", "  ", [("a", work.number)]) if work.type == "paper" else ""
    )


def _title(work: Work, site: Site) -> str:
    text = legal(work.title.value).strip()
    parts = title_parts(text, work.title.language)
    number = "" if has_host(work) or work.host.strip() else _number_of_part(work)
    whole: Subfields = [
        ("a", parts.article + parts.main),
        ("n", number),
        ("b", parts.subtitle),
        ("c", responsibility(work)),
    ]
    entered = "1" if main_name(work.creators, site) else "0"
    return datafield("245", f"{entered}{len(parts.article)}", whole) + "".join(
        datafield("246", "3 ", [("a", title.value)]) for title in work.alternatives
    )


def _number_of_part(work: Work) -> str:
    shown = (work.volume, work.issue, "" if work.type == "paper" else work.number)
    return ", ".join(part for part in shown if part.strip())


def _publication(work: Work, site: Site) -> str:
    edition = "" if work.type == "chapter" else work.edition
    published: list[tuple[str, str]] = [
        *(("a", place) for place in places(work)),
        *(("b", name) for name in publishers(work)),
        ("c", work.date),
    ]
    return datafield("250", "  ", [("a", edition)]) + datafield("264", " 1", published)


def _description(work: Work, site: Site) -> str:
    extent = "" if has_host(work) else work.pages or page_range(work)
    return datafield("300", "  ", [("a", extent)]) + _kinds(work.type, fixed.is_online(work))


@lru_cache
def _kinds(kind: str, online: bool) -> str:
    """336 to 338: content, medium and carrier in RDA's words."""
    word, code = fixed.content_type(kind)
    found = datafield("336", "  ", [("a", word), ("b", code)], _source("rdacontent"))
    if online:
        found += datafield("337", "  ", [("a", "computer"), ("b", "c")], _source("rdamedia"))
        found += datafield("338", "  ", [("a", "online resource"), ("b", "cr")], _source("rdacarrier"))
    return found


def _notes(work: Work, site: Site) -> str:
    found = [datafield("500", "  ", [("a", note.value)]) for note in work.notes]
    found.append(datafield("500", "  ", [("a", work.status)]))
    restriction = work.restriction.value if work.restriction else ""
    use = work.restriction is not None and is_licence(work.restriction)
    if not use:
        found.append(datafield("506", "  ", [("a", restriction)]))
    found += [datafield("520", "3 ", [("a", abstract.value)]) for abstract in work.abstracts]
    found += [datafield("520", "  ", [("a", text.value)]) for text in work.descriptions]
    if use:
        address = restriction.strip()
        code = "u" if address.startswith(("http://", "https://")) and " " not in address else "a"
        found.append(datafield("540", "  ", [(code, restriction)]))
    return "".join(found)


def _subjects(work: Work, site: Site) -> str:
    return "".join(_jel(code, site) for code in work.jel) + "".join(
        datafield("653", "  ", [("a", keyword.value)]) for keyword in work.keywords
    )


@lru_cache(maxsize=4096)
def _jel(code: str, site: Site) -> str:
    return datafield("650", " 7", [("a", code), ("0", site.thing(jel_identifier(code)))], _source("jel"))


def _addresses(work: Work, site: Site) -> str:
    """856: pages first, files next with type and size, then what is only related (second indicator 2)."""
    named = {file.url for file in work.files}
    pages = [page for page in work.landing_pages if page not in named]
    return (
        "".join(datafield("856", "40", [("u", page)]) for page in pages)
        + "".join(map(_file, work.files))
        + _related((*work.homepages, *map(site.external, work.see_also)))
    )


def _file(file: File) -> str:
    told: Subfields = [
        ("3", file.function),
        ("q", file.format),
        ("s", f"{file.size} kB" if file.size.strip() else ""),
        ("u", file.url),
        ("z", file.restriction.value if file.restriction else ""),
    ]
    return datafield("856", "40", told)


def _related(addresses: Iterable[str]) -> str:
    return "".join(datafield("856", "42", [("u", address)]) for address in addresses)


SECTIONS: tuple[Callable[[Work, Site], str], ...] = (
    _control,
    _numbers,
    _classes,
    lambda work, site: main_name(work.creators, site),
    _title,
    _publication,
    _description,
    series_statement,
    _notes,
    _subjects,
    added_names,
    linked_entries,
    series_entries,
    _addresses,
)

MARCXML = Format(
    name="marcxml",
    label="MARCXML",
    media_type="application/marcxml+xml",
    extension="marc.xml",
    version=6,
    applies=works_only,
    write=write,
    namespace=NAMESPACE,
    schema=SCHEMA,
    listed_as="oai_dc",
)
