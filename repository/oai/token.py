"""Resumption tokens: stateless, signed, valid across restarts and hosts (OAI-PMH 3.5).

A token is base64url(JSON + HMAC). What its fields mean to a list is the business of `repository.oai.lists`.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from repository.model.records import Selection

_MAC_BYTES = 16
# Longer than any token of ours: a stranger's kilobytes are not worth a hash.
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Token:
    """Where a list goes on: behind the key `after` (a seq; of ListSets a setSpec).

    `delivered` counts the records of the pages before, `total` is the list's size as last told, `expires` the last
    second (since 1970) at which the token is good. `seen`: the log's last seq when the pages before were made; tokens
    from before it was there have none.
    """

    verb: str
    prefix: str
    selection: Selection
    after: int | str
    delivered: int
    total: int
    expires: int
    seen: int = 0


def write_token(token: Token, key: bytes) -> str:
    chosen = token.selection
    fields = [
        token.verb,
        token.prefix,
        chosen.since,
        chosen.until,
        chosen.set,
        token.after,
        token.delivered,
        token.total,
        token.expires,
        token.seen,
    ]
    payload = json.dumps(fields, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(payload + _mac(payload, key)).rstrip(b"=").decode()


def read_token(text: str, key: bytes) -> Token | None:
    """The token as we wrote it; None for any other text, whatever its bytes."""
    if len(text) > _MOST or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(payload, key)):
        return None
    # One token has one spelling: base64's unused last bits and padding must be as we write them.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        return None
    verb, prefix, since, until, chosen, *rest = json.loads(payload)
    return Token(verb, prefix, Selection(since, until, chosen), *rest)


def _mac(payload: bytes, key: bytes) -> bytes:
    return hmac.new(key, payload, hashlib.sha256).digest()[:_MAC_BYTES]
