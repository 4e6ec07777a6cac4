"""ListRecords, ListIdentifiers and ListSets: a page of the log, its token, its size and cursor.

Pages go by key, so a list costs the same at any depth. An open-ended list runs to the live tail.
"""

import logging
from dataclasses import dataclass, replace

from repository.formats import OAI_DC, OAI_FORMATS, Format
from repository.log import Reading
from repository.model.lens import read_work
from repository.model.records import Page, Record, Selection, SetInfo
from repository.model.sets import describe
from repository.model.settings import Settings
from repository.model.site import Site
from repository.oai import xml
from repository.oai.errors import Code, oai_error
from repository.oai.request import Request, shown
from repository.oai.token import Token, read_token, write_token

_log = logging.getLogger("sheaf.oai")
PREFIXES = {form.name: form for form in OAI_FORMATS}
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Lists:
    """What every list needs beside the request. `now`: seconds since 1970, for the expiry of tokens."""

    reading: Reading
    settings: Settings
    site: Site
    key: bytes
    now: int

    # -- records -------------------------------------------------------------------------------------------

    def records(self, request: Request) -> str:
        """ListRecords or ListIdentifiers: the verb's element with one page."""
        if request.token:
            token = self._resume(request)
        else:
            token = Token(request.verb, request.prefix, request.selection, 0, 0, -1, 0)
        form = PREFIXES.get(token.prefix)
        if form is None:
            raise cannot_disseminate(token.prefix)
        whole = request.verb == "ListRecords"
        page = self._page(token, whole=whole)
        if not page.items:
            raise self._nothing(token.selection)
        content = "".join(self._element(record, form, token.selection.set, whole) for record in page.items)
        while not content and page.after is not None:
            # Every record of this page is broken: an empty page would be invalid, so look further.
            token = replace(token, after=page.after)
            page = self._page(token, whole=whole)
            content = "".join(
                self._element(record, form, token.selection.set, whole) for record in page.items
            )
        if not content:
            raise oai_error(Code.NO_RECORDS_MATCH, "no record of this list can be shown")
        return f"<{request.verb}>\n{content}{self._next(token, page)}</{request.verb}>\n"

    def _page(self, token: Token, *, whole: bool) -> Page[Record, int]:
        limit = self.settings.oai_page_size if whole else self.settings.oai_identifiers_page_size
        after = int(token.after)
        page = self.reading.page(
            token.selection, PREFIXES[token.prefix].listing, after=after, limit=limit, bodies=whole
        )
        if page.items or not after:
            return page
        # A list with `until` may lose its rest to newer datestamps while it is walked. A page must not be empty
        # (OAI-PMH.xsd) and a valid token has no noRecordsMatch, so one of the moved records is shown.
        unbounded = replace(token.selection, until=None)
        moved = self.reading.page(
            unbounded, PREFIXES[token.prefix].listing, after=after, limit=1, bodies=whole
        )
        return Page(moved.items, None)

    def _nothing(self, selection: Selection) -> Exception:
        if selection.set and not self.reading.count_sets():
            return oai_error(Code.NO_SET_HIERARCHY, "this repository has no sets yet")
        return oai_error(Code.NO_RECORDS_MATCH, "no record matches from, until, set and metadataPrefix")

    def _element(self, record: Record, form: Format, chosen: str | None, whole: bool) -> str:
        deleted = record.deleted or record.gone
        left = chosen if record.gone and chosen and not _within(record.sets, chosen) else ""
        header = xml.header(record, self.site, deleted=deleted, left=left)
        if not whole:
            return header
        if deleted:
            return f"<record>{header}</record>\n"
        metadata = rendered(record, form, self.site)
        return f"<record>{header}<metadata>\n{metadata}</metadata></record>\n" if metadata else ""

    def _next(self, token: Token, page: Page[Record, int]) -> str:
        """The token element: absent for a complete list, empty at the end of a resumed one."""
        count = len(page.items)
        sofar = token.delivered + count
        if page.after is None:
            if not token.after:
                return ""
            return xml.resumption("", cursor=token.delivered, total=sofar, expires=None)
        total = token.total
        if total < 0:
            total = self.reading.total(token.selection, PREFIXES[token.prefix].listing)
        if sofar >= total:
            # The list grew while it was walked: count what is left now.
            total = sofar + self.reading.total(
                token.selection, PREFIXES[token.prefix].listing, after=page.after
            )
        return self._token(replace(token, after=page.after, delivered=sofar, total=total), token.delivered)

    def _token(self, following: Token, cursor: int) -> str:
        expires = self.now + self.settings.oai_token_days * _DAY
        text = write_token(replace(following, expires=expires), self.key)
        return xml.resumption(text, cursor=cursor, total=following.total, expires=expires)

    def _resume(self, request: Request) -> Token:
        token = read_token(request.token, self.key)
        if token is None or token.verb != request.verb:
            raise oai_error(
                Code.BAD_RESUMPTION_TOKEN,
                f"this is not a token that {request.verb} of this repository gave; begin the list again",
            )
        if token.expires < self.now:
            raise oai_error(Code.BAD_RESUMPTION_TOKEN, "this token has expired; begin the list again")
        return token

    # -- sets ----------------------------------------------------------------------------------------------

    def sets(self, request: Request) -> str:
        """ListSets: the sets in alphabetical order, ancestors included."""
        token = self._resume(request) if request.token else Token("ListSets", "", Selection(), "", 0, -1, 0)
        page = self.reading.sets(after=str(token.after), limit=self.settings.oai_sets_page_size)
        if not page.items:
            raise oai_error(Code.NO_SET_HIERARCHY, "this repository has no sets yet")
        titles = self._titles(page.items)
        content = "".join(_set_element(describe(spec, titles.get(spec))) for spec in page.items)
        sofar = token.delivered + len(page.items)
        ending = ""
        if page.after is not None:
            total = sofar + self.reading.count_sets(after=page.after)
            ending = self._token(
                replace(token, after=page.after, delivered=sofar, total=total), token.delivered
            )
        elif token.after:
            ending = xml.resumption("", cursor=token.delivered, total=sofar, expires=None)
        return f"<ListSets>\n{content}{ending}</ListSets>\n"

    def _titles(self, specs: tuple[str, ...]) -> dict[str, str]:
        """{setSpec: title} of the archives and series that have a record."""
        found = self.reading.many([spec for spec in specs if spec.count(":") in (1, 2)])
        return {
            record.identifier: read_work(record.identifier, record.body).title.value
            for record in found
            if record.body is not None
        }


def _within(sets: tuple[str, ...], chosen: str) -> bool:
    """Whether one of the sets is `chosen` or below it."""
    return any(spec == chosen or spec.startswith(chosen + ":") for spec in sets)


def rendered(record: Record, form: Format, site: Site) -> str:
    """The metadata of a live record; empty where it cannot be made, which is logged and breaks no page."""
    try:
        return form.write(record, site).decode()
    except Exception:
        _log.exception("%s (seq %d) cannot be given as %s", record.identifier, record.seq, form.name)
        return ""


def cannot_disseminate(prefix: str) -> Exception:
    return oai_error(
        Code.CANNOT_DISSEMINATE_FORMAT,
        f"{shown(prefix)} is not a format of this repository; it has {', '.join(PREFIXES)}",
    )


def _set_element(info: SetInfo) -> str:
    about = ""
    if info.description:
        root = (
            f'<oai_dc:dc xmlns:oai_dc="{OAI_DC.namespace}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            f' xsi:schemaLocation="{OAI_DC.namespace} {OAI_DC.schema}">'
        )
        text = xml.text(info.description)
        about = f"<setDescription>{root}<dc:description>{text}</dc:description></oai_dc:dc></setDescription>"
    return f"<set><setSpec>{info.spec}</setSpec><setName>{xml.text(info.name)}</setName>{about}</set>\n"
