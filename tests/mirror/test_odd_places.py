"""Places of archives that are none, or not as places are: told, and nothing else ends with them."""

from pathlib import Path

import pytest

from repository.mirror import opened_place
from repository.model.errors import SourceError
from tests.readers.sources import ARCHIVE, SITE

LONG = "a" * 70 + ".example"


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "told"])
@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1:99999/",
        "ftp://127.0.0.1:abc/",
        f"ftp://{LONG}/",
        "http://127.0.0.1:99999/",
        "http://[a/",
    ],
    ids=["port", "no port", "name", "http port", "brackets"],
)
def test_an_address_that_cannot_be_is_refused(tmp_path: Path, url: str, typed: bool) -> None:
    template = tmp_path / "xyzarch.rdf"
    template.write_text(ARCHIVE.replace("https://example.org/RePEc/xyz/", url))
    with pytest.raises(SourceError):
        opened_place(url if typed else str(template), SITE)
