"""`Format`: one way out of the house. A constant per file; `repository.formats` lists them all."""

from collections.abc import Callable
from dataclasses import dataclass

from repository.model.records import Record
from repository.model.site import Site
from repository.model.work import Work


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is the OAI metadataPrefix where `namespace` and `schema` are set (they are the OAI formats).

    `extension` makes the URL `/record/<identifier>.<extension>`; empty: no URL of its own.
    `version` goes up when the same record would give other bytes, so that ETags change.
    `applies` says at ingest whether a work can be given in this format.
    `write` turns a live record (its body is there) into the document's bytes; it is pure. An OAI format gives
    one XML element without a declaration, so that it stands inside `<metadata>` as well as alone.
    `schema` is an address, under the internal base where we serve it ourselves (`Site.external` makes it ours).
    `profile` is the URI of the form that documents of this media type have here, for the formats whose media type
    is shared; an XML format has its namespace. `says_profile`: the media type has a parameter for it.
    `listed_as` names the OAI format that applies to exactly the same records: the log counts and lists them once
    for both, and a log that was filled before this format existed offers it at once.
    """

    name: str
    label: str
    media_type: str
    extension: str
    version: int
    applies: Callable[[Work], bool]
    write: Callable[[Record, Site], bytes]
    namespace: str = ""
    schema: str = ""
    listed_as: str = ""
    profile: str = ""
    says_profile: bool = False

    @property
    def content_type(self) -> str:
        return f'{self.media_type};profile="{self.profile}"' if self.says_profile else self.media_type

    @property
    def form(self) -> str:
        """The profile, or the namespace of an OAI format; empty where the media type says it all."""
        return self.profile or ("" if self.media_type == "application/rdf+xml" else self.namespace)

    @property
    def listing(self) -> str:
        """The name under which the log lists the records that can be given in this format."""
        return self.listed_as or self.name


def always(work: Work) -> bool:
    return True


def works_only(work: Work) -> bool:
    """Works are items in every format; series, persons, institutions, archives under `rdf` alone."""
    return work.is_item
