"""A handful of records from a seed, made so that they share what queries join on. No query enters here.

Works come through `Work`, as all do; to each a few statements of no profile are added, for the kinds of value that
works do not have: numbers, truth values, moments.
"""

from dataclasses import replace
from random import Random

from repository.formats import oai_prefixes
from repository.model import bodies, ntriples
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.site import internal_thing
from repository.model.terms import XSD
from repository.model.work import Organisation, Person, Text
from tests.kit import removal, work

NAMES = 9
NS = "http://example.org/ns#"

_TEXTS = (
    "The demand for health",
    "the demand for Health",
    "Health",
    'He said "yes" & <b>left</b>',
    "a\nb",
    "back\\slash $1",
    "Эконо́мика здоровья",
    "经济学",
    "emoji 👩🏽‍🔬",
    "007",
    " leading and trailing ",
    "'''",
)
_LANGUAGES = ("", "", "en", "en", "en-gb", "de", "ru")
_DATES = ("2019", "2020", "2020-02", "2020-02-03", "2021", "2021-11-30")
_PEOPLE = ("Ada Garden", "Борис Годунов", "Ada Garden", 'O\'Hara, "Scarlett"')
_JEL = ("I11", "I18", "A1")
_SERIES = ("RePEc:xxx:joujou", "RePEc:xxx:series")
_NUMBERS = (
    *(("7", "integer"), ("007", "integer"), ("12", "integer"), ("-3", "integer"), ("0", "integer")),
    *(("1.50", "decimal"), ("7.0", "decimal"), ("0.25", "decimal"), ("1.5", "double"), ("7", "double")),
    *(("7", "int"), ("12", "nonNegativeInteger")),
)
_FLAGS = ("true", "false")
_MOMENTS = ("2020-02-03T04:05:06Z", "2020-02-03T06:05:06+02:00", "2021-01-01T00:00:00Z")


def records(seed: int) -> list[Draft]:
    """What happens to the records in one round: most are kept anew, some removed."""
    chance = Random(f"records {seed}")
    return [removal(f"r{n}") if chance.random() < 0.25 else _record(f"r{n}", chance) for n in range(NAMES)]


def _record(name: str, chance: Random) -> Draft:
    def some(values: tuple[str, ...], most: int) -> tuple[str, ...]:
        return tuple(chance.sample(values, chance.randint(0, min(most, len(values)))))

    others = tuple(f"RePEc:xxx:joujou:r{n}" for n in range(NAMES))
    made = work(
        name,
        type=chance.choice(("article", "article", "paper", "book")),
        alternatives=tuple(sorted({_text(chance) for _ in range(chance.randint(0, 2))})),
        creators=tuple(_person(chance) for _ in range(chance.randint(0, 3))),
        issued=chance.choice(_DATES),
        created=chance.choice(("", *_DATES)),
        jel=tuple(sorted(some(_JEL, 2))),
        part_of=(chance.choice(_SERIES),),
        host=chance.choice(("", "Journal of Tests")),
        publishers=some(("Elsevier", "Springer"), 1),
        keywords=tuple(sorted({_text(chance) for _ in range(chance.randint(0, 2))})),
        cites=tuple(sorted(some(others, 3))),
        version_of=some(others, 1),
        volume=chance.choice(("", "7", "007", "12")),
        languages=some(("en", "de"), 1),
    )
    made = replace(made, title=_text(chance))
    lines = write_work(made).decode().removesuffix("\n").split("\n")
    body = bodies.join([*lines, *_extras(made.identifier, chance)])
    return Draft(made.identifier, body, sets=sets_of(made), formats=oai_prefixes(made))


def _text(chance: Random) -> Text:
    return Text(chance.choice(_TEXTS), chance.choice(_LANGUAGES))


def _person(chance: Random) -> Person:
    return Person(
        chance.choice(_PEOPLE),
        identifier=chance.choice(("", "pka1", "pbo2")),
        workplaces=tuple(Organisation(chance.choice(("Uni", "Örebro"))) for _ in range(chance.randint(0, 1))),
    )


def _extras(identifier: str, chance: Random) -> list[str]:
    said = [
        *(("rank", chance.choice(_NUMBERS)) for _ in range(chance.randint(0, 2))),
        *(("flag", (chance.choice(_FLAGS), "boolean")) for _ in range(chance.randint(0, 1))),
        *(("seen", (chance.choice(_MOMENTS), "dateTime")) for _ in range(chance.randint(0, 1))),
    ]
    return [
        f"<{internal_thing(identifier)}> <{NS}{name}> {ntriples.literal(value, datatype=XSD + kind)} ."
        for name, (value, kind) in said
    ]
