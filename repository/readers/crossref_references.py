"""References of Crossref's works: each as words, and those with a DOI as links besides."""

import re
from typing import Any

from repository.model.site import doi_iri
from repository.readers import redif_values as values
from repository.readers.json_items import listed, shown, text
from repository.readers.reference import Making

# In the order in which they are told.
_PARTS = (
    "author", "year", "article-title", "component", "volume-title", "journal-title", "series-title", "edition",
    "volume", "issue", "first-page", "standards-body", "standard-designator", "isbn", "ISBN", "issn", "ISSN",
)  # fmt: skip
# Its name within the list, who found its DOI, and what stands as words.
_PASSED = frozenset((*_PARTS, "key", "doi-asserted-by", "DOI", "unstructured", "isbn-type", "issn-type"))
_NUMBER = re.compile(r"https?://id\.crossref\.org/is[bs]n/", re.I)


def references(made: Making, name: str, value: Any) -> None:
    words, cites = list[str](), list[str]()
    for one in listed(value):
        if not isinstance(one, dict):
            made.leave(name, shown(one), "invalid-value", "no reference")
            continue
        link = text(one.get("DOI"))
        doi = values.doi(link)
        if doi:
            cites.append(doi_iri(doi))
        said = text(one.get("unstructured")) or ", ".join(filter(None, (_part(one, key) for key in _PARTS)))
        said = made.clean(name, said or (f"doi:{doi}" if doi else ""))
        if said:
            words.append(said)
        if link and not doi:
            made.leave(name, shown(one), "invalid-doi", f"no DOI is {link[:80]}")
        elif not said:
            made.leave(name, shown(one), why="it does not say what it cites")
        else:
            for key in sorted(one.keys() - _PASSED):
                made.leave(f"{name}-{key}", f"{shown(one[key])} ({said})")
    made.attributes["references"] = tuple(filter(None, words))
    made.add("cites", cites)


def _part(said: dict[str, Any], key: str) -> str:
    return _NUMBER.sub("", text(said.get(key)))
