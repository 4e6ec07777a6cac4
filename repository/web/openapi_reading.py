"""What a door that reads may answer, in the words of OpenAPI: statuses that all of them have, and those of some.

Each is tried by the tests; the bodies of refusals are pages and plain texts, and have no schema.
"""

from typing import Any

# Whatever is asked for may be asked for with a condition or a token, and fail.
_ALWAYS = (304, 400, 412, 500)
_WORDS = {
    206: "The part of it that Range asks for.",
    304: "It is as you have it.",
    308: "It has another name now, at the address that Location tells.",
    400: "A token stands in the address.",
    404: "Nothing is known of it.",
    406: "It cannot be had in a form that Accept asks for; the answer names those there are.",
    410: "It was deleted, or erased.",
    412: "It is not as If-Match or If-Unmodified-Since supposes.",
    413: "It would be larger than any file is here: narrow the search.",
    414: "The arguments are too long.",
    416: "It ends before the range that Range asks for.",
    500: "It is our mistake; the answer has the number that tells the maintainer which.",
    503: "Not at the moment: come again after Retry-After.",
}


def responses(*statuses: int, **own: dict[str, Any]) -> dict[str, Any]:
    """Of a door with these statuses beside those of all; `own` are told otherwise, `_200` what it is for."""
    told = {name.removeprefix("_"): response for name, response in own.items()}
    usual = {str(status): {"description": _WORDS[status]} for status in (*_ALWAYS, *statuses)}
    return dict(sorted({**usual, **told}.items()))
