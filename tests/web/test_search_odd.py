"""What the search answers in odd circumstances: a damaged index, and its like."""

import pytest

from repository.assembly import House, followed_search
from repository.web.app import create_app

SERIES = "RePEc:xxx:joujou"


@pytest.mark.parametrize("path", [f"/similar/{SERIES}:1", "/search?q=ferries", "/search.csv"])
def test_an_index_without_one_of_its_files_is_told_to_the_maintainer_alone(house: House, capsys, path):
    with followed_search(house.settings) as follower:
        follower.catch_up()
    for file in house.settings.search_folder.glob("index-*/*.store"):
        file.unlink()
    reply = create_app(house).test_client().get(path)
    assert reply.status_code == 503
    assert str(house.settings.data) not in reply.text
    said = capsys.readouterr().err
    assert "the search index cannot be read" in said
    assert ".store" in said
