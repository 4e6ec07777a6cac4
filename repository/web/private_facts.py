"""What becomes of private facts (e-mail addresses, telephone numbers) when a record is written anew over HTTP.

No public form shows them, so whoever sends back what he read must not take them away unknowingly; and nobody's address
may stay with a record that is no longer theirs.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from repository.log import Reading
from repository.model.lens import read_work
from repository.model.records import Draft
from repository.model.work import Work
from repository.readers.reader import Finding, Reader
from repository.readers.redif import REDIF

Private = Mapping[str, tuple[str, ...]]

# Facts of these are of nobody who signs.
_OTHERS = ("provider", "publisher", "maintainer")


class Facts(NamedTuple):
    """What is to be kept, and what its writer should know of it."""

    private: Private
    findings: tuple[Finding, ...] = ()


class Made(NamedTuple):
    """A draft, and what it was made of; neither for a deletion."""

    draft: Draft
    work: Work | None = None
    reader: Reader | None = None

    def settled(self, reading: Reading) -> tuple[Draft, tuple[Finding, ...]]:
        """The draft with the private facts that are to be kept, and what its writer should know of them. For the
        transaction that keeps it: what is known before it began, somebody may have changed."""
        known = reading.private(self.draft.identifier) if self.work else {}
        if not known or self.work is None or self.reader is None:
            return self.draft, ()
        before = reading.get(self.draft.identifier)
        old = read_work(before.identifier, before.body) if before and before.body else None
        facts = kept_with(self.reader, self.work, self.draft.private, old, known)
        return replace(self.draft, private=facts.private), facts.findings


def kept_with(reader: Reader, work: Work, told: Private, old: Work | None, known: Private) -> Facts:
    """The private facts of a record.

    `told` are those that were sent; `old` is the work as it was, of which `known` is known. ReDIF can say them all, so
    it replaces them; RDF that says some does too; others add what they say.
    """
    if reader is REDIF or not known:
        return Facts(told)
    gone = sorted(_names(old) - _names(work)) if old else []
    stay = {name: facts for name, facts in known.items() if not gone or name.lower().startswith(_OTHERS)}
    private = dict(told) if told and reader.native else {**stay, **told}
    if len(stay) == len(known):
        return Facts(private)
    text = f"{', '.join(sorted(known.keys() - stay.keys()))}: no longer there are {'; '.join(gone)[:300]}"
    finding = Finding("warning", "private-fact", 0, text, "private facts removed", work.identifier)
    return Facts(private, (finding,))


def _names(work: Work | None) -> set[str]:
    """The last word of the names of those who sign, in lower case: initials and given names come and go."""
    if work is None:
        return set()
    signed = [person.family or person.name for person in (*work.creators, *work.editors)]
    signed += [work.title.value] * (work.type in ("person", "institution"))
    return {name.split()[-1].casefold() for name in signed if name.split()}
