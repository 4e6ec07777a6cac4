"""One template's fields brought in order: single fields by name, clusters by person, organisation and file.

Values stay as they stand in the source, but no private value goes anywhere except into `private`.
"""

import re
from dataclasses import dataclass, field

from repository.readers.redif_contacts import HOLDS_DIGIT, beside, has_at, without_contacts
from repository.readers.redif_fields import (
    FieldRule,
    alone,
    is_local,
    is_open_ended,
    nearest_field,
    ways,
)
from repository.readers.redif_findings import KEPT, Note, shown
from repository.readers.redif_markup import bare, held, is_hollow
from repository.readers.redif_text import Field, Template
from repository.readers.redif_values import folded

# ReDIF-perl's upper limits in characters; what is not named here has 500.
_LIMITS = {"title": 1000, "name": 400, "abstract": 4200, "keywords": 1500}
_SHORTEST_LIMIT = 400
_OTHER_LIMIT = 500
# Looking for the nearest name is slow; a template with more findings than this is beyond hints.
_HINTS = 50
HIDDEN = "kept among the private facts"


_EMAIL = re.compile(r"(?:mailto:)?<?[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+>?", re.I)


@dataclass(slots=True)
class Cluster:
    """One person, organisation or file. `parts`: part name -> its values; `workplaces`: clusters within."""

    parts: dict[str, list[Field]]
    workplaces: list["Cluster"] = field(default_factory=list)


@dataclass(slots=True)
class Gathered:
    """`found`: lower-case field name -> its values; `clusters`: lower-case prefix -> clusters in order.

    `ours`: which fields of our own ReDIF stand in the template, be it without a value. `opened`: by prefix, the
    cluster that takes the parts that come. `done`: by line, what became of a field that was not simply read.
    """

    kind: str
    notes: list[Note]
    found: dict[str, list[Field]] = field(default_factory=dict)
    clusters: dict[str, list[Cluster]] = field(default_factory=dict)
    private: dict[str, list[str]] = field(default_factory=dict)
    source_fields: list[str] = field(default_factory=list)
    ours: set[str] = field(default_factory=set)
    opened: dict[str, Cluster] = field(default_factory=dict)
    done: dict[int, str] = field(default_factory=dict)

    def note(self, code: str, entry: Field, why: str, done: str = "") -> None:
        """A finding about a field, which quotes its value."""
        value = shown(entry.value)
        self.notes.append(Note(code, entry.line, f"{entry.name} {value}: {why}", done, entry.name, value))

    def keep(self, entry: Field, name: str = "") -> None:
        """Keep a value for which the profile has no property."""
        entry = self.public(entry)
        if not entry.value:
            return
        self.source_fields.append(f"{name or entry.name}: {folded(entry.value)}")
        self.done.setdefault(entry.line, KEPT)

    def public(self, entry: Field) -> Field:
        """Without e-mail addresses in a field whose `@` might have been its own, as it is in addresses and handles."""
        if not has_at(entry.value):
            return entry
        clean, taken = beside(entry.value)
        return self.withheld(entry, clean, taken) if taken else entry

    def withheld(self, entry: Field, clean: str, taken: tuple[str, ...]) -> Field:
        """The field with what is left of its value; what was taken out goes to the private facts."""
        self.private.setdefault(entry.name, []).extend(taken)
        text = f"{entry.name} holds an e-mail address or telephone number"
        self.notes.append(Note("contact", entry.line, text))
        return entry._replace(value=clean)

    def bare(self, entry: Field) -> Field:
        """A handle, date or the like without the tags and no-break blanks of a page that it was cut from."""
        found = bare(entry.value)
        if found == entry.value:
            return entry
        text = f"{entry.name} has HTML tags or entities"
        self.notes.append(Note("markup", entry.line, text, "", entry.name, shown(entry.value)))
        return entry._replace(value=found)

    def settled(self) -> list[Note]:
        """The notes; those of fields of other types say what became of each."""
        return [
            note._replace(done=self.done[note.line])
            if note.code == "misplaced-field" and note.line in self.done
            else note
            for note in self.notes
        ]

    def hide(self, name: str, entry: Field) -> None:
        entry = entry._replace(value=bare(entry.value))
        if name.endswith("-Email") or name == "Email":
            self._check_email(name, entry)
        self.private.setdefault(name, []).append(folded(entry.value))

    def _check_email(self, name: str, entry: Field) -> None:
        parts = entry.value.replace(",", " ").replace(";", " ").split()
        if not all(map(_EMAIL.fullmatch, parts)):
            self.notes.append(Note("invalid-email", entry.line, f"{name} is no e-mail address", field=name))

    def close(self, prefix: str) -> None:
        """Whatever follows belongs to no cluster of this prefix until a new one is opened."""
        self.opened.pop(prefix, None)
        self.opened.pop(f"{prefix}-workplace", None)

    def begin(self, rule: FieldRule, entry: Field) -> bool:
        """Open a cluster; False where it would lie in another that is not open."""
        cluster = Cluster({rule.part: [entry]})
        self.close(rule.cluster)
        if rule.within:
            outer = self.opened.get(rule.within)
            if outer is None:
                return False
            outer.workplaces.append(cluster)
        else:
            self.clusters.setdefault(rule.cluster, []).append(cluster)
        self.opened[rule.cluster] = cluster
        return True


# RePEc wants one of them, and each says something. Of others that have room for one value, `Draft.first` tells.
_EACH_IS_READ = frozenset(
    (
        *("language", "classification-jel", "doi", "in-book"),
        *("last-login-date", "registered-date", "deceased"),
    )
)


def gather(template: Template, kind: str) -> Gathered:
    """Every field of the template in `found`, `clusters`, `private` or `source_fields`, or dropped with a note."""
    known = ways(kind)
    gathered = Gathered(kind, template.notes)
    found, opened = gathered.found, gathered.opened
    for entry in template.fields:
        name, value, _ = entry
        key, rule, private, ours, reached = known[name]
        if ours:
            gathered.ours.add(key)
        if not value or (value[0] in "<&" and rule and not private and is_hollow(value)):
            _empty(gathered, entry)
            if rule is not None and rule.opens:
                gathered.close(rule.cluster)
            continue
        if ours:
            # JSON, which `redif_exact` reads; contacts are taken out of its values there.
            found.setdefault(key, []).append(entry)
            continue
        if rule is None:
            _unknown(gathered, key, private, entry)
            continue
        if not private and (
            "@" in value or ("&" in value and has_at(value)) or (reached and HOLDS_DIGIT.search(value))
        ):
            clean = _withheld(gathered, key, entry)
            if not clean.value:
                if rule.misplaced:
                    _doubt(gathered, rule, entry)
                if rule.opens:
                    # What follows is somebody else's than the one before.
                    gathered.close(rule.cluster)
                continue
            entry = clean
        if rule.misplaced or len(value) > _SHORTEST_LIMIT:
            _doubt(gathered, rule, entry)
        if rule.cluster:
            cluster = None if rule.opens or private else opened.get(rule.cluster)
            if cluster is None:
                _part(gathered, rule, entry)
            elif rule.part in cluster.parts:
                cluster.parts[rule.part].append(entry)
            else:
                cluster.parts[rule.part] = [entry]
        elif private:
            if rule.once and rule.name in gathered.private:
                text = f"{rule.name} has room for one value"
                gathered.notes.append(Note("repeated-field", entry.line, text, HIDDEN, rule.name))
            gathered.hide(rule.name, entry)
        elif rule.key in found:
            if rule.once and rule.key in _EACH_IS_READ:
                why = f"line {found[rule.key][0].line} has one already"
                gathered.note("repeated-field", entry, why, "read all the same")
            found[rule.key].append(entry)
        else:
            found[rule.key] = [entry]
    return gathered


def _empty(gathered: Gathered, entry: Field) -> None:
    """A field without value, or with nothing but tags, of which what they hold is kept."""
    why = "nothing but tags and blanks" if entry.value else "no value"
    words = held(entry.value) if entry.value else []
    done = "what its tags hold kept as a source field" if words else ""
    gathered.notes.append(Note("empty-field", entry.line, f"{entry.name} has {why}", done, entry.name))
    if words:
        gathered.keep(entry._replace(name="X-Markup", value=f"{entry.name}: {' | '.join(words)}"))


def _withheld(gathered: Gathered, key: str, entry: Field) -> Field:
    """The field without e-mail addresses and telephone numbers, which go to the private facts."""
    clean, taken = without_contacts(key, entry.value)
    return gathered.withheld(entry, clean, taken) if taken else entry


def _doubt(gathered: Gathered, rule: FieldRule, entry: Field) -> None:
    if rule.misplaced:
        text = f"{entry.name} is no field of ReDIF-{gathered.kind.capitalize()}"
        gathered.notes.append(Note("misplaced-field", entry.line, text, field=entry.name))
    limit = _LIMITS.get(rule.part or rule.key, _OTHER_LIMIT)
    if len(entry.value) > limit:
        text = f"{entry.name} has {len(entry.value)} characters; ReDIF-perl takes {limit}"
        gathered.notes.append(Note("too-long", entry.line, text, field=entry.name))


# How first and last names were told before ReDIF had fields for them; HAL and others tell them so to this day. A source
# field does not say whose of several authors it is.
_CALLED_BEFORE = {
    name: (prefix, part)
    for prefix in ("author", "editor")
    for part in ("name-first", "name-last")
    for name in (f"{prefix}-x-{part}", f"x-{prefix}-{part}")
}


def _unknown(gathered: Gathered, key: str, private: bool, entry: Field) -> None:
    """A field that the type has not: told by its name, be its value nothing but what nobody may see."""
    clean = entry if private else _withheld(gathered, key, entry)
    prefix, called = _CALLED_BEFORE.get(key, ("", ""))
    cluster = gathered.opened.get(prefix)
    if cluster is not None and called not in cluster.parts and clean.value:
        cluster.parts[called] = [clean]
        return
    if key in ("x-reference", "x-file-ref"):
        if clean.value:
            gathered.found.setdefault(key, []).append(clean)
        return
    if not is_local(key) and not is_open_ended(key):
        near = _nearest(gathered, key, entry)
        if near is not None and near.opens:
            # Auhtor-Name: what follows is not the author's before.
            gathered.close(near.cluster)
        # A misspelt e-mail field is one all the same.
        private = private or (near is not None and near.private and "@" in clean.value)
        begins = clean.value[:6].lower() == "redif-"
        hint = "; did you mean Template-Type?" if begins else f"; did you mean {near.name}?" if near else ""
        text = f"ReDIF-{gathered.kind.capitalize()} has no field {entry.name}{hint}"
        value = "" if private or not clean.value else shown(clean.value)
        gathered.notes.append(
            Note("unknown-field", entry.line, text, "" if value else HIDDEN, entry.name, value)
        )
    if private:
        gathered.hide(entry.name, clean)
    elif clean.value:
        gathered.keep(clean, alone(gathered.kind, entry.name))


def _nearest(gathered: Gathered, key: str, entry: Field) -> FieldRule | None:
    if len(gathered.notes) > _HINTS and "@" not in entry.value:
        return None
    return nearest_field(gathered.kind, key)


def _part(gathered: Gathered, rule: FieldRule, entry: Field) -> None:
    """What opens a cluster, a private part of one, or a part that finds none open: then by itself, with a finding."""
    bare = False
    if rule.opens:
        placed = gathered.begin(rule, entry)
    elif rule.cluster in gathered.opened:
        placed = True
    else:
        # A bare Provider-Institution was once allowed: an organisation known by its handle alone. A Name behind any
        # other may be that of the same organisation, or of the next.
        placed = rule.part == "institution" and gathered.begin(rule, entry)
        bare = placed and rule.cluster != "provider"
    if rule.private:
        gathered.hide(rule.name, entry)
    if placed and not bare:
        return
    if not (rule.private or placed):
        gathered.keep(entry, rule.name)
    # Of what lies in a cluster that is not open, that one is missing.
    outside = rule.within and rule.within not in gathered.opened
    missing = rule.name[: len(rule.within)] if outside else rule.name[: -len(rule.part) - 1]
    text = f"{rule.name} stands before any {missing}-{'URL' if rule.cluster == 'file' else 'Name'}"
    value = "" if rule.private else shown(entry.value)
    done = HIDDEN if rule.private else "read as one that is known by its handle alone" if placed else ""
    gathered.notes.append(Note("cluster-not-started", entry.line, text, done, rule.name, value))
