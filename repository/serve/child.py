"""Where a child of `sheaf serve` begins: tied to its parent first, then it does what its role says.

Run as `python -P -m repository.serve.child PARENT COMPLAINTS SETTINGS MODULE:FUNCTION [ARGUMENT ...]`, where COMPLAINTS
and SETTINGS are open files. Imports of other
rooms never stand at the top: the life line comes before them.
"""

import contextlib
import importlib
import os
import sys

from repository.lifeline import die_with, keep_heaps_small, settle, tell_begun_in


def main(parent: str, complaints: str, told: str, run: str, *arguments: str) -> None:
    """Do what `run` names until SIGTERM; a SheafError, or that a file may not be opened, goes into the pipe
    `complaints`, and the status says so."""
    die_with(int(parent))
    keep_heaps_small()
    # Python's tracker of semaphores, which outlives a process that is killed, tells of them in no format of ours. It
    # gets the options that we have.
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    tell_begun_in(int(complaints))
    from repository.model.errors import GoneError, SheafError
    from repository.model.settings import read_settings
    from repository.serve.roles import CANNOT_BEGIN
    from repository.telling import say, use

    module, _, function = run.partition(":")
    try:
        with open(int(told), "rb") as file:
            settings = read_settings(file.read())
        use(settings.log_format)
        work = getattr(importlib.import_module(module), function)
        settle()
        work(settings, *arguments)
    except GoneError as error:
        say(str(error))
        raise SystemExit(1) from None
    except (SheafError, PermissionError) as error:
        # The parent, which knows what was said before, says it; its end of the pipe may be gone. A file that another
        # user left is no fault of ours either.
        place = error.filename if isinstance(error, PermissionError) else None
        text = f"{place}: Permission denied" if place else str(error)
        with contextlib.suppress(OSError):
            os.write(int(complaints), text.encode())
        raise SystemExit(CANNOT_BEGIN) from None


if __name__ == "__main__":
    main(*sys.argv[1:])
