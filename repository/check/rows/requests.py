"""Rows A2 to A13: what a repository does with arguments (OAI-PMH 3.1.1, 3.6)."""

from repository.check.answer import Answer
from repository.check.exchange import Pairs, raw
from repository.check.probe import Probe, Sight
from repository.check.row import Row
from repository.check.rows.asking import (
    BAD_ARGUMENT,
    BAD_TOKEN,
    BAD_VERB,
    NO_FORMAT,
    NO_SETS,
    NO_SUCH,
    NOTHING,
    STRANGER,
    UNKNOWN,
    pairs,
    refused,
    tokens,
)
from repository.check.sheet import Sheet

LISTS = ("ListRecords", "ListIdentifiers", "ListSets")
# Bytes and texts that broke one server or another; those in percents are sent as they stand.
STRANGE = (
    "%00", "%0B", "%EF%BF%BF", "%ED%A0%80", "%FF%FE", "%3Cscript%3E%22%27%26amp;".replace(";", "%3B"), "%25zz",
    "%E2%80%AE%C3%A9", "..%2F..%2Fetc%2Fpasswd", "%27%20OR%20%271%27=%271".replace("=", "%3D"), "a" * 3000,
    "AT%26T%3C",
)  # fmt: skip
_NO_TEXT = ("%00", "%0B", "%EF%BF%BF", "%ED%A0%80", "%FF%FE")


def a3(sheet: Sheet, probe: Probe) -> None:
    for text in (
        "",
        "verb=",
        "verb=NoSuchVerb",
        "foo=bar",
        "metadataPrefix=oai_dc",
        "verb=NoSuchVerb&foo=bar",
        "VERB=Identify",
    ):
        refused(sheet, probe, pairs(text), BAD_VERB)


def a4(sheet: Sheet, probe: Probe) -> None:
    refused(sheet, probe, pairs("verb=Identify&verb=Identify"), BAD_VERB)
    refused(sheet, probe, pairs("verb=Identify&verb=ListMetadataFormats"), BAD_VERB)
    refused(
        sheet, probe, (("verb", "ListIdentifiers"), probe.scope[0], ("verb", "ListIdentifiers")), BAD_VERB
    )


def a5(sheet: Sheet, probe: Probe) -> None:
    dc = probe.scope[0]
    one = ("identifier", probe.live[0].identifier if probe.live else STRANGER)
    for verb, *arguments in (
        ("identify",),
        ("IDENTIFY",),
        ("listmetadataformats",),
        ("listsets",),
        ("listIdentifiers", dc),
        ("listrecords", dc),
        ("getrecord", dc, one),
        ("GetMetadata", dc, one),
        ("Identify ",),
    ):
        refused(sheet, probe, (("verb", verb), *arguments), BAD_VERB)


def a6(sheet: Sheet, probe: Probe) -> None:
    dc = f"metadataPrefix={probe.prefix}"
    for text in (
        "verb=Identify&foo=bar", "verb=Identify&" + dc, "verb=Identify&identifier=x", "verb=Identify&foo=",
        "verb=ListMetadataFormats&foo=bar", "verb=ListMetadataFormats&" + dc,
        "verb=ListSets&foo=bar", "verb=ListSets&" + dc, "verb=ListSets&from=2001-01-01",
        f"verb=ListIdentifiers&{dc}&foo=bar", f"verb=ListIdentifiers&{dc}&identifier=x",
        f"verb=ListRecords&{dc}&foo=bar", f"verb=ListRecords&{dc}&identifier=x",
        f"verb=ListIdentifiers&{dc}&From=2001-01-01",
    ):  # fmt: skip
        also = NO_SETS if "ListSets" in text and not probe.has_sets else frozenset()
        refused(sheet, probe, pairs(text), BAD_ARGUMENT, also)
    if probe.live:
        one = (("verb", "GetRecord"), ("identifier", probe.live[0].identifier), probe.scope[0])
        refused(sheet, probe, (*one, ("foo", "bar")), BAD_ARGUMENT)
        refused(sheet, probe, (*one, ("from", "2001-01-01")), BAD_ARGUMENT)
        refused(sheet, probe, (("verb", "ListMetadataFormats"), one[1], ("foo", "bar")), BAD_ARGUMENT)


def a7(sheet: Sheet, probe: Probe) -> None:
    dc = f"metadataPrefix={probe.prefix}"
    day = "2001-01-01"
    for text in (
        f"verb=ListRecords&{dc}&{dc}",
        f"verb=ListIdentifiers&{dc}&{dc}",
        f"verb=ListIdentifiers&{dc}&metadataPrefix={NO_SUCH}",
        *(f"verb={verb}&{dc}&{name}={day}&{name}={day}" for verb in LISTS[:2] for name in ("from", "until")),
    ):
        refused(sheet, probe, pairs(text), BAD_ARGUMENT)
    if probe.has_sets:
        one = ("set", probe.sets.items[0])
        for verb in LISTS[:2]:
            refused(sheet, probe, (("verb", verb), probe.scope[0], one, one), BAD_ARGUMENT)
    if probe.live:
        name = ("identifier", probe.live[0].identifier)
        refused(sheet, probe, (("verb", "GetRecord"), name, name, probe.scope[0]), BAD_ARGUMENT)
        refused(sheet, probe, (("verb", "GetRecord"), name, probe.scope[0], probe.scope[0]), BAD_ARGUMENT)
        refused(sheet, probe, (("verb", "ListMetadataFormats"), name, name), BAD_ARGUMENT)
    for verb, token in tokens(probe).items():
        part = ("resumptionToken", token)
        refused(sheet, probe, (("verb", verb), part, part), BAD_ARGUMENT)


def a8(sheet: Sheet, probe: Probe) -> None:
    name = probe.live[0].identifier if probe.live else STRANGER
    for request in (
        pairs("verb=ListRecords"),
        pairs("verb=ListIdentifiers"),
        pairs("verb=ListIdentifiers&from=2001-01-01"),
        pairs("verb=ListRecords&until=2001-01-01"),
        pairs("verb=GetRecord"),
        (("verb", "GetRecord"), ("identifier", name)),
        (("verb", "GetRecord"), probe.scope[0]),
    ):
        refused(sheet, probe, request, BAD_ARGUMENT)


def a9(sheet: Sheet, probe: Probe) -> None:
    """With a token that is good, nothing but the other argument can be wrong; without one either may be told."""
    known = tokens(probe)
    for verb in LISTS:
        token = ("resumptionToken", known.get(verb, NO_SUCH))
        also = frozenset() if verb in known else BAD_TOKEN
        if verb == "ListSets":
            others = [("foo", "bar")]
            also = also if probe.has_sets else BAD_TOKEN | NO_SETS
        else:
            others = [probe.scope[0], ("from", "2001-01-01"), ("until", "2999-01-01")]
            others += [("set", probe.sets.items[0])] if probe.has_sets else []
        for other in others:
            refused(sheet, probe, (("verb", verb), token, other), BAD_ARGUMENT, also)


def a10(sheet: Sheet, probe: Probe) -> None:
    for verb in LISTS:
        strange = STRANGE if verb == "ListRecords" else STRANGE[::3]
        for text in (NO_SUCH, "0", "-1", "99999999", "cursor%3D5", *strange):
            # No token can hold these bytes, so it may also be told that the argument is none.
            also = BAD_ARGUMENT if text in _NO_TEXT else frozenset()
            if verb == "ListSets" and not probe.has_sets:
                also = also | NO_SETS
            refused(sheet, probe, (("verb", verb), ("resumptionToken", raw(text))), BAD_TOKEN, also)


def a11(sheet: Sheet, probe: Probe) -> None:
    for text in STRANGE:
        request: Pairs = (("verb", "GetRecord"), ("identifier", raw(text)), probe.scope[0])
        _strange(sheet, refused(sheet, probe, request, UNKNOWN, BAD_ARGUMENT))
    for text in (STRANGE[0], STRANGE[5], "oai:"):
        request = (("verb", "ListMetadataFormats"), ("identifier", raw(text)))
        _strange(sheet, refused(sheet, probe, request, UNKNOWN, BAD_ARGUMENT))


def _strange(sheet: Sheet, answer: Answer) -> None:
    if answer.fault and answer.exchange.answered:
        sheet.wrong(f"no well-formed XML: {answer.fault}", answer.exchange.told())


def a12(sheet: Sheet, probe: Probe) -> None:
    """Asks with such bytes in every argument; `illegal` judges the answers, and all others."""
    for name in ("verb", "foo", "metadataPrefix", "from", "set", "identifier"):
        for text in ("%00", "%EF%BF%BF", "%1B"):
            rest = (("verb", "ListIdentifiers"),) if name != "verb" else ()
            dc = (probe.scope[0],) if name not in ("metadataPrefix", "verb") else ()
            probe.ask(*rest, *dc, (name, raw(text)))


def a13(sheet: Sheet, probe: Probe) -> None:
    dc = probe.scope[0]
    for request, also in (
        ((("verb", "ListRecords"), ("metadataPrefix", "")), NO_FORMAT),
        ((("verb", "ListIdentifiers"), dc, ("from", "")), frozenset()),
        ((("verb", "ListIdentifiers"), dc, ("until", "")), frozenset()),
        ((("verb", "ListIdentifiers"), dc, ("set", "")), NOTHING | NO_SETS),
        ((("verb", "ListIdentifiers"), ("resumptionToken", "")), BAD_TOKEN),
        ((("verb", "GetRecord"), ("identifier", ""), dc), UNKNOWN),
        ((("verb", "ListMetadataFormats"), ("identifier", "")), UNKNOWN),
    ):
        answer = probe.ask(*request)
        if set(answer.codes) & (BAD_ARGUMENT | also):
            sheet.ok()
        else:
            sheet.warn(f"{answer.told()}, where badArgument is due", answer.exchange.told())


def illegal(sheet: Sheet, sight: Sight) -> None:
    if sight.answer.exchange.body:
        sheet.judge(
            not sight.answer.illegal, f"{sight.answer.illegal} is no character of XML 1.0", sight.where
        )


ROWS = (
    Row(id="A3", rule="no, empty or unknown verb: badVerb", todo="answer badVerb with HTTP 200", ask=a3),
    Row(
        id="A4",
        rule="repeated verb: badVerb",
        todo="count the verb arguments before any is used, and answer badVerb where there are two",
        ask=a4,
    ),
    Row(
        id="A5",
        rule="verbs are case-sensitive, and there are six",
        todo="compare verbs exactly; anything but the six is badVerb",
        ask=a5,
    ),
    Row(
        id="A6",
        rule="argument unknown, or of another verb: badArgument",
        todo="keep a list of arguments for each verb and refuse all others",
        ask=a6,
    ),
    Row(
        id="A7",
        rule="repeated argument: badArgument",
        todo="read arguments as a list, so that a repetition is seen",
        ask=a7,
    ),
    Row(id="A8", rule="required argument missing: badArgument", todo="answer badArgument, naming it", ask=a8),
    Row(
        id="A9",
        rule="resumptionToken is exclusive: badArgument beside any other argument",
        todo="refuse a token that comes with another argument than the verb",
        ask=a9,
    ),
    Row(
        id="A10",
        rule="invalid token: badResumptionToken, in all three lists, whatever its bytes",
        todo="check a token before anything in it is used; nothing in it may raise an error of the server",
        ask=a10,
    ),
    Row(
        id="A11",
        rule="strange identifiers: idDoesNotExist or badArgument, well-formed and escaped",
        todo="escape what is echoed, and treat an identifier as text, never as path or query",
        ask=a11,
    ),
    Row(
        id="A12",
        rule="characters that XML 1.0 cannot hold never reach an answer",
        todo="drop or replace them where records come in and where answers go out, echoes and set names included",
        ask=a12,
        look=illegal,
    ),
    Row(
        id="A13",
        rule="an empty value is illegal syntax: badArgument",
        todo="treat an empty argument as a wrong one, not as one that is absent",
        ask=a13,
        guideline=True,
    ),
)
