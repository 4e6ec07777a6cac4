"""One member of an event stream as a draft: a version of a record, or its deletion.

Where it cannot be kept, an error says why. The log is only read here.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from repository.harvest import names
from repository.harvest.provenance import own_step
from repository.harvest.records import Made, altering, body_of, kept, odd, only, renamed, root_of
from repository.log import HARVESTER, Log
from repository.model.datestamps import parse_since
from repository.model.errors import DateError, IdentifierError, LogError, SheafError, SourceError
from repository.model.identifiers import normalise
from repository.model.records import Draft, Held, Record
from repository.model.site import Site
from repository.model.terms import RDF
from repository.readers.ldes import ACTIVITY, LDES, MAX_NAME, TREE, Member, Paths
from repository.readers.page_records import MAX_RAW, Found
from repository.readers.rdf_records import records as records_of
from repository.readers.reader import Finding

_RECORD = "/record/"
_OURS = (_RECORD, "/id/")


class Place(NamedTuple):
    """What a record of another Sheaf is called: its identifier, and the base URL there."""

    identifier: str
    base: str


@dataclass(frozen=True, slots=True)
class MemberSorter:
    """Makes drafts of members of one stream, which is known by `base_url`."""

    log: Log
    site: Site
    base_url: str
    heed: Callable[[Finding], None]
    clock: Callable[[], float]

    def sort(
        self, members: list[Member], paths: Paths
    ) -> tuple[list[tuple[Member, Draft]], list[Held], list[str]]:
        """Drafts, what is to be held, and a word for each member that needs no draft. Each record is there once."""
        drafts: list[tuple[Member, Draft]] = []
        held: list[Held] = []
        words: list[str] = []
        for member in members:
            try:
                draft = self._draft(member, paths)
            except LogError:
                # No fault of the member, which would not come again: the run stops before its page is noted.
                raise
            except SheafError as error:
                held.append(self._held(member, str(error)))
            except Exception as error:
                # As in ingest: any failure of ours keeps the record and lets the run go on.
                held.append(self._held(member, f"a fault of Sheaf itself: {error!r}; please report it"))
            else:
                if isinstance(draft, str):
                    words.append(draft)
                else:
                    drafts.append((member, draft))
        return drafts, held, words

    def _draft(self, member: Member, paths: Paths) -> Draft | str:
        if member.fault:
            raise SourceError(member.fault)
        if self._is_older(member):
            return "unchanged"
        if member.deleted:
            return self._removal(member)
        if member.invalid:
            return "erased"
        own = self._own(member)
        made = _made(member, paths, self.site, own.identifier if own else "")
        for finding in made.odd:
            self.heed(finding)
        known = (made, self._found(member), self.base_url, RDF, self.site, int(self.clock()))
        return kept(*known)

    def _found(self, member: Member) -> Found:
        return Found(member.of, member.datestamp, member.deleted)

    def _own(self, member: Member) -> Record | None:
        """The record that was kept of this member's versions before."""
        return next((one for one in self._here(member) if one.source == self.base_url), None)

    def _here(self, member: Member) -> list[Record]:
        """What it may be kept as. Somebody else's record of a short name is that of a Sheaf's member alone."""
        possible = _possible(member)
        with self.log.read() as reading:
            found = {record.identifier: record for record in reading.many(possible)}
        theirs = possible if _RECORD in member.of else possible[-1:]
        kept = [found[name] for name in possible if name in found]
        return [one for one in kept if one.source == self.base_url or one.identifier in theirs]

    def _is_older(self, member: Member) -> bool:
        """Whether a later version is here already: a page may come again, and pages may come in any order."""
        own = self._own(member)
        if own is None or member.when is None:
            return False
        with self.log.read() as reading:
            way = reading.origins([own.seq]).get(own.seq)
        try:
            return way is not None and parse_since(way[0].datestamp) > int(member.when)
        except DateError:
            return False

    def _removal(self, member: Member) -> Draft | str:
        here = self._here(member)
        if not here:
            return "absent"
        own = self._own(member)
        step = own_step(self._found(member), self.base_url, RDF, int(self.clock()), lambda text: None)
        name = (own or here[0]).identifier
        return Draft(
            name,
            None,
            source=self.base_url,
            agent=HARVESTER,
            reader="ldes",
            successor=_heir(member, name),
            origin=(step,),
        )

    def _held(self, member: Member, reason: str) -> Held:
        possible = _possible(member)
        here = self._here(member)
        own = next((one.identifier for one in here if one.source == self.base_url), "")
        record = own or (possible[-1] if possible else "")
        # What was deleted or erased here by someone else must not come back as held bytes.
        gone = any(one.deleted and one.identifier != own for one in here)
        raw = b"" if gone else member.raw[:MAX_RAW]
        self.heed(Finding("error", "quarantined", 0, f"{member.identifier}: {reason}", "quarantined", record))
        return Held(self.base_url, name_of(member), member.datestamp, reason, raw, record, int(self.clock()))

    def tell_foreign(self, member: Member, draft: Draft) -> None:
        """Say that a record was left alone, and whose it is."""
        here = self.log.get(draft.identifier)
        text = f"{member.of} would be {draft.identifier}, which is kept from {here.source if here else '?'!r}"
        self.heed(Finding("warning", "another-source", 0, text, "left as it is", draft.identifier))


def name_of(member: Member) -> str:
    """What quarantine knows it by: one row for a record, whatever its version."""
    return member.of[:MAX_NAME]


def _sheaf(iri: str) -> Place | None:
    """What `<base>record/X` or `<base>id/X` names, as far as its spelling tells."""
    for part in _OURS:
        before, mark, name = iri.partition(part)
        if mark:
            try:
                return Place(normalise(unquote(name, errors="strict")), before + "/")
            except (IdentifierError, UnicodeDecodeError):
                continue
    return None


def _heir(member: Member, name: str) -> str | None:
    """What the successor is called here, as the record itself is: by the name that another Sheaf gave it, or by its
    whole address, which may look like one of a Sheaf's."""
    own, heir = _sheaf(member.of), _sheaf(member.successor)
    if own and own.identifier == name:
        return heir.identifier if heir else None
    with suppress(IdentifierError):
        return names.derived(member.successor)
    return None


def _possible(member: Member) -> tuple[str, ...]:
    """Every identifier under which its record may have been kept: a deletion tells no more."""
    place = _sheaf(member.of)
    found = [place.identifier] if place else []
    with suppress(IdentifierError):
        found.append(names.derived(member.of))
    return tuple(dict.fromkeys(found))


def _made(member: Member, paths: Paths, site: Site, known: str) -> Made:
    """`known`: what it is called here already."""
    quads = list(_content(member, paths))
    if not quads:
        raise SourceError("its stream says nothing of it but when it was made")
    place = _sheaf(member.of)
    # Many others address their things as /id/X; a Sheaf's version is one of /record/X, which speaks of /id/X.
    ours = place and (_RECORD in member.of or known == place.identifier)
    if place and ours and any(_value(q.subject) == f"{place.base}id/{place.identifier}" for q in quads):
        theirs = Site(place.base, site.namespace)
        item = only(records_of(quads, theirs, False), place.identifier)
        return Made(place.identifier, body_of(item), bool(altering(item)), True, item.private, odd(item))
    found = Found(member.of)
    subjects = {quad.subject for quad in quads}
    root = next(
        (node for node in map(ox.NamedNode, (member.of, member.identifier)) if node in subjects), None
    )
    return renamed(quads, root or root_of(quads, found), names.derived(member.of), site)


def _content(member: Member, paths: Paths) -> list[ox.Quad]:
    """What it says, without what its stream says of it."""
    told = {paths.when, paths.sequence, paths.version_of}
    of = ox.NamedNode(member.of)
    identifier = ox.NamedNode(member.identifier)
    content = []
    for quad in member.quads:
        if quad.subject == identifier:
            kind = quad.predicate.value == RDF + "type" and _value(quad.object).startswith(
                (ACTIVITY, LDES, TREE)
            )
            if quad.predicate.value in told or kind:
                continue
        # A version's own description is one of the record.
        subject = of if quad.subject == identifier else quad.subject
        content.append(ox.Quad(subject, quad.predicate, quad.object))
    return content


def _value(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""
