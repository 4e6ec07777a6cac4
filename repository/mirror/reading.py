"""What a file of an archive holds: the items that its ReDIF is read as, and why one of them is refused."""

from collections.abc import Callable

from repository.model.errors import SourceError
from repository.model.site import Site
from repository.readers import reader_for
from repository.readers.reader import Finding, Item, Source


def items_of(
    path: str, data: bytes, site: Site, strict: bool, note: Callable[[str, Finding], None]
) -> tuple[list[Item], int]:
    """The items of a file, and how many templates beside them an export made up. These are no records, but a file of
    nothing else is whole: what it held before is gone. `note` hears the path and all else that was found. Raises
    SourceError for what is no ReDIF."""
    reader = reader_for(path, data)
    if reader is None or reader.name != "redif":
        raise SourceError("it is no ReDIF")
    items, derived = list[Item](), 0
    for found in reader.read(Source(path, data, site, strict)):
        if isinstance(found, Item):
            items.append(found)
        else:
            derived += found.code == "derived-template"
            note(path, found)
    return items, derived


def why_refused(item: Item) -> Finding | None:
    """Why the reader refuses a template; None where it keeps it."""
    if item.identifier and item.content is not None:
        return None
    errors = (finding for finding in item.findings if finding.severity == "error")
    return next(errors, Finding("error", "refused", item.line, "it cannot be kept", "record refused"))
