"""An empty Flask view behind the very server that `sheaf serve` starts: the yardstick of dereferencing.

Run as `python -m tests.bench.empty PORT`.
"""

import sys

from flask import Flask

from repository.model.settings import Settings, load_settings
from repository.serve import serve


def application(settings: Settings) -> Flask:
    """Two views that say next to nothing; Flask as it is, without anything around it."""
    app = Flask("empty", static_folder=None)
    app.add_url_rule("/empty", "empty", lambda: "")
    app.add_url_rule("/healthz", "alive", lambda: "ok")
    return app


if __name__ == "__main__":
    # The same call with the same options, but another application.
    chosen = "tests.bench.empty:application"
    serve(load_settings(), "127.0.0.1", int(sys.argv[1]), 1, application=chosen, others=())
