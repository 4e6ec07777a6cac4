"""Text made safe for XML 1.0, for the formats that build their XML as strings.

Parsing never enters here.
"""

from repository.model.ntriples import ILLEGAL_XML


def escaped(text: str) -> str:
    """As element content. A carriage return becomes a reference: parsers make a newline of a bare one."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text.replace("\r", "&#13;") if "\r" in text else text


def attribute(text: str) -> str:
    """As the value of an attribute in double quotes (of IRIs and tags: no blanks but U+0020 come here)."""
    return escaped(text).replace('"', "&quot;")


def legal(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold (2.2 Char)."""
    # isprintable is a fast way past the usual text; it is false for all that the pattern could find.
    return text if text.isprintable() else ILLEGAL_XML.sub("", text)
