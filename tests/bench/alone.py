"""The web server that `sheaf serve` starts, without the follower and the broker, which have no part in OAI-PMH.

Run as `python -m tests.bench.alone PORT WORKERS [APPLICATION]`.
"""

import sys

from repository.model.settings import load_settings
from repository.serve import serve
from repository.serve.roles import APPLICATION

if __name__ == "__main__":
    port, workers, *chosen = sys.argv[1:]
    serve(
        load_settings(),
        "127.0.0.1",
        int(port),
        int(workers),
        application=chosen[0] if chosen else APPLICATION,
        others=(),
    )
