"""The few exceptions that floors 1 to 3 raise; each message says what, where, and what to do.

HTTP status codes and OAI-PMH error codes never enter this room.
"""


class SheafError(Exception):
    """Something a person outside can mend. The message is written for that person."""


class SettingsError(SheafError):
    """A setting is unknown or has an impossible value."""


class IdentifierError(SheafError):
    """A text that cannot be an identifier under the grammar of `repository.model.identifiers`."""


class BodyError(SheafError):
    """A graph that breaks one of the three rules of a body (DECISIONS.md, "The body")."""


class DateError(SheafError):
    """A text that is not a date of the form asked for."""


class FormatError(SheafError):
    """A record that cannot be written in the format asked for."""


class SourceError(SheafError):
    """A file or stream that cannot be read at all: not this format, or hostile."""


class DoctypeError(SourceError):
    """XML with a document type or entities: never read, whatever they say."""


class LogError(SheafError):
    """The record log cannot do what was asked; nothing was changed."""


class LockedError(SheafError):
    """Another process holds what only one may hold."""


class BackupError(SheafError):
    """A backup that cannot be made where it was asked for, or cannot be restored; nothing was changed."""


class ProjectionError(SheafError):
    """A projection of the log could not be read or written; the log itself is untouched."""


class GoneError(Exception):
    """What a process stands on was taken away while it ran: it ends, and whoever minds it starts another."""
