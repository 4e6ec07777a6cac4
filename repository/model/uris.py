"""What a URI is where an XML schema asks for one: words of others enter our answers only where they are."""

import re

# What xs:anyURI is validated as: an absolute URI, or a relative one whose first segment has no colon (RFC 3986);
# behind // stands a host and at most one port.
URI = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.\-]*:|(?![^/?#]*:))"
    r"(?://[A-Za-z0-9\-._~]+(?::\d{0,5})?(?=[/?]|$)|(?!//))"
    r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_FRAGMENT = re.compile(r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
# A browser may be sent there: never by `javascript:`, `data:` or `file:`.
_FOLLOWED = re.compile(r"(?:https?|ftp)://[^\s/]", re.IGNORECASE)


def is_followed(iri: str) -> bool:
    """Whether readers may be given this as a link."""
    return bool(_FOLLOWED.match(iri))


def is_absolute(text: str) -> bool:
    """Whether this is a URI with a scheme; a fragment may stand behind it."""
    whole, _, fragment = text.partition("#")
    return bool(_SCHEME.match(whole) and URI.fullmatch(whole) and _FRAGMENT.fullmatch(fragment))
