"""What stands in an `oai_dc:dc` element: names and words. What they mean never enters this room."""

import re
from collections.abc import Iterator
from typing import Any

from repository.model.terms import DC, DCTERMS
from repository.model.work import Text

ROOT = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*")


def identifiers_of(element: Any) -> list[str]:
    """Every dc:identifier, in order."""
    return [text.value for name, text in elements(element) if name == "identifier"]


def elements(element: Any) -> Iterator[tuple[str, Text]]:
    for child in element.iterchildren(f"{{{DC}}}*"):
        value = "".join(child.itertext()).strip()
        language = child.get(_LANGUAGE, "").lower()
        if value:
            yield child.tag.rpartition("}")[2], Text(value, language if _TAG.fullmatch(language) else "")


def others(element: Any) -> Iterator[tuple[str, str]]:
    """What is no element of Dublin Core's: elements of other namespaces, and text between elements."""
    between = [element.text]
    for child in element.iterchildren():
        between.append(child.tail)
        # Comments and processing instructions have no name.
        if isinstance(child.tag, str) and not child.tag.startswith(f"{{{DC}}}"):
            space, _, name = child.tag.rpartition("}")
            value = "".join(child.itertext()).strip()
            if value:
                prefix = "DCTerms" if space == "{" + DCTERMS else "XML"
                yield f"{prefix}-{name[:1].upper()}{name[1:]}", value
    text = " ".join(filter(None, (part.strip() for part in between if part)))
    if text:
        yield "XML-Text", text
