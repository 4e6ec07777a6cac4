"""The door of OAI-PMH: argument pairs in, one XML document out, always 200 (OAI-PMH 3.1).

No verb, error code or date is known here; a request that is no form of arguments is refused as HTTP.
"""

from dataclasses import dataclass

from flask import request

from repository.assembly import House
from repository.web import arguments
from repository.web.arguments import FORM, pairs
from repository.web.errors import Refused
from repository.web.http import ALWAYS_ASK, Reply

MAX_ARGUMENTS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Oai:
    house: House

    def answer(self) -> Reply:
        document = self.house.oai([*pairs(arguments.query_string(MAX_ARGUMENTS)), *pairs(_body())])
        return Reply(lambda: document, "text/xml; charset=UTF-8", cache=ALWAYS_ASK, tagged=False)


def _body() -> bytes:
    if request.method != "POST":
        return b""
    if request.mimetype not in ("", FORM):
        raise Refused(415, f"Arguments come as {FORM} (OAI-PMH 3.1.1.2), not as {request.mimetype}.")
    return arguments.body(MAX_ARGUMENTS)
