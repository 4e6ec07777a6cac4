"""The ways in: one `Reader` per format, listed here, and picked by name or by what a file is.

Nothing here keeps a record; that is ingest's.
"""

from repository.model.errors import SourceError
from repository.readers.reader import Reader
from repository.readers.redif import REDIF

READERS: tuple[Reader, ...] = (REDIF,)
