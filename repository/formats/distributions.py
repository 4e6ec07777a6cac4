"""The forms in which a record can be had, as distributions in the words of DCAT: for clients of RDF, who read no
Signposting (which tells the same in headers and linksets).
"""

from collections.abc import Iterable, Iterator

from repository.formats.format import Format
from repository.formats.graph import body_of
from repository.formats.rdfxml import RDFXML, expressible_in_xml
from repository.model.lens import read_work
from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import DCAT, DCTERMS, FOAF, RDF


def about_forms(record: Record, site: Site, forms: Iterable[Format]) -> bytes:
    """The statements about `/record/X.<ext>` for each form that applies, as N-Triples under the site's base.

    `dcterms:format` is the media type; `dcterms:conformsTo` tells apart those that share one.
    """
    return "".join(line + "\n" for line in _lines(record, site, forms)).encode()


def _lines(record: Record, site: Site, forms: Iterable[Format]) -> Iterator[str]:
    page, body = site.record(record.identifier), body_of(record)
    work = read_work(record.identifier, body)
    for form in forms:
        if not (form.extension and form.applies(work)):
            continue
        if form.media_type == RDFXML.media_type and not expressible_in_xml(body):
            continue
        file = site.record(record.identifier, form.extension)
        yield f"<{page}> <{DCTERMS}hasFormat> <{file}> ."
        yield f"<{file}> <{RDF}type> <{DCAT}Distribution> ."
        yield f"<{file}> <{RDF}type> <{FOAF}Document> ."
        yield f"<{file}> <{DCTERMS}format> {literal(form.media_type)} ."
        yield f"<{file}> <{DCTERMS}isFormatOf> <{page}> ."
        if form.form:
            yield f"<{file}> <{DCTERMS}conformsTo> <{site.external(form.form)}> ."
