"""Works that break writers: one text in every place where a work can hold one."""

from dataclasses import fields

from hypothesis import strategies as st

from repository.model.work import File, Organisation, Person, Text, Work

HOSTILE = {
    "what XML cannot hold": "a\x00b\x08c\x0bd\x0ce\x1ff\ud800g\udfffh\ufffei\uffffj",
    "nothing but what XML cannot hold": "\x00\ud800\uffff",
    "blanks": " \t\r\n\u2003 ",
    "markup": "<b>A & B</b> &amp; \"C\" 'D' <!-- E --> <?F?> <![CDATA[G]]>",
    "end of a section": "]]>",
    "line ends": "a\rb\r\nc\nd\te",
    "quotes": "\"'\"'`",
    "no date": "2021-02-30",
    "year zero": "0000",
    "another date": "2021-07-01T00:00:00Z",
    "an almost URI": "http://[a b]/%zz?<x>#a#b",
    "a URI without an end": "https://",
    "another licence": 'see https://creativecommons.org/licenses/by-sa/3.0/uk/"><x>',
    "a long language": "english-aaaaaaaaaaaa",
    "digits of no alphabet": "٢٠٢١",
    "an astral plane": "𝒳 👩🏽‍🔬 \U0010ffff",
}


def texts() -> st.SearchStrategy[str]:
    """Any text at all, surrogates and control characters too."""
    return st.one_of(
        st.sampled_from(tuple(HOSTILE.values())),
        st.text(st.characters(exclude_categories=()), max_size=30),
        st.text("<>&'\"]!-?\x00\r\n \ud800\uffff:/#%.a0", max_size=30),
    )


def filled(kind: str, text: str) -> Work:
    """A work that has this text in every place; only its own identifier and its type are sane."""
    words = Text(text, text)
    organisation = Organisation(*[text] * len(fields(Organisation)))
    identified = Organisation("A name", identifier=text)
    names = {field.name: text for field in fields(Person) if field.name != "workplaces"}
    parts = {
        "Text": words,
        "Person": Person(**names, workplaces=(organisation, identified)),  # type: ignore[arg-type]
        "Organisation": organisation,
        "File": File(text, text, text, words, text),
        "str": text,
    }
    values: dict[str, object] = {}
    for field in fields(Work):
        name = str(field.type)
        part = next(parts[sort] for sort in parts if sort in name)
        values[field.name] = (part,) if name.startswith("tuple") else part
    return Work(**(values | {"identifier": "RePEc:aaa:wpaper:1", "type": kind}))  # type: ignore[arg-type]
