"""Generated ReDIF, shaped and sized like what RePEc's archives hold; the same numbers always give the same bytes.

Template n is the same whatever N is, so a run on a tenth of N reads the first tenth of the same records.
"""

import random
from itertools import accumulate
from pathlib import Path

from tests.bench import words

PER_FILE = 1000
_FILES_IN_SERIES = 10
_FILES_IN_ARCHIVE = 50
# Words of a text are as uneven as in a language: few are frequent, most are rare (Zipf), and some stand mostly beside
# another. So texts compress as real ones do, and a word of a title is in as many records as one of a real title is.
_VOCABULARY = 20_000
_TOGETHER = 0.8
_RARE = words.rare(_VOCABULARY + 700)


def _units() -> tuple[list[str], list[float]]:
    """What texts are put together of: words, and pairs of neighbours; with how often each is met, summed up."""
    found = (*words.FUNCTION, *words.CONTENT, *_RARE)[:_VOCABULARY]
    often = [1 / (n + 1.5) for n in range(len(found))]
    first = len(words.FUNCTION)
    units = list(zip(found[:first], often, strict=False))
    for n in range(first, len(found)):
        units.append((found[n], often[n] * (1 - _TOGETHER)))
    for n in range(first, len(found) - 1, 2):
        units.append((f"{found[n]} {found[n + 1]}", often[n] * _TOGETHER))
    return [unit for unit, _ in units], list(accumulate(weight for _, weight in units))


_UNITS, _WEIGHTS = _units()
_CONTENT = _UNITS[len(words.FUNCTION) :]
_CONTENT_WEIGHTS = [each - _WEIGHTS[len(words.FUNCTION) - 1] for each in _WEIGHTS[len(words.FUNCTION) :]]
_LINE = 12
_PEOPLE = 50_000
# Those that are invented are in no text.
_FAMILIES = (
    *words.FAMILY,
    *(each.capitalize() for each in _RARE[_VOCABULARY - len(words.FUNCTION) - len(words.CONTENT) :]),
)


def handle(n: int) -> str:
    """The handle of template n, normalised."""
    place, year = _series(n // PER_FILE), 1990 + n % 35
    if _is_article(n):
        return f"{place}:v:{1 + n % 60}:y:{year}:i:{1 + n % 4}:p:{n}-{n + 17}"
    return f"{place}:{year}-{n}"


def template(n: int, edition: int = 0) -> str:
    """ReDIF of record n; another edition has another title and the same handle."""
    chance = random.Random(n)
    # About 85 characters on average, with 2.4 authors and an abstract of 900.
    title = _text(chance, chance.randint(60, 110)) + (f" (edition {edition})" if edition else "")
    year, month = 1990 + n % 35, words.MONTHS[n % 12]
    lines = [f"Template-Type: ReDIF-{'Article' if _is_article(n) else 'Paper'} 1.0", f"Title: {title}"]
    for _ in range(chance.choice((1, 2, 2, 2, 3, 3, 4))):
        lines += _author(chance)
    lines.append(f"Abstract: {_abstract(chance)}")
    lines.append(f"Keywords: {'; '.join(_keyword(chance) for _ in range(chance.randint(3, 7)))}")
    lines.append(f"Classification-JEL: {', '.join(_jel(chance) for _ in range(chance.randint(1, 4)))}")
    lines.append("Language: en")
    if _is_article(n):
        name = _journal(n // PER_FILE)
        lines += [f"Journal: {name}", f"Volume: {1 + n % 60}", f"Issue: {1 + n % 4}", f"Month: {month}"]
        lines += [f"Year: {year}", f"Pages: {n}-{n + 17}", f"DOI: 10.5555/bench.{year}.{n}"]
        if n % 7 == 0:
            lines.append(f"X-Reference: {handle(chance.randrange(n + 1))}")
        lines += _file(f"https://example.org/journal/{n}", "text/html", "Abstract page")
    else:
        lines += [f"Number: {year}-{n}", f"Creation-Date: {year}-{1 + n % 12:02}"]
        lines.append(f"Length: {chance.randint(12, 70)} pages")
        if n % 3 == 0:
            lines.append(f"Revision-Date: {year + 1}-{1 + n % 12:02}")
    lines += _file(f"https://example.org/full/{n}.pdf", "application/pdf", "Full text")
    return "\n".join((*lines, f"Handle: {handle(n)}", ""))


def write_file(path: Path, count: int) -> None:
    """`count` templates in one file."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for n in range(count):
            out.write(template(n) + "\n")


def files(count: int) -> int:
    """How many files `count` templates fill."""
    return -(-count // PER_FILE)


def write_archive(folder: Path, count: int, first: int = 0) -> None:
    """`count` templates in Guildford layout: folder/aaa/aaaarch.redif, aaaseri.redif and aaa/ssssss/*.redif.

    One archive has at most 50,000 records, one series at most 10,000, one file at most 1,000. With `first`, only
    from that file on.
    """
    for file in range(first, files(count)):
        place = folder.joinpath(*_series(file).split(":")[1:])
        if not place.is_dir():
            _write_heads(place, file)
        last = min((file + 1) * PER_FILE, count)
        text = "\n".join(template(n) for n in range(file * PER_FILE, last))
        (place / f"{file:05}.redif").write_text(text, "utf-8")


def _write_heads(place: Path, file: int) -> None:
    """The archive's and the series' own templates, in front of the first works of a series."""
    place.mkdir(parents=True)
    archive = _series(file).rsplit(":", 1)[0]
    code = archive[6:]
    about = ["Maintainer-Name: Bea Mark", "Maintainer-Email: bench@example.org"]
    head = ["Template-Type: ReDIF-Archive 1.0", f"Name: Archive {code}", "URL: https://example.org/", *about]
    series = [
        "Template-Type: ReDIF-Series 1.0",
        f"Name: {_journal(file)}",
        "Provider-Name: Bench Press",
        *about,
    ]
    series.append("Type: ReDIF-Article")
    (place.parent / f"{code}arch.redif").write_text("\n".join((*head, f"Handle: {archive}", "")), "utf-8")
    with (place.parent / f"{code}seri.redif").open("a", encoding="utf-8") as out:
        out.write("\n".join((*series, f"Handle: {_series(file)}", "", "")))


def _is_article(n: int) -> bool:
    """Three of five, mixed within each file, so that every page of a list costs the same to render."""
    return n % 5 in (0, 2, 4)


def _series(file: int) -> str:
    return f"RePEc:b{_letters(file // _FILES_IN_ARCHIVE, 2)}:se{_letters(file // _FILES_IN_SERIES, 4)}"


def _letters(number: int, width: int) -> str:
    text = ""
    for _ in range(width):
        number, rest = divmod(number, 26)
        text = chr(ord("a") + rest) + text
    return text


def _journal(file: int) -> str:
    place = words.PLACES[file // _FILES_IN_SERIES % len(words.PLACES)]
    return f"{place} Journal of Economics & Statistics"


def _author(chance: random.Random) -> list[str]:
    person = chance.randrange(_PEOPLE)
    given = words.GIVEN[person % len(words.GIVEN)]
    family = _FAMILIES[person // len(words.GIVEN) % len(_FAMILIES)]
    middle = chr(ord("A") + person % 26)
    lines = [f"Author-Name: {given} {middle}. {family}"]
    lines += [f"Author-Name-First: {given} {middle}.", f"Author-Name-Last: {family}"]
    if person % 3 == 0:
        lines += [f"Author-Email: p{person}@example.org", f"Author-Person: pbe{person}"]
    if person % 4:
        town = words.PLACES[person % len(words.PLACES)]
        lines.append(f"Author-Workplace-Name: Department of Economics, University of {town}")
        if person % 2:
            lines.append(f"Author-Workplace-Institution: RePEc:edi:de{_letters(person % 400, 3)}bx")
    return lines


def _words(chance: random.Random, most: int) -> list[str]:
    return " ".join(chance.choices(_UNITS, cum_weights=_WEIGHTS, k=most)).split(" ")[:most]


def _text(chance: random.Random, length: int) -> str:
    """Whole words, of so many characters at most."""
    return " ".join(_words(chance, length // 5 + 1))[: length + 1].rpartition(" ")[0].capitalize()


def _abstract(chance: random.Random) -> str:
    """900 characters on average, in sentences and on lines as people wrap them."""
    found = _words(chance, max(30, round(chance.gauss(130, 36))))
    for end in range(19, len(found), 20):
        found[end] += "."
    for start in range(0, len(found), 20):
        found[start] = found[start].capitalize()
    lines = (" ".join(found[at : at + _LINE]) for at in range(0, len(found), _LINE))
    return "\n ".join(lines) + "."


def _keyword(chance: random.Random) -> str:
    return " ".join(chance.choices(_CONTENT, cum_weights=_CONTENT_WEIGHTS, k=chance.choice((1, 1, 2))))


def _jel(chance: random.Random) -> str:
    return f"{chance.choice(words.JEL)}{chance.randrange(1, 6)}{chance.randrange(1, 5)}"


def _file(url: str, form: str, function: str) -> list[str]:
    return [f"File-URL: {url}", f"File-Format: {form}", f"File-Function: {function}"]
