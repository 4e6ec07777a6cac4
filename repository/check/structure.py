"""Whether an element has the children, attributes and texts that its schema allows: a small engine over tables.

The tables are in `vocabularies`. It stands in for the official schemas, which cannot be carried along; where they are
at hand, `schemas` asks them as well.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from repository.check.answer import XSI, elements, local, namespace

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """What one element may hold.

    `children`: a regular expression over its children's names, each followed by a space; None where it holds text,
    which must pass `text`. `foreign`: it holds one element of another namespace and nothing else.
    """

    children: str | None = ""
    text: Test | None = None
    required: Mapping[str, Test] = field(default_factory=dict)
    optional: Mapping[str, Test] = field(default_factory=dict)
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Shapes by (parent, element), or by element where the parent does not matter."""

    namespace: str
    roots: tuple[str, ...]
    shapes: Mapping[str, Shape]

    def shape(self, name: str, parent: str) -> Shape | None:
        return self.shapes.get(f"{parent}/{name}") or self.shapes.get(name)


def faults(root: etree._Element, vocabularies: Mapping[str, Vocabulary]) -> Iterator[str]:
    """What is wrong with an element and all below it, as far as a vocabulary is known."""
    stack = [(root, "")]
    while stack:
        element, parent = stack.pop()
        vocabulary = vocabularies.get(namespace(element))
        if vocabulary is None:
            continue
        name = local(element)
        if not parent and name not in vocabulary.roots:
            yield f"<{name}> is no root element of {vocabulary.namespace}"
            continue
        shape = vocabulary.shape(name, parent)
        if shape is None:
            yield f"<{name}> is not an element of {vocabulary.namespace}"
            continue
        yield from _attributes(element, name, shape)
        yield from _content(element, name, shape, vocabulary)
        for child in elements(element):
            stack.append((child, "" if shape.foreign else name))


def _attributes(element: etree._Element, name: str, shape: Shape) -> Iterator[str]:
    for key, value in ((str(k), str(v)) for k, v in element.attrib.items()):
        if key.startswith(f"{{{XSI}}}"):
            continue
        test = shape.required.get(key) or shape.optional.get(key)
        if test is None:
            yield f"<{name}> may not have the attribute {key}"
        elif not test(value):
            yield f"<{name} {key}='{value}'>: not a legal value"
    for key in shape.required:
        if key not in element.attrib:
            yield f"<{name}> lacks the attribute {key}"


def _content(element: etree._Element, name: str, shape: Shape, vocabulary: Vocabulary) -> Iterator[str]:
    inside = list(elements(element))
    if shape.foreign:
        yield from _one_foreign(inside, name, vocabulary.namespace)
        yield from _no_text(element, name)
    elif shape.children is None:
        if inside:
            yield f"<{name}> holds text alone, not <{local(inside[0])}>"
        elif shape.text is not None and not shape.text(element.text or ""):
            yield f"<{name}>{(element.text or '')[:200]}</{name}>: not a legal value"
    else:
        own = [local(c) if namespace(c) == vocabulary.namespace else c.tag for c in inside]
        names = "".join(f"{n} " for n in own)
        if not re.fullmatch(shape.children, names):
            yield f"<{name}> holds {_short(names) or 'nothing'}: an element is missing, too many or out of order"
        yield from _no_text(element, name)


def _one_foreign(inside: list[etree._Element], name: str, own: str) -> Iterator[str]:
    if len(inside) != 1:
        yield f"<{name}> must hold one element, not {len(inside)}"
    for child in inside:
        if namespace(child) in ("", own):
            yield f"<{name}> holds <{local(child)}> in {namespace(child) or 'no namespace'}, not in one of its own"


def _no_text(element: etree._Element, name: str) -> Iterator[str]:
    loose = [element.text, *(child.tail for child in element)]
    found = next((text for text in loose if text and text.strip()), None)
    if found:
        yield f"<{name}> may hold no text of its own: {found.strip()[:80]!r}"


def _short(names: str) -> str:
    """`record record record token` as `record*3 token`."""
    return re.sub(r"(\S+ )\1+", lambda m: f"{m[1].strip()}*{len(m[0]) // len(m[1])} ", names).strip()[:300]
