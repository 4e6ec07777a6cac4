"""Invented records that pages find hard: words without end, many of everything, six scripts, or nothing at all."""

from collections.abc import Iterator

from repository.formats import oai_prefixes
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.work import File, Organisation, Person, Text, Work

SERIES = "RePEc:hrd:wpaper"
LONG = f"{SERIES}:long"
MANY = f"{SERIES}:many"
BARE = f"{SERIES}:bare"
GONE = f"{SERIES}:gone"
MOVED = f"{SERIES}:moved"
CHANGED = f"{SERIES}:changed"
_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def hard() -> Iterator[Draft]:
    """The drafts to keep."""
    for made in (
        Work(SERIES, "series", Text("Working Papers That Pages Find Hard"), part_of=("RePEc:hrd",)),
        _long(),
        _many(),
        Work(BARE, "paper"),
        Work(GONE, "paper", Text("What is to be deleted"), part_of=(SERIES,)),
        Work(MOVED, "paper", Text("What is to move"), part_of=(SERIES,), creators=(Person("Ada Garden"),)),
        _changed("On lights", "Lights are seen. We count them from a pier."),
        # Every title of this series is longer than a page shows elsewhere, and enough of them for a second page.
        *(
            Work(
                f"{SERIES}:n{n:03}",
                "paper",
                Text(
                    f"A paper of many, number {n}, on what a list looks like when each title takes two lines"
                ),
                creators=(Person("Ada Garden"), Person(f"Number {n} Keeper")),
                issued=f"{1990 + n % 30}-0{1 + n % 9}",
                part_of=(SERIES,),
                host="Working Papers That Pages Find Hard",
                cites=(MANY,),
                jel=("R41",),
            )
            for n in range(130)
        ),
    ):
        yield _draft(made)


def changed() -> Draft:
    """What one of them says later."""
    return _draft(
        _changed("On lights and gardens", "Lights are seen. We count them from a ferry, twice.", "Ada Garden")
    )


def _draft(made: Work) -> Draft:
    return Draft(made.identifier, write_work(made), sets_of(made), oai_prefixes(made))


def _changed(title: str, abstract: str, *others: str) -> Work:
    return Work(
        CHANGED,
        "paper",
        Text(title, "en"),
        creators=tuple(Person(name) for name in ("Omar Quay", *others)),
        abstracts=(Text(abstract, "en"),),
        keywords=tuple(Text(word) for word in ("lights", *others)),
        issued="2021",
        part_of=(SERIES,),
    )


def _long() -> Work:
    return Work(
        LONG,
        "paper",
        Text(f"On {_WORD} and https://example.org/{'a' * 120}", "de"),
        creators=tuple(Person(f"{_WORD} {_WORD[:n]}") for n in (30, 60)),
        abstracts=(Text(" ".join(["word"] * 900), "en"), Text(_WORD * 4, "de")),
        keywords=(Text(_WORD), Text("x" * 200)),
        files=(
            File(f"https://example.org/{'b' * 300}.pdf", "application/pdf", _WORD, Text(_WORD * 2), "1200"),
        ),
        part_of=(SERIES,),
        host="Working Papers That Pages Find Hard",
        issued="2024-02-29",
        dois=(f"10.5555/{'c' * 150}",),
        references=(f"{_WORD * 3} (1999). See https://example.org/{'d' * 200}",),
        source_fields=(f"X-Odd: {'e' * 300}",),
    )


def _many() -> Work:
    names = ("Ada Garden", "عمر المنارة", "山田 灯台", "Мария Маякова", "Ελένη Λαμπαδάρη", "דנה מגדלור")
    return Work(
        MANY,
        "paper",
        Text("اقتصاد الحدائق والمنارات", "ar"),
        creators=tuple(
            Person(
                f"{name} {n}" if n else name, workplaces=(Organisation("Harbour Institute, Quay of Ferries"),)
            )
            for n in range(8)
            for name in names
        ),
        abstracts=(Text("ملخص عن الحدائق والمنارات.", "ar"), Text("On gardens and lighthouses.", "en")),
        keywords=tuple(Text(f"keyword {n}") for n in range(60)),
        jel=("R41", "Q57", "D62", "L92", "H41", "N73"),
        part_of=(SERIES,),
        host="Working Papers That Pages Find Hard",
        issued="2025",
        languages=("ar", "en"),
        references=tuple(
            f"Keeper ({1900 + n}). On being waved at, part {n}. Quay Press." for n in range(120)
        ),
    )
