"""Data fields of MARCXML: subfields in, one element out; no field where there is nothing to say."""

from collections.abc import Sequence

from repository.formats.xmltext import escaped, legal

Subfields = Sequence[tuple[str, str]]


def subfield(code: str, text: str) -> str:
    content = escaped(legal(text).strip())
    return f'<subfield code="{code}">{content}</subfield>' if content else ""


def datafield(tag: str, indicators: str, subfields: Subfields, fixed: str = "") -> str:
    """`fixed`: subfields that are written already and say nothing without the others."""
    content = "".join([subfield(code, text) for code, text in subfields if text])
    if not content:
        return ""
    return (
        f'<datafield tag="{tag}" ind1="{indicators[0]}" ind2="{indicators[1]}">{content}{fixed}</datafield>\n'
    )
