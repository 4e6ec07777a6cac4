"""Other spellings of words that no record has, from the words of the index itself."""

from collections.abc import Callable, Sequence

# Words that begin alike and are looked at, the most frequent of them.
MOST_LOOKED_AT = 3000
_SHORTEST = 4
_FAR = 2


def distance(one: str, other: str, most: int) -> int:
    """How many letters have to be changed, put in, left out or swapped; `most + 1` for more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        now = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]


def corrected(word: str, beginning: Callable[[str], Sequence[tuple[str, int]]]) -> str:
    """The most frequent word of the index that is nearest to this one; empty where none is near.

    `beginning(text)` gives (word, records that have it) of words that begin so.
    """
    if len(word) < _SHORTEST or word.isdigit():
        return ""
    most = _FAR if len(word) > _SHORTEST else 1
    letters = set(word)
    best: tuple[int, int, str] | None = None
    # First letters are seldom wrong; where they are swapped, the second begins the word.
    for begin in dict.fromkeys((word[:2], word[:1], word[1:2])):
        for other, records in beginning(begin):
            # One change takes one letter away and brings another at most: a look that spares most of the work.
            if abs(len(word) - len(other)) > most or len(letters.symmetric_difference(other)) > 2 * most:
                continue
            far = distance(word, other, most)
            found = (far, -records, other)
            if 0 < far <= most and (best is None or found < best):
                best = found
        if best is not None and best[0] == 1:
            break
    return best[2] if best else ""
