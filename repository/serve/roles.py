"""The kinds of processes that make up the service, as a table. How they are minded is not said here."""

from dataclasses import dataclass

APPLICATION = "repository.web.app:application"

# EX_CONFIG of sysexits.h: how a child says that it could not even begin.
CANNOT_BEGIN = 78


@dataclass(frozen=True, slots=True)
class Role:
    """A child: `run` names a function, as `module:name`, of the settings and the texts in `arguments`.

    It is called in a process of its own and runs until SIGTERM. A SheafError from it means that it cannot begin;
    from a role that is `vital`, before the service ever answered, this ends the service.

    One that `overlaps` is replaced without a gap: its successor is started beside it and calls `lifeline.tell_begun`,
    then it gets SIGHUP, finishes what it has and ends. Others get SIGTERM, and are started again.

    `heirlooms` are open files that it inherits.
    """

    name: str
    run: str
    arguments: tuple[str, ...] = ()
    vital: bool = False
    overlaps: bool = False
    heirlooms: tuple[int, ...] = ()


def web(door: int, address: str, port: int, workers: int, application: str) -> Role:
    """Whoever answers HTTP on the listening socket `door`; `application` names a WSGI factory
    of the settings."""
    arguments = (str(door), address, str(port), str(workers), application)
    return Role(
        "web server", "repository.serve.web:run", arguments, vital=True, overlaps=True, heirlooms=(door,)
    )


SEARCH = Role("search index", "repository.keeping:run_search")
OTHERS = (
    Role("follower", "repository.keeping:run_follower"),
    Role("broker", "repository.keeping:run_broker", overlaps=True),
    SEARCH,
)
