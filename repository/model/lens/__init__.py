"""The lens: the only code that knows the paths of our RDF (vocab/README.md tells them field by field)."""

from repository.model.lens.addressed import addressed
from repository.model.lens.reading import has_known_type, read_work
from repository.model.lens.tables import FILE, ORGANISATION, PERSON, WORK
from repository.model.lens.writing import write_work

__all__ = ["FILE", "ORGANISATION", "PERSON", "WORK", "addressed", "has_known_type", "read_work", "write_work"]
