"""What is wrong in a log: where, and in words for its maintainer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` is the table; `name` the record or row; `text` what is wrong there."""

    place: str
    name: str
    text: str
