"""`python -m tests.serve.start PORT [NAME ...]`: the service with the children and the application of these names.

`house` names the real children; the application is the real one unless a name says otherwise.
"""

import sys

from repository.model.errors import SheafError
from repository.model.settings import load_settings
from repository.serve import serve
from repository.serve.roles import APPLICATION, OTHERS, Role

_HERE = "tests.serve.roles"
CHILDREN = {
    name: Role(name, f"{_HERE}:{name}") for name in ("wait", "brood", "fall", "refuse", "barred", "cling")
}
CHILDREN |= {name: Role(name, f"{_HERE}:{name}", overlaps=True) for name in ("clerk", "late")}
APPLICATIONS = {name: f"{_HERE}:{name}" for name in ("unready", "failing", "while_good", "slow", "settled")}


def main(port: str, *names: str) -> None:
    chosen = next((APPLICATIONS[name] for name in names if name in APPLICATIONS), APPLICATION)
    others = OTHERS if "house" in names else [CHILDREN[name] for name in names if name in CHILDREN]
    try:
        serve(load_settings(), "127.0.0.1", int(port), 2, application=chosen, others=others)
    except SheafError as error:
        sys.exit(f"sheaf: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
