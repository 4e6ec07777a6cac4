"""Letters that were read in another encoding than they were written in. They are told, and never changed.

No field and no finding is known here.
"""

import re

# UTF-8 that was read as Windows-1252 and written again: C3 A9 shows as "Ã©", E2 80 99 as "â€™". And Windows-1252 that
# was read as Latin-1: its quotes and dashes are control characters that nobody sees. And Cyrillic or Greek of one byte
# a letter: no language of the Latin script has five of its upper letters in a row. And what DOS, a Macintosh, and
# Windows-1250 have for accented letters: signs that stand within no word.
_HIGH = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = re.compile(
    f"[ÂÃ][{_HIGH}]|â€[{_HIGH}]|[ÄÅ][\u0080-\u009f€‚ƒ„…†‡ˆ‰Š‹ŒŽ™š›œžŸ]|[\u0080-\u009f]|[À-ÿ]{{5}}"
    # Of two bytes a letter, or Thai: long runs of letters and signs.
    "|(?=(?:[¡-¿]{0,3}[À-ÿ]){3})[¡-ÿ]{6}"
    "|(?P<sign>(?<=[A-Za-z])[‚ƒ„‡ˆ‰‹›˜¡¢£¤¥§³¹¶¿¼¾](?=[a-z])|(?<=[a-z])[ŠŒŽŸ](?=[a-z]))"
)


# By the length of what was found: what it was, and as what it was read.
_MISTAKEN = {
    1: ("Windows-1252", "Latin-1"),
    5: ("another encoding (such as Windows-1251)", "Windows-1252"),
    6: ("another encoding (such as GBK)", "Windows-1252"),
}
_BEYOND = re.compile("[^\0-\x7f]+")
# Where the second byte may be ASCII: Shift-JIS begins syllables with two signs, Big5 frequent letters with some.
_PAIR, _SIGNED = "(?:[¤-þ][@-~¡-þ])", "(?:[¤-ª¬®¯²³µ¶¸¹º¼-¾][@-~¡-þ])"
_PAIRED = re.compile(
    f"(?:[‚ƒ][@-~\u0080-ÿ€-™]){{3}}|{_SIGNED}(?:{_SIGNED}{_PAIR}|{_PAIR}{_SIGNED})|{_PAIR}{_SIGNED}{{2}}"
)
_PAIRS = ("another encoding (such as Shift-JIS or Big5)", "Windows-1252")
_SIGN = ("another encoding (that of DOS or a Macintosh, or Windows-1250)", "Windows-1252")


def mistaken(text: str) -> tuple[str, str] | None:
    """(what a text was, as what it was read), by the first place that shows it."""
    # Each begins beyond ASCII, which is found forty times sooner than any of them is.
    for run in _BEYOND.finditer(text):
        found = _MOJIBAKE.search(text, run.start(), run.end() + 1)
        if found:
            return _SIGN if found["sign"] else _MISTAKEN.get(len(found[0]), ("UTF-8", "Windows-1252"))
        if _PAIRED.match(text, run.start()):
            return _PAIRS
    return None
