"""The few phrases of a citation that several formats share.

No markup enters: escaping is the matter of each format.
"""

from repository.model.work import Person, Work


def inverted(person: Person) -> str:
    """`Jones, Lorelei` where the source tells the names apart, else the name as signed."""
    if person.family and person.given:
        return f"{person.family}, {person.given}"
    return person.name or person.family or person.given


def page_range(work: Work) -> str:
    """The pages as given, else from first to last, else the first alone."""
    if work.pages:
        return work.pages
    if work.page_start and work.page_end:
        return f"{work.page_start}-{work.page_end}"
    return work.page_start


def source(work: Work) -> str:
    """Where the work stands: `Social Science & Medicine, 381(C), 1-20`; empty without a host."""
    if not work.host:
        return ""
    issue = f"({work.issue})" if work.issue else ""
    parts = (work.host, f"{work.volume}{issue}" or work.number, page_range(work))
    return ", ".join(part for part in parts if part)
