"""Statements about access and use: what they mean where they say it, and nothing where they do not."""

import pytest

from repository.formats.rights import EMBARGOED, METADATA_ONLY, OPEN, RESTRICTED, Term, access_right, licence


@pytest.mark.parametrize(
    ("statement", "meaning"),
    [
        ("open access", OPEN),
        (" Open  Access\n", OPEN),
        ("http://purl.org/coar/access_right/c_abf2", OPEN),
        ("info:eu-repo/semantics/openAccess", OPEN),
        ("info:eu-repo/semantics/closedAccess", METADATA_ONLY),
        ("embargoed access", EMBARGOED),
        ("Restricted access", RESTRICTED),
        ("Full text for ScienceDirect subscribers only", RESTRICTED),
        ("Access to full text is restricted to subscribers.", RESTRICTED),
        ("Online papers are only available to subscribers.", RESTRICTED),
        ("Subscribers only", RESTRICTED),
        (
            "Access to full text is restricted to JSTOR subscribers. See http://www.jstor.org for details.",
            RESTRICTED,
        ),
        ("Access to full text is restricted to AEA members and institutional subscribers.", RESTRICTED),
        ("Access to the full text of the articles in this series is restricted.", RESTRICTED),
        ("Access to full text is restricted to JSTOR subscribers until 2030", None),
        ("Access to the full text is restricted by nothing", None),
        ("Subscribers only; free after twelve months", None),
        ("Open to all, not for subscribers only", None),
        ("For readers of subscribing libraries", None),
        ("Free", None),
        ("not open access", None),
        ("", None),
    ],
)
def test_access_is_what_the_statement_says(statement: str, meaning: Term | None) -> None:
    assert access_right(statement) == meaning


@pytest.mark.parametrize(
    ("statement", "spdx", "uri"),
    [
        (
            "http://creativecommons.org/licenses/by/4.0",
            "CC-BY-4.0",
            "http://creativecommons.org/licenses/by/4.0/",
        ),
        (
            "CC (https://creativecommons.org/licenses/by-nc-nd/3.0/).",
            "CC-BY-NC-ND-3.0",
            "https://creativecommons.org/licenses/by-nc-nd/3.0/",
        ),
        (
            "https://creativecommons.org/publicdomain/zero/1.0/deed.en",
            "CC0-1.0",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        (
            "http://creativecommons.org/licenses/by-sa/2.0/uk/",
            "",
            "http://creativecommons.org/licenses/by-sa/2.0/uk/",
        ),
        # Of the World Bank and the United Nations.
        (
            "https://creativecommons.org/licenses/by/3.0/igo/",
            "",
            "https://creativecommons.org/licenses/by/3.0/igo/",
        ),
        (
            "https://creativecommons.org/licenses/by/2.5/scotland/legalcode",
            "",
            "https://creativecommons.org/licenses/by/2.5/scotland/",
        ),
    ],
)
def test_a_licence_is_known_by_its_address(statement: str, spdx: str, uri: str) -> None:
    assert licence(statement) == Term(spdx, uri)


@pytest.mark.parametrize(
    "statement", ["CC BY", "creativecommons.org", "https://example.org/licenses/by/4.0/"]
)
def test_what_has_no_such_address_is_no_licence_to_us(statement: str) -> None:
    assert licence(statement) is None
