"""The phrases of a citation that formats share."""

import pytest

from repository.formats.citation import extents, page_ends, reference
from repository.formats.mods import mods
from repository.model.work import File, Work
from tests.formats.graphs import SITE


@pytest.mark.parametrize(
    ("pages", "ends"),
    [
        ("1-20", ("1", "20")),
        ("1–20", ("1", "20")),
        ("ix--xii", ("ix", "xii")),
        ("S1-S9", ("S1", "S9")),
        ("1-2, 5-9", ("1", "9")),
        ("123-9", ("123", "129")),
        ("1120–36", ("1120", "1136")),
        ("12-5", ("12", "15")),
        ("95-112", ("95", "112")),
        ("123-22", ("123", "22")),
        ("98-105, 110", ("98", "110")),
        ("7, 123-9", ("7", "129")),
        ("e123", ("e123", "")),
        ("118314", ("118314", "")),
        ("pp. 5-6", ("5", "6")),
        ("p.7", ("7", "")),
        ("Pages xi–xx, 5-9, 11", ("xi", "11")),
        ("pp. various", ("", "")),
        ("43 pages", ("", "")),
        ("1-20 pages", ("", "")),
        ("various", ("", "")),
        ("", ("", "")),
    ],
)
def test_pages_have_a_first_and_a_last_where_they_can_be_told(pages: str, ends: tuple[str, str]) -> None:
    assert page_ends(Work("x", "article", pages=pages)) == ends


def test_a_first_page_that_is_told_apart_counts_more() -> None:
    assert page_ends(Work("x", "article", pages="1-20", page_start="3", page_end="4")) == ("3", "4")


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("137", "43", "143"),
        ("1120", "36", "1136"),
        ("95", "112", "112"),
        ("S1", "9", "9"),
        ("41", "", ""),
        ("41", "41", "41"),
    ],
)
def test_digits_left_out_of_a_last_page_come_back_though_the_reader_parted_them(
    first: str, last: str, whole: str
) -> None:
    work = Work("x", "article", pages=f"{first}-{last}", page_start=first, page_end=last)
    assert page_ends(work) == (first, whole)
    assert f"<end>{whole}</end>" in mods(work, SITE).decode() or not whole


def test_the_single_page_of_a_paper_is_how_many_there_are() -> None:
    assert page_ends(Work("x", "paper", pages="43")) == ("", "")
    assert extents(Work("x", "paper", pages="43")) == ("43 pages",)


def test_extents_are_what_is_no_range_and_the_sizes_of_files() -> None:
    files = (
        File("https://example.org/1", size="512"),
        File("https://example.org/2", size="3 MB"),
        File("https://example.org/3"),
    )
    assert extents(Work("x", "book", pages="xii, 312 p.", files=files)) == ("xii, 312 p.", "512 kB", "3 MB")
    assert extents(Work("x", "article", pages="1-20")) == ()


@pytest.mark.parametrize(
    ("kind", "edition", "said"),
    [
        ("book", "2nd", "2nd ed."),
        ("software", "1.2", "version 1.2"),
        ("software", "v1.2", "v1.2"),
        ("software", "Version 3", "Version 3"),
        ("software", "vanilla", "version vanilla"),
    ],
)
def test_a_reference_names_the_edition_of_a_book_and_the_version_of_software(
    kind: str, edition: str, said: str
) -> None:
    assert reference(Work("x", kind, edition=edition)) == said
