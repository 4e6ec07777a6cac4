"""Names and types of works in the words of reference managers' formats."""

from repository.model.vocabulary import work_types
from repository.model.work import Person
from repository.readers.redif_names import given_and_family


def person(name: str, given: str = "", family: str = "") -> Person:
    """A signature: told apart where the source does so."""
    if given and family:
        return Person(f"{given} {family}", given, family)
    return Person(name or family or given)


def inverted_person(name: str) -> Person:
    """`Last, First`, or a name as it stands; a suffix behind a second comma goes to the family name."""
    family, comma, rest = name.partition(",")
    given, second, suffix = rest.partition(",")
    if second and comma and suffix.strip() and given.strip() and "," not in suffix:
        return person("", given.strip(), f"{family.strip()} {suffix.strip()}")
    given_name, family_name = given_and_family(name)
    return person(name, given_name, family_name)


def kinds(column: str) -> dict[str, str]:
    """{a format's word in lower case: our type}, of its column of types.csv and the one of what else is read so."""
    found: dict[str, str] = {}
    rows = [row for row in work_types().values() if row.item]
    for row in rows:
        word = getattr(row, column, "")
        for name in word.split():
            found.setdefault(name.lower(), row.type)
    for row in rows:
        for name in getattr(row, column + "_also", "").split():
            found.setdefault(name.lower(), row.type)
    return found
