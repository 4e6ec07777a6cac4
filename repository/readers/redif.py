"""The ReDIF reader: templates of `.rdf` and `.redif` files as Works, each with what is to be said of it.

Keeping, dating and counting records never enter this room. How ReDIF is written, which fields it has, what values
mean and what becomes of them stand in `redif_text`, `redif_fields`, `redif_values` and `redif_work`; the codes of
the findings, in `redif_findings`.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping

from repository.model.identifiers import fault, is_identifier
from repository.model.lens import write_work
from repository.model.work import Work
from repository.readers.reader import Finding, Item, Reader, Source
from repository.readers.redif_doubts import doubts, merged, misfiled, undated
from repository.readers.redif_encoding import Decoded, decode, unjoined, unmarked
from repository.readers.redif_exact import DERIVED, STAND_IN, UNFILLED
from repository.readers.redif_fields import EVERY_NAME, REQUIRED, TYPES, WORKS, is_local, nearest_type
from repository.readers.redif_findings import KEPT, Note, checks, findings, refuses, shown
from repository.readers.redif_foreign import refuse_foreign
from repository.readers.redif_gather import Gathered, gather
from repository.readers.redif_pieces import pieces
from repository.readers.redif_text import Field, Template, outdented, templates
from repository.readers.redif_values import handle, unspaced
from repository.readers.redif_work import work


def read(source: Source) -> Iterator[Item | Finding]:
    """Each template as an Item, whether kept or refused; findings about the file as a whole come first."""
    text, notes = _decoded(source)
    if not source.strict:
        text, joints = unjoined(text, source.line)
        text, indented = outdented(text, source.line)
        notes = [*notes, *joints, *indented]
    if source.line == 1:
        refuse_foreign(text)
    yield from findings(notes, "", source.strict)
    accepts = _nothing if source.strict else _SPACED.__contains__
    empty = True
    for found in templates(text, accepts, source.line):
        if isinstance(found, Note):
            yield from findings((found,), "", source.strict)
        else:
            empty = False
            yield from _items(found, source)
    if empty:
        yield from findings((Note("empty-file", 1, "the file has no template"),), "", source.strict)


def _decoded(source: Source) -> Decoded:
    if source.text is not None:
        return Decoded("\n" + source.text, [])
    found = decode(source.data)
    # Any other encoding, and a mark that lies, is told.
    told = source.data.startswith(BOM_UTF8) or any(note.code == "encoding" for note in found.notes)
    if not told and not found.text.isascii():
        found.notes.extend(unmarked(source.name))
    return found


REDIF = Reader("redif", (".rdf", ".redif"), read, pieces)


# Names that may have a blank before their colon.
_SPACED = EVERY_NAME | {"template-type"}


def _nothing(name: str) -> bool:
    return False


def _items(template: Template, source: Source) -> Iterator[Item | Finding]:
    """The one item of a template, or a finding where it is none."""
    kind = _kind(template)
    gathered = gather(template, kind) if kind else None
    if DERIVED in (gathered.ours if gathered else {entry.name.lower() for entry in template.fields}):
        text = "an export made it up for the works that name it"
        yield from findings((Note("derived-template", template.line, text),), "", source.strict)
    elif gathered:
        yield _item(template, gathered, source)
    else:
        identifier = (
            next((handle(f.value) for f in template.fields if f.name.lower() == "handle"), None) or ""
        )
        yield Item(identifier, template.line, None, findings(template.notes, identifier, source.strict))


def _item(template: Template, gathered: Gathered, source: Source) -> Item:
    kind, strict = gathered.kind, source.strict
    identifier = _identifier(gathered, template.line)
    _require(gathered, template.line)
    gathered.notes.extend(doubts(template, kind))
    said = (undated(template, gathered), misfiled(identifier, source.name, template.line))
    gathered.notes.extend(filter(None, said))
    content = work(gathered, identifier) if identifier else None
    notes = gathered.notes
    # Our own ReDIF may say that there is none, beside a Title for those who need one.
    if content is not None and not content.title.value and kind in WORKS and "title" not in gathered.found:
        notes.append(Note("missing-title", template.line, "Title is missing"))
    if STAND_IN in gathered.ours:
        gathered.private.pop("Maintainer-Email", None)
    private = {name: tuple(found) for name, found in gathered.private.items()}
    if notes:
        local = {entry.line for entry in template.fields if is_local(entry.name.lower())}
        notes = [note for note in gathered.settled() if note.line not in local or not checks(note.code)]
        refused = refuses(notes, strict)
        told = findings(notes, identifier, strict)
        return Item(identifier, template.line, None if refused else _made(content, gathered), told, private)
    return Item(identifier, template.line, _made(content, gathered), (), private)


def _made(content: Work | None, gathered: Gathered) -> Work | bytes | None:
    """As a body where the template says that the work takes nothing over from its series."""
    if content is not None and not UNFILLED.isdisjoint(gathered.ours):
        return write_work(content)
    return content


# Another dash or none between its parts is no other type.
_JOINT = r"[\s_\-‐-―−]*+"
_TYPE = re.compile(
    rf"(redif{_JOINT}({'|'.join(TYPES)})(?:{_JOINT}(?=\d|$)|\s*+(?![\w\-])|\s++))(.*)", re.I | re.S
)
_PARTED = re.compile(r"redif-[a-z]+\s*", re.I)


def _kind(template: Template) -> str | None:
    """The template's type by its name alone; what follows the name matters only for a finding."""
    if template.type[:6] == "ReDIF-" and template.type[-4:] == " 1.0":
        kind = template.type[6:-4].lower()
        if kind in REQUIRED and template.type[6:-4] == kind.capitalize():
            return kind
    match = _TYPE.match(template.type)
    if match:
        kind = match[2].lower()
        if match[3] != "1.0" or not _PARTED.fullmatch(match[1]) or match[1][-1].isalpha():
            text = f"Template-Type {shown(template.type)}: write ReDIF-{kind.capitalize()} 1.0"
            template.notes.append(Note("template-type", template.line, text))
            _keep_behind_type(template, match[3])
        return kind
    near = nearest_type(template.type.split(" ")[0])
    hint = f"; did you mean {near}?" if near else ""
    text = f"Template-Type {shown(template.type)} is none of ReDIF's{hint}"
    template.notes.append(Note("unknown-template-type", template.line, text))
    return None


# A version, and marks or tags that programs leave beside it.
_VERSION = re.compile(r"(?:v(?:ersion)?(?=[\s.\d]))?(?:[^\w<&]|\d|<[^<>]*>|&(?:nbsp;)?)*", re.I)


def _keep_behind_type(template: Template, text: str) -> None:
    """What goes on behind the version is a field that ran into it, or a text of no field: kept all the same."""
    if _VERSION.fullmatch(text):
        return
    rest = text.removeprefix("1.0").strip(" \n.,;")
    template.fields.insert(0, Field("X-Template-Type", rest, template.line))
    why = f"Template-Type goes on with {shown(rest)}; is a line end missing before it?"
    template.notes.append(Note("merged-fields", template.line, why, KEPT, "Template-Type", shown(rest)))


# (what a usable handle looks like, what the documentation asks for, in words), on the normalised handle.
_DOCUMENT = (
    r"RePEc:[^:]+:[^:]+:.+",
    r"RePEc:[a-z0-9]{3}:[a-z0-9]{6}:[^;#$\[\]|^>]+",
    "RePEc:aaa:ssssss:item",
)
_ORGANISED = (r"RePEc:[^:]+:[^:]+", r"RePEc:[a-z0-9]{3}:[a-z0-9]{7}", "RePEc:aaa: and seven characters")
_SHAPES: Mapping[str, tuple[str, str, str]] = {
    **dict.fromkeys(WORKS, _DOCUMENT),
    "archive": (r"RePEc:[^:]+", r"RePEc:[a-z0-9]{3}", "RePEc:aaa"),
    "series": (r"RePEc:[^:]+:[^:]+", r"RePEc:[a-z0-9]{3}:[a-z0-9]{6}", "RePEc:aaa:ssssss"),
    "mirror": (r"RePEc:[^:]+", r"RePEc:[a-z0-9]{3}", "RePEc:aaa"),
    "person": (r"RePEc:[^:]+:.+", r"RePEc:per:\d{4}-\d{2}-\d{2}:.+", "RePEc:per:yyyy-mm-dd:NAME"),
    "institution": _ORGANISED,
}
_COMPILED = {kind: (re.compile(a), re.compile(b), words) for kind, (a, b, words) in _SHAPES.items()}
_MAX_HANDLE = 120


def _identifier(gathered: Gathered, line: int) -> str:
    """The record's identifier; empty, with a finding that refuses the record, where there is none."""
    entries = gathered.found.pop("handle", None)
    derived = not entries and gathered.kind == "mirror"
    if derived:
        # A Mirror is named by Archive-Handle alone, which is the identifier of the archive's own record.
        entries = gathered.found.get("archive-handle")
    if not entries:
        gathered.notes.append(Note("missing-handle", line, "Handle is missing"))
        return ""
    entries[0] = gathered.bare(entries[0])
    identifier = handle(entries[0].value)
    usable, documented, words = _COMPILED[gathered.kind]
    if identifier is None or not usable.fullmatch(identifier):
        why = _fault(entries[0].value)
        gathered.note("invalid-handle", entries[0], why or f"the Handle of this type is {words}")
        return ""
    if not documented.fullmatch(identifier) or len(identifier) > _MAX_HANDLE:
        gathered.note("odd-handle", entries[0], _oddity(identifier, words))
    spelled = entries[0].value
    if spelled != identifier and (gathered.kind != "person" or not spelled.startswith("RePEc:")):
        gathered.note("spelled-handle", entries[0], f"read as {identifier}")
    if derived:
        gathered.note("derived-handle", entries[0], "a Mirror has no Handle", f"called mirror:{identifier}")
        return f"mirror:{identifier}"
    if len(entries) > 1:
        _second_handles(gathered, entries, identifier)
    return identifier


def _fault(value: str) -> str:
    """Why a handle of the right beginning can name no record: RePEc takes some that no address of ours can hold."""
    if why := merged(value):
        return why
    spelled = unspaced(value)
    if spelled[:6].lower() != "repec:" or is_identifier(spelled):
        return ""
    return f"the Handle {fault(spelled)}"


def _oddity(identifier: str, words: str) -> str:
    if len(identifier) > _MAX_HANDLE:
        return f"RePEc takes no Handle of more than {_MAX_HANDLE} characters"
    odd = sorted(set(identifier).intersection(";$"))
    return (
        f"RePEc takes none with {' or '.join(odd)}" if odd else f"the Handle of this type should be {words}"
    )


def _second_handles(gathered: Gathered, entries: list[Field], identifier: str) -> None:
    """Another title beside another handle: records ran together, and nobody can tell whose the authors are."""
    titles = max(len(gathered.found.get(name, ())) for name in ("title", "name", "name-full"))
    for entry in entries[1:]:
        if handle(entry.value) == identifier:
            gathered.note("repeated-handle", entry, "it says the same again", "dropped")
        elif titles > 1:
            why = (
                f"line {entries[0].line} has a Handle already; is a Template-Type line missing between them?"
            )
            gathered.note("second-handle", entry, why)
        else:
            gathered.note("repeated-handle", entry, f"line {entries[0].line} has a Handle already")
            gathered.keep(entry)


def _require(gathered: Gathered, line: int) -> None:
    for names in REQUIRED[gathered.kind]:
        if not any(_has(gathered, name) for name in names.split("|")):
            text = f"{names.replace('|', ' or ')} is missing"
            gathered.notes.append(Note("missing-field", line, text))


def _has(gathered: Gathered, name: str) -> bool:
    key = name.lower()
    return (
        key in gathered.found
        or name in gathered.private
        or (key.endswith("-name") and key[:-5] in gathered.clusters)
    )
