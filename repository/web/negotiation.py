"""Content negotiation (RFC 9110, section 12): which of the offers does an Accept header ask for?

Pure functions over header texts; no request, response or record ever enters. werkzeug's own matching refuses
`text/turtle; charset=utf-8` (werkzeug#1679) and knows no JSON-LD profiles.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Longer headers ask for nothing that can be made out, so they get the default; reading stays linear anyway.
MAX_HEADER = 8192
_KEPT_HEADER = 600
_XML = ("application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class Offer:
    """A representation on offer: its media type without parameters, what else it answers to, its profiles.

    `behind`: names of offers beside which this one does not stand where a header names them too, if they are wished
    for nearly as much.
    """

    name: str
    media_type: str
    also: tuple[str, ...] = ()
    profiles: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Range:
    """One media range of a header. `odd`: it has parameters that we do not know."""

    type: str
    quality: float
    profiles: frozenset[str]
    odd: bool


def choose(header: str | None, offers: Sequence[Offer]) -> Offer | None:
    """The offer that suits the header best; None where it accepts none of them.

    The first offer is the default: for no header, an empty one, and one in which nothing is a media range.
    An offer's quality is that of the most specific range that names it; equal qualities are settled by that
    specificity (browsers write `text/html, */*`), then by the order of the offers. Among offers of one media type, the
    one whose profile was named goes before them all.
    """
    if header and len(header) > MAX_HEADER:
        header = None
    return (_choose if len(header or "") <= _KEPT_HEADER else _choose.__wrapped__)(header, tuple(offers))


# What is wished for less than this much of another does not stand beside it, but is what is taken at need.
_BESIDE = 0.4


# Clients of a kind send the same header; the longest that any of them is known to send has 400 characters.
@lru_cache(maxsize=1024)
def _choose(header: str | None, offers: tuple[Offer, ...]) -> Offer | None:
    ranges = _ranges(header)
    if not ranges:
        return offers[0]
    named: dict[str, list[_Range]] = {}
    for found in ranges:
        named.setdefault(found.type, []).append(found)
    if _means_xhtml(named):
        for kind in _XML:
            named.pop(kind, None)
    wished = {offer.name: _best(named, (offer.media_type, *offer.also)) for offer in offers}
    best, best_key, best_rank = None, (0.0, 0), 0
    for offer in offers:
        if any(wished.get(other, 0) > _BESIDE * wished[offer.name] for other in offer.behind):
            continue
        key, rank = _suits(offer, named)
        same = best is not None and best.media_type == offer.media_type and key == best_key
        if key[0] > 0 and (key > best_key or (same and rank > best_rank)):
            best, best_key, best_rank = offer, key, rank
    return best


def _means_xhtml(named: dict[str, list[_Range]]) -> bool:
    """Browsers until 2011 name XML with XHTML and put it before HTML; they would show it as a tree."""
    return "text/html" in named and _best(named, _XML) <= _best(named, ("application/xhtml+xml",))


def _best(named: dict[str, list[_Range]], kinds: tuple[str, ...]) -> float:
    """The quality of the best range that names one of these types itself."""
    return max((found.quality for kind in kinds for found in named.get(kind, ())), default=0.0)


def _suits(offer: Offer, named: dict[str, list[_Range]]) -> tuple[tuple[float, int], int]:
    """(quality, specificity) and rank of the parameters of the most specific range that names the offer."""
    main = offer.media_type.split("/", 1)[0] + "/*"
    for specificity, kinds in ((4, (offer.media_type,)), (3, offer.also), (2, (main,)), (1, ("*/*",))):
        found = [each for kind in kinds for each in named.get(kind, ())]
        if found:
            rank, quality = max((_parameter_rank(each, offer), each.quality) for each in found)
            return (quality, specificity), rank
    return (0.0, 0), 0


def _parameter_rank(found: _Range, offer: Offer) -> int:
    """A range with our profile says more than a bare one; one with parameters that we don't know, less.

    JSON-LD 1.1, section 8 (media type): profiles that a server does not know are ignored, not refused.
    """
    if found.profiles & offer.profiles:
        return 2
    return 0 if found.odd or found.profiles else 1


# Possessive quantifiers: a hostile header cannot make these look twice at a character.
_ITEM = re.compile(r'(?:[^,"]++|"(?:[^"\\]++|\\.)*+"?)++')
_PARAMETER = re.compile(r';\s*+([^\s;=]*+)\s*+(?:=\s*+("(?:[^"\\]++|\\.)*+"?|[^;]*+))?')
_RANGE = re.compile(r"\s*+([!#$&^_.+\-a-z0-9]++/(?:\*|[!#$&^_.+\-a-z0-9]++)|\*/\*|\*)\s*+(?=;|$)")


def _ranges(header: str | None) -> list[_Range]:
    if not header:
        return []
    items = (_range(item[0]) for item in _ITEM.finditer(header))
    return [found for found in items if found is not None]


def _range(item: str) -> _Range | None:
    match = _RANGE.match(item.lower())
    if not match:
        return None
    quality, profiles, odd = 1.0, frozenset[str](), False
    for name, value in _PARAMETER.findall(item, match.end()):
        word = name.lower()
        if word == "q":
            quality = _quality(value)
            break  # what follows q are extensions of Accept, not parameters of the type
        if word == "profile":
            profiles |= frozenset(value.strip().strip('"').split())
        elif word and word != "charset":
            odd = True
    # `*` alone is what Java's HttpURLConnection sends.
    kind = "*/*" if match[1] == "*" else match[1]
    return _Range(kind, quality, profiles, odd)


def _quality(text: str) -> float:
    """`q=.2` counts (Java writes it); what is no number counts as 1, what is above it too."""
    try:
        value = float(text.strip().strip('"'))
    except ValueError:
        return 1.0
    return min(max(value, 0.0), 1.0) if value == value else 1.0


def accepts_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header prefers gzip to no coding, or likes both."""
    if not header or len(header) > MAX_HEADER:
        return False
    known: dict[str, float] = {}
    for item in header.lower().split(","):
        coding, _, parameter = item.partition(";")
        name, _, value = parameter.partition("=")
        known[coding.strip()] = _quality(value) if name.strip() == "q" else 1.0
    gzip = max(known.get("gzip", -1.0), known.get("x-gzip", -1.0))
    if gzip < 0:
        gzip = known.get("*", 0.0)
    return gzip > 0 and gzip >= known.get("identity", 0.0)
