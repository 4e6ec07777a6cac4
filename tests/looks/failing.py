"""Nothing of ours fails when a test would like it to, so one address is answered with the very page of a failure."""

import io
from contextlib import redirect_stderr

from playwright.sync_api import BrowserContext

from repository.model.settings import make_settings
from repository.web.errors import reply_to
from repository.web.html import Html
from tests.looks.kinds import FAILURE


def failing(context: BrowserContext) -> None:
    """In this context, FAILURE is an address at which something broke."""
    settings = make_settings({})
    html = Html(settings.site, settings.repository_name)
    with redirect_stderr(io.StringIO()):
        reply = reply_to(RuntimeError("for the looks"), {"HTTP_ACCEPT": "text/html"}, html)
    context.route(
        f"**/{FAILURE}",
        lambda route: route.fulfill(
            status=reply.status, content_type="text/html; charset=utf-8", body=reply.write()
        ),
    )
