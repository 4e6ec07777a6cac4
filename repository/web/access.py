"""Who may write: bearer tokens (RFC 6750), taken from the Authorization header alone, and the lock-out of guessers.

A token's text is never shown, kept or logged, not even in part: whatever is said of one, its public id says.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from repository.log import TOKEN, Attempts, Log, Token, is_secret
from repository.web.clients import Clients
from repository.web.problems import Problem

_REALM = 'Bearer realm="sheaf"'
_BEARER = re.compile(r"Bearer +(\S+) *", re.IGNORECASE)
# Anything that looks like a token of ours, whole or cut.
_LIKE_TOKEN = re.compile(r"sheaf_[0-9a-f]{12}_", re.IGNORECASE)
_ARGUMENT = re.compile(r"(?:^|&)(?:access_token|token|api_?key)=", re.IGNORECASE)
# After so many failures with one token, from anywhere, a client that failed even once is locked out.
_FAILURES_OF_TOKEN = 50


def refuse_in_url(environ: Mapping[str, Any]) -> None:
    """Raises Problem for a token in the address: addresses are kept in logs, histories and caches of others."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    writes = environ.get("REQUEST_METHOD") not in ("GET", "HEAD", "OPTIONS")
    if ("sheaf_" in path.lower() and _LIKE_TOKEN.search(path)) or (
        query and (_LIKE_TOKEN.search(unquote(query)) or (writes and _ARGUMENT.search(query)))
    ):
        raise Problem(
            "token-in-url",
            "Send it as `Authorization: Bearer ...`, and revoke this one (sheaf token revoke): whoever was on the way "
            "of this request may have kept it.",
        )


@dataclass(frozen=True, slots=True)
class Access:
    """Lets writers in. `log` is asked each time, so a revoked token is one for every worker at once."""

    log: Callable[[], Log]
    attempts: Attempts
    clients: Clients

    def token(self, environ: Mapping[str, Any], right: str, note: Callable[[Token, str], None]) -> Token:
        """The token of a request, if it is valid and gives the right. Raises Problem: 401, 403 or 429.

        `note` hears of one whose secret is right and its client before anything is refused: a stolen one is tried out
        first, and who still has one that was revoked is for the maintainer to know.
        """
        client = self.clients.name(environ)
        self._heed_lock(self.attempts.wait(f"client {client}"))
        header = environ.get("HTTP_AUTHORIZATION")
        if header is None:
            raise Problem(
                "no-token", "Send `Authorization: Bearer ...`.", headers={"WWW-Authenticate": _REALM}
            )
        given = _BEARER.fullmatch(header) if len(header) <= 200 else None
        match = TOKEN.fullmatch(given[1]) if given else None
        if match is None:
            self.attempts.failed(f"client {client}")
            raise self._invalid("The Authorization header holds no token of the form that is given out here.")
        found = self._known(match[1], match[0], client)
        note(found, client)
        state = found.state(time.time())
        if state != "valid":
            raise self._invalid(f"The token {found.name} is {state}.")
        if right not in found.rights:
            raise _beyond(f"The token {found.name} does not give the right to {right}.")
        return found

    def _known(self, token_id: str, text: str, client: str) -> Token:
        kept = self.log().token(token_id)
        if kept and self.attempts.wait(f"token {token_id}", free=_FAILURES_OF_TOKEN):
            # Only those who failed: else whoever knows its id could keep its owner out.
            self._heed_lock(self.attempts.wait(f"client {client}", free=1))
        if not is_secret(text, kept[1] if kept else None):
            self.attempts.failed(f"client {client}")
            if kept:
                self.attempts.failed(f"token {token_id}", free=_FAILURES_OF_TOKEN)
            raise self._invalid("It is not known here.")
        assert kept is not None  # noqa: S101 - no secret is that of an unknown token
        return kept[0]

    def _heed_lock(self, seconds: int) -> None:
        if seconds:
            raise Problem(
                "locked-out",
                f"Too many wrong tokens came from your address; try again in {seconds} s.",
                headers={"Retry-After": str(seconds)},
            )

    @staticmethod
    def _invalid(detail: str) -> Problem:
        return Problem(
            "invalid-token", detail, headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
        )


def check_scope(token: Token, identifier: str) -> None:
    """Raises Problem (403) where a token does not cover a normalised identifier."""
    if not token.covers(identifier):
        raise _beyond(f"The token {token.name} does not cover {identifier}.")


def _beyond(detail: str) -> Problem:
    return Problem(
        "insufficient-scope",
        detail,
        headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope"'},
    )
