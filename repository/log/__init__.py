"""The record log: append-only, transactional, the one truth that every projection follows.

SQL lives in this room alone; RDF is opaque bytes here but for the links that a body makes.
"""

from repository.log.around import Around
from repository.log.attempts import Attempts
from repository.log.clusters import Cluster
from repository.log.copying import copy_log, unused
from repository.log.decisions import ACCEPTED, REJECTED, Decision
from repository.log.exclusive import exclusive
from repository.log.fault import Fault
from repository.log.following import Lag
from repository.log.harvested import HARVESTER
from repository.log.log import Log, Outcome
from repository.log.looking import Look
from repository.log.reading import Reading
from repository.log.review import Derived
from repository.log.spent import Counted, Spent
from repository.log.sqlite import is_full
from repository.log.steps import Step
from repository.log.tokens import EVERYTHING, RIGHTS, Token, hashed_secret, is_secret, make_token
from repository.log.tokens import NAME as TOKEN_NAME
from repository.log.tokens import WHOLE as TOKEN
from repository.log.transferring import transfer
from repository.log.versions import Neighbours, Versions

__all__ = [
    "ACCEPTED",
    "EVERYTHING",
    "HARVESTER",
    "REJECTED",
    "RIGHTS",
    "TOKEN",
    "TOKEN_NAME",
    "Around",
    "Attempts",
    "Cluster",
    "Counted",
    "Decision",
    "Derived",
    "Fault",
    "Lag",
    "Log",
    "Look",
    "Neighbours",
    "Outcome",
    "Reading",
    "Spent",
    "Step",
    "Token",
    "Versions",
    "copy_log",
    "exclusive",
    "hashed_secret",
    "is_full",
    "is_secret",
    "make_token",
    "transfer",
    "unused",
]
