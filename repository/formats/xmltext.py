"""Text made safe for XML 1.0, for the formats that build their XML as strings.

Parsing never enters here.
"""

import re

from repository.model.ntriples import ILLEGAL_XML

# Scheme, then an authority whose host and port any schema's anyURI takes (libxml2 checks them), then anything.
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:(?://(?:[^/?#@:\s]*@)?[^/?#@:\s\[\]]+(?::\d{1,5})?(?=[/?#]|$)|(?!/))(.*)",
    re.DOTALL,
)
_CLEAN_URI = re.compile(r"https?://[A-Za-z0-9.\-]+(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?")
_NOT_IN_URI = re.compile(r'[\x00-\x20\x7f-\x9f"<>\\^`{|}\[\]]|%(?![0-9A-Fa-f]{2})')


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


def inline(text: str) -> str:
    """Legal, on one line, runs of blanks as one: for attributes, where a parser makes a blank of each line end."""
    return " ".join(legal(text).split())


def uri(text: str) -> str:
    """As a value of `xs:anyURI`: what no URI may hold is percent-encoded; empty where it is none at all."""
    if _CLEAN_URI.fullmatch(text):
        return text
    text = legal(text).strip()
    match = _URI.fullmatch(text)
    if not match:
        return ""
    head, (path, mark, fragment) = text[: match.start(1)], match[1].partition("#")
    return _NOT_IN_URI.sub(_percent, head + path + mark + fragment.replace("#", "%23"))


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
