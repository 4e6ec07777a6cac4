"""Texts and addresses that would be a script somewhere, works that have them everywhere, and how a page is judged."""

import re
from dataclasses import replace

from lxml import html

from repository.model.work import File, Organisation, Person, Text, Work

TEXTS = {
    "an element": "<script>alert(1)</script>",
    "an attribute": '" onmouseover="alert(1)" autofocus onfocus=\'alert(1)\' x="',
    "an end of a script": "</script><script>alert(1)</script><!--",
    "an opened comment": "<!--<script>",
    "an end of a title": "</title></head><body onload=alert(1)>",
    "an end of a CDATA section": "]]><svg/onload=alert(1)>",
    "line ends of JavaScript": "\u2028alert(1)\u2029//",
    "a template": "{{ 7*7 }}{% raw %}${7*7}",
    "an entity": "&lt;img src=x onerror=alert(1)&gt;&#60;script&#62;",
    "a handler": "<img src=x onerror=alert(1)>",
    "another plane": "＜script＞alert(1)＜/script＞\u202e",
    "a line of RIS": "x\r\nER  - \r\nTY  - JOUR\r\nUR  - javascript:alert(1)",
    "an entry of BibTeX": 'x},\n}\n@preamble{ "\\immediate\\write18{id}" }\n@book{y, title = {',
}
URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://example.org/",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    'https://example.org/"onclick=alert(1)//',
    "https://example.org/</script><script>alert(1)</script>",
)


def laden(kind: str, text: str, number: int = 1) -> Work:
    """A work that has the text wherever people write, and hostile addresses wherever there are addresses."""
    words = Text(text)
    place = Organisation(text, text, URLS[0], text, text)
    person = Person(text, text, text, URLS[1], workplaces=(place,))
    return Work(
        f"RePEc:xss:{kind[:6]}:{number}",
        kind,
        title=words,
        alternatives=(words,),
        abstracts=(words,),
        descriptions=(words,),
        notes=(words,),
        creators=(person, replace(person, given="", family="", homepage=URLS[2])),
        editors=(person,),
        # Of another name than the publisher: who is both is named once.
        providers=(replace(place, name=f"{text} too"),),
        files=tuple(File(url, "application/pdf", text, words, text) for url in URLS),
        references=(text,),
        issued="2020-02-03",
        host=text,
        publishers=(text,),
        volume=text,
        issue=text,
        number=text,
        pages=text,
        edition=text,
        chapter=text,
        dois=("10.1000/" + re.sub(r"\s", "", text),),
        isbns=(text,),
        issns=(text,),
        keywords=(words,),
        status=text,
        restriction=words,
        landing_pages=URLS,
        homepages=URLS,
        see_also=URLS,
        same_as=URLS,
        source_fields=(f"X-Field: {text}",),
    )


def judged(body: bytes, *, scripts: int) -> html.HtmlElement:
    """A page without a script but for embedded JSON-LD, without handlers, and whose links lead to nothing that runs."""
    assert body.lower().count(b"<script") == scripts
    page = html.fromstring(body)
    for element in page.iter(html.etree.Element):
        assert element.tag not in ("iframe", "object", "embed", "base", "svg", "img"), element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name not in ("style", "srcdoc", "formaction", "autofocus"), (element.tag, name)
            if name in ("href", "src", "action"):
                assert re.match(r"(?:https?|ftp)://|/|#|\?|data:,$", value), value
    for script in page.iter("script"):
        assert script.get("type") == "application/ld+json"
    return page
