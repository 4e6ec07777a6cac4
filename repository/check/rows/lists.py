"""Rows F1 to F9: lists over several pages (OAI-PMH 3.5). They judge the walks that all rows have made."""

import re
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from repository.check.answer import Answer, Token
from repository.check.dates import SECOND, moment
from repository.check.ends import follow_to_the_end
from repository.check.probe import Probe, Sight
from repository.check.row import Row
from repository.check.rows.agreement import F8
from repository.check.rows.asking import BAD_TOKEN, refused, some_of_each, tokens
from repository.check.rows.dates import halves
from repository.check.rows.requests import LISTS
from repository.check.sheet import Sheet, SkippedError
from repository.check.walk import Page, Walk

_HOURS = timedelta(hours=23)


def f1(sheet: Sheet, probe: Probe) -> None:
    follow_to_the_end(probe)
    with suppress(SkippedError):
        # The same list in two parts has other borders between pages: what one lost the other may have.
        middle, after = halves(probe)
        for verb in LISTS[:2]:
            probe.walk(verb, *probe.scope, ("until", middle))
            probe.walk(verb, *probe.scope, ("from", after))
    for walk in tuple(probe.walks):
        if walk.refused:
            continue
        if walk.end == "cycle":
            sheet.wrong(f"the list never ends: {walk.why}", walk.told())
        elif walk.end in ("error", "unreadable") and "noRecordsMatch" not in walk.pages[-1].codes:
            sheet.wrong(f"page {len(walk.pages)} is refused: {walk.why}", walk.told())
        for item, count in Counter(walk.items).items():
            if count > 1 and walk.end != "cycle" and _still(probe, walk, item):
                sheet.wrong(f"{item!r} comes {count} times", walk.told())
        sheet.ok()
    _missing(sheet, probe)
    stamps = [header.datestamp for header in probe.records.headers]
    sheet.note(f"{len(stamps)} records, {'in' if stamps == sorted(stamps) else 'not in'} order of datestamp")


def _still(probe: Probe, walk: Walk, item: str) -> bool:
    """An item that was changed while the list was walked may come again with its new date."""
    return all(probe.settled(header) for header in walk.headers if header.identifier == item)


def _missing(sheet: Sheet, probe: Probe) -> None:
    """Whoever is met in a part of a list must be in the whole."""
    for verb in ("ListRecords", "ListIdentifiers"):
        whole = probe.walk(verb, *probe.scope)
        if not whole.complete:
            continue
        known = set(whole.items)
        for part in tuple(probe.walks):
            within = part.verb in ("ListRecords", "ListIdentifiers") and set(probe.scope) <= set(
                part.arguments
            )
            for header in part.headers if within and part is not whole else ():
                if probe.settled(header) and header.identifier not in known:
                    sheet.wrong(f"{header.identifier!r} is missing, but {part.told()} gives it", whole.told())


def f2(sheet: Sheet, probe: Probe) -> None:
    some_of_each(sheet, probe)
    follow_to_the_end(probe)
    for walk in probe.walks:
        if walk.complete and len(walk.pages) > 1:
            sheet.judge(
                walk.pages[-1].token is not None,
                f"the last of {len(walk.pages)} pages has no empty resumptionToken",
                walk.told(),
            )


def f2_one(sheet: Sheet, sight: Sight) -> None:
    count = len(sight.answer.tokens)
    if count > 1:
        sheet.wrong(f"{count} resumptionTokens in one answer", sight.where)
    if count and sight.answer.verb not in LISTS:
        sheet.wrong(f"a resumptionToken in {sight.answer.verb}", sight.where)


def f3(sheet: Sheet, probe: Probe) -> None:
    follow_to_the_end(probe)
    for walk in probe.walks:
        before = 0
        for page in walk.pages:
            if page.token is not None:
                _counted(sheet, page, page.token, before, walk)
            before += len(page.items)
        sizes = [page.token.size for page in walk.pages if page.token and page.token.size is not None]
        changed = any(not probe.settled(header) for header in walk.headers)
        if walk.complete and sizes and not changed and _number(sizes[-1]):
            sheet.judge(
                int(sizes[-1]) == before,
                f"completeListSize {sizes[-1]}, but the list has {before}",
                walk.told(),
            )


def _counted(sheet: Sheet, page: Page, token: Token, before: int, walk: Walk) -> None:
    for name, value in (("cursor", token.cursor), ("completeListSize", token.size)):
        if value is not None and not _number(value):
            sheet.wrong(f"{name} {value!r} is no number", page.told)
            return
    if token.cursor is not None:
        sheet.judge(int(token.cursor) == before, f"cursor {token.cursor} after {before} records", page.told)
    if token.size is not None:
        least = before + len(page.items) + (1 if token.text else 0)
        sheet.judge(
            int(token.size) >= least,
            f"completeListSize {token.size}, but there are {least} at least",
            page.told,
        )


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def f4(sheet: Sheet, sight: Sight) -> None:
    for token in sight.answer.tokens:
        if token.expires is None:
            continue
        until = moment(token.expires, SECOND)
        now = moment(sight.answer.response_date, SECOND) or sight.answer.exchange.received
        if until is None:
            sheet.wrong(
                f"expirationDate {token.expires!r} is no UTC second (YYYY-MM-DDThh:mm:ssZ)", sight.where
            )
        elif not token.text:
            sheet.ok()
        elif (
            sheet.judge(
                until > now,
                f"expirationDate {token.expires} was past at {now:%Y-%m-%dT%H:%M:%SZ}",
                sight.where,
            )
            and until - now < _HOURS
        ):
            sheet.warn(f"expirationDate {(until - now).total_seconds() / 3600:.1f} hours ahead, less than 23")


def f5(sheet: Sheet, sight: Sight) -> None:
    answer = sight.answer
    if answer.verb not in LISTS or answer.container is None:
        return
    count = len(answer.children("set")) if answer.verb == "ListSets" else len(answer.records)
    sheet.judge(count > 0, f"{answer.verb} without a single entry", sight.where)
    for record in answer.records:
        whole = not record.whole or record.header.deleted or bool(record.metadata)
        sheet.judge(
            whole and bool(record.header.identifier),
            f"{record.header.identifier or 'a record'}: a part of it is missing",
            sight.where,
        )


def _page(answer: Answer) -> tuple[object, ...]:
    return (
        answer.verb, answer.codes, answer.headers, bool(answer.token), len(answer.tokens), len(answer.children("set")),
    )  # fmt: skip


def f6(sheet: Sheet, probe: Probe) -> None:
    """The token of a fresh first page, used twice in a row."""
    for verb in LISTS:
        walk = probe.sets if verb == "ListSets" else probe.walk(verb, *probe.scope)
        if not (walk.pages and walk.pages[0].token and walk.pages[0].token.text):
            continue
        fresh = probe.ask(("verb", verb), *walk.arguments)
        if not fresh.token:
            continue
        request = (("verb", verb), ("resumptionToken", fresh.token))
        once, again = (probe.ask(*request, prefix=probe.prefix) for _ in range(2))
        used = fresh.token == walk.pages[0].token.text and len(walk.pages) > 1 and not walk.pages[1].codes
        if once.verb == verb or used:  # a token refused at its first use is F1's
            sheet.judge(
                once.verb == verb,
                f"{once.told()}, though the token was issued anew",
                once.exchange.told(),
            )
            sheet.judge(
                _page(once) == _page(again),
                f"the second use of a token gives {again.told()}, the first gave {once.told()}",
                again.exchange.told(),
            )


def f7(sheet: Sheet, probe: Probe) -> None:
    known = tokens(probe)
    for verb, token in known.items():
        for altered in _altered(token):
            refused(sheet, probe, (("verb", verb), ("resumptionToken", altered)), BAD_TOKEN)
        for other in LISTS:
            if other != verb and not (other == "ListSets" and not probe.has_sets):
                refused(sheet, probe, (("verb", other), ("resumptionToken", token)), BAD_TOKEN)


def _altered(token: str) -> list[str]:
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"
    found = [token[:middle] + other + token[middle + 1 :], token + "x", token[:-1]]
    if digits := re.search(r"\d", token):
        found.append(token[: digits.start()] + str(9 - int(digits[0])) + token[digits.end() :])
    return [text for text in dict.fromkeys(found) if text and text != token]


def f9(sheet: Sheet, probe: Probe) -> None:
    follow_to_the_end(probe)
    resumed = [page for walk in probe.walks for page in walk.pages[1:]]
    if not resumed:
        raise SkippedError("no list goes over several pages")
    for page in resumed:
        sheet.judge(
            "noRecordsMatch" not in page.codes, "noRecordsMatch for a token that was just issued", page.told
        )


_ONE_PAGE = "no list goes over several pages"

ROWS = (
    Row(
        id="F1",
        rule="a list is complete, has each record once, and its tokens advance",
        todo="page by a key that orders all records, such as (datestamp, identifier), and go on after the last one",
        ask=f1,
        late=True,
    ),
    Row(
        id="F2",
        rule="one resumptionToken; an empty one on the last page of a list that was resumed",
        todo="close the last page with an empty <resumptionToken/>",
        look=f2_one,
        ask=f2,
        late=True,
        otherwise=f"{_ONE_PAGE}, or none that is short enough was found (--set)",
    ),
    Row(
        id="F3",
        rule="cursor and completeListSize are right where they are given",
        todo="cursor: records before this page, 0 on the first; completeListSize: those of the whole list",
        ask=f3,
        late=True,
        otherwise="neither is given",
    ),
    Row(
        id="F4",
        rule="expirationDate is UTC and ahead, by 23 hours or more",
        todo="let tokens live a day at least; stateless ones may live for ever and need no date",
        look=f4,
        otherwise="no expirationDate is given",
    ),
    Row(
        id="F5",
        rule="no page is empty, no record is split",
        todo="end the list on the page before; write header and metadata of a record together",
        look=f5,
        otherwise="no list was seen",
    ),
    Row(
        id="F6",
        rule="the token issued last gives the same page again",
        todo="let a token say where to go on, and keep no place on the server that using it moves",
        ask=f6,
        otherwise=_ONE_PAGE,
    ),
    Row(
        id="F7",
        rule="an altered token, or one of another verb: badResumptionToken",
        todo="sign tokens, and put the verb in what is signed",
        ask=f7,
        otherwise=_ONE_PAGE,
    ),
    F8,
    Row(
        id="F9",
        rule="noRecordsMatch never answers a token",
        todo="issue a token only where a further record exists",
        ask=f9,
        late=True,
        otherwise=_ONE_PAGE,
    ),
)
