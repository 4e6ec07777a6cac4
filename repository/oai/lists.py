"""ListRecords, ListIdentifiers and ListSets: a page of the log, its token, its size and cursor.

Pages go by key, so a list costs the same at any depth. An open-ended list runs to the live tail.
"""

import logging
from dataclasses import dataclass, replace

from repository.formats import OAI_DC, OAI_FORMATS
from repository.log import Reading
from repository.model.lens import read_work
from repository.model.records import Page, Record, Selection, SetInfo
from repository.model.sets import describe
from repository.model.settings import Settings
from repository.model.site import Site
from repository.oai import xml
from repository.oai.chunks import Chunks
from repository.oai.errors import Code, oai_error
from repository.oai.pieces import Piece
from repository.oai.request import Request, shown
from repository.oai.runs import Runs
from repository.oai.show import Show
from repository.oai.token import Token, read_token, write_token

PREFIXES = {form.name: form for form in OAI_FORMATS}
_DAY = 86_400
# How many records before a token are tried where nothing behind it can be shown.
_LOOK = 1000
_log = logging.getLogger("sheaf.oai")


@dataclass(frozen=True, slots=True)
class Lists:
    """What every list needs beside the request. `now`: seconds since 1970, for the expiry of tokens."""

    reading: Reading
    settings: Settings
    site: Site
    key: bytes
    now: int
    chunks: Chunks | None

    # -- records -------------------------------------------------------------------------------------------

    def records(self, request: Request) -> list[bytes | Piece]:
        """ListRecords or ListIdentifiers: the verb's element with one page."""
        if request.token:
            token = self._resume(request)
        else:
            token = Token(request.verb, request.prefix, request.selection, 0, 0, -1, 0)
        form = PREFIXES.get(token.prefix)
        if form is None:
            raise cannot_disseminate(token.prefix)
        whole = request.verb == "ListRecords"
        show = Show(self.site, self.settings.metadata_licence, form, whole, token.selection.set)
        runs = Runs(self.reading, token.selection, show, self.chunks)
        page = self._page(token, runs)
        if not page.items:
            raise _ahead() if token.after else self._nothing(token.selection)
        parts = runs.parts(page.items, page.after, alone=not token.after and page.after is None)
        while not parts.content and page.after is not None:
            # Every record of this page is broken: an empty page would be invalid, so look further.
            token = replace(token, after=page.items[-1])
            page = self._page(token, runs)
            parts = runs.parts(page.items, page.after)
        content, count = parts.content, len(page.items) - parts.missing
        if not content:
            content, count = self._once_more(token, runs), 1
        if not content:
            raise oai_error(Code.NO_RECORDS_MATCH, "no record of this list can be shown")
        ending = f"{self._next(token, page, count)}</{request.verb}>\n"
        return [f"<{request.verb}>\n".encode(), *content, ending.encode()]

    def _once_more(self, token: Token, runs: Runs) -> list[bytes | Piece]:
        """The nearest record before the token that can be shown.

        A valid token meets neither an error nor an empty page (rows F9 and F5 of our conformance tests).
        """
        for key in self.reading.keys_before(
            token.selection, runs.show.form.listing, int(token.after) + 1, _LOOK
        ):
            if parts := runs.parts([key], None, alone=True).content:
                return parts
        return []

    def _page(self, token: Token, runs: Runs) -> Page[int, int]:
        """The keys of one page; `after` is the list's next key."""
        limit = self.settings.oai_page_size if runs.show.whole else self.settings.oai_identifiers_page_size
        after, listing = int(token.after), runs.show.form.listing
        keys = self.reading.keys(token.selection, listing, after=after, limit=limit + 1)
        if keys or not after:
            return Page(tuple(keys[:limit]), keys[limit] if len(keys) > limit else None)
        # A list with `until` may lose its rest to newer datestamps while it is walked. A page must not be empty
        # (OAI-PMH.xsd) and a valid token has no noRecordsMatch, so one of the moved records is shown.
        unbounded = replace(token.selection, until=None)
        return Page(tuple(self.reading.keys(unbounded, listing, after=after, limit=1)), None)

    def _nothing(self, selection: Selection) -> Exception:
        if selection.set and not self.reading.count_sets():
            return oai_error(Code.NO_SET_HIERARCHY, "this repository has no sets yet")
        return oai_error(Code.NO_RECORDS_MATCH, "no record matches from, until, set and metadataPrefix")

    def _next(self, token: Token, page: Page[int, int], count: int) -> str:
        """The token element: absent for a complete list, empty at the end of a resumed one."""
        if page.after is None and not token.after:
            return ""
        sofar = token.delivered + count
        newest, date = self.reading.newest()
        until = token.selection.until
        # A list that came from where the log was longer, as from another host whose replica is further than ours, does
        # not end where ours does: its first page told up to when the harvester has everything.
        ends = newest >= token.seen or (until is not None and until < date)
        if page.after is None and ends:
            return xml.resumption("", cursor=token.delivered, total=sofar, expires=None)
        total, last = token.total, page.items[-1]
        listing = PREFIXES[token.prefix].listing
        if total < 0:
            total = self.reading.total(token.selection, listing)
        if sofar >= total:
            # The list grew while it was walked: count what is left now.
            total = sofar + self.reading.total(token.selection, listing, after=last)
        seen = max(newest, token.seen)
        return self._token(
            replace(token, after=last, delivered=sofar, total=total, seen=seen), token.delivered
        )

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

    def sets(self, request: Request) -> list[bytes | Piece]:
        """ListSets: the sets in alphabetical order, ancestors included."""
        token = self._resume(request) if request.token else Token("ListSets", "", Selection(), "", 0, -1, 0)
        page = self.reading.sets(after=str(token.after), limit=self.settings.oai_sets_page_size)
        if not page.items:
            raise (
                _ahead()
                if token.after
                else oai_error(Code.NO_SET_HIERARCHY, "this repository has no sets yet")
            )
        titles = self._titles(page.items)
        content = "".join(_set_element(describe(spec, titles.get(spec))) for spec in page.items)
        sofar = token.delivered + len(page.items)
        ending = ""
        if page.after is not None:
            total = self.reading.count_sets() if token.total < 0 else token.total
            if sofar >= total:
                # Sets came while the list was walked.
                total = sofar + self.reading.count_sets(after=page.after)
            ending = self._token(
                replace(token, after=page.after, delivered=sofar, total=total), token.delivered
            )
        elif token.after:
            ending = xml.resumption("", cursor=token.delivered, total=sofar, expires=None)
        return [f"<ListSets>\n{content}{ending}</ListSets>\n".encode()]

    def _titles(self, specs: tuple[str, ...]) -> dict[str, str | None]:
        """{setSpec: title} of the archives and series that have a record."""
        found = self.reading.many([spec for spec in specs if spec.count(":") in (1, 2)])
        return {record.identifier: _title(record) for record in found}


def _ahead() -> Exception:
    """For a good token of a log that was longer than this one: which was restored, or is a replica that is behind. Of a
    valid token nothing else is an answer that a harvester does not take for the end."""
    return oai_error(
        Code.BAD_RESUMPTION_TOKEN, "this list goes on behind all that is here now; begin the list again"
    )


def _title(record: Record) -> str | None:
    """None where there is none to be read: a damaged record leaves its set without a name, and breaks no page."""
    try:
        return read_work(record.identifier, record.body).title.value if record.body is not None else None
    except Exception:
        _log.exception("%s (seq %d) cannot be read", record.identifier, record.seq)
        return None


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
