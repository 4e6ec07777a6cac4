"""No page holds a character that HTML cannot hold, whatever was asked."""

from pathlib import Path

import pytest

from repository.assembly import followed, opened
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import draft

ASKED = [
    "/search?q=a{}b",
    "/search?q={}",
    "/search?q=x&type={}",
    "/sparql?query={}",
    "/record/a{}b",
    "/browse/authors/{}",
]


@pytest.mark.parametrize("character", ["%00", "%01", "%0B", "%1F", "%7F"])
@pytest.mark.parametrize("address", ASKED)
def test_no_page_repeats_a_character_that_no_page_can_hold(
    tmp_path: Path, address: str, character: str
) -> None:
    settings = make_settings({"data": str(tmp_path)})
    with opened(settings) as house:
        house.log.append([draft(1)])
    with followed(settings) as follower:
        follower.catch_up()
    with opened(settings, read_only=True) as house:
        reply = (
            create_app(house).test_client().get(address.format(character), headers={"Accept": "text/html"})
        )
    assert reply.mimetype == "text/html"
    assert not ({*range(32), 127} - set(b"\t\n\f\r")) & set(reply.data)
