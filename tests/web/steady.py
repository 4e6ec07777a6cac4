"""What two answers to the same request have alike: all headers but the id, which is another for each request."""

from collections.abc import Iterable, Mapping

from repository.web.surround import HEADER


def steady(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers in their order, without the id, which must be there."""
    pairs = (
        list(headers.items()) if isinstance(headers, Mapping) or hasattr(headers, "items") else list(headers)
    )
    found = [(name, value) for name, value in pairs if name != HEADER]
    assert len(found) == len(pairs) - 1
    return found
