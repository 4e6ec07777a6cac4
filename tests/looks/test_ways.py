"""What people do here, in a real browser: with scripts and without, by mouse and keys, on a screen and on paper."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.looks.kinds import DEMO, SEED
from tests.looks.service import Running
from tests.looks.visit import Visit, visit

pytestmark = pytest.mark.slow
PRINTED_NOT = (".skip", "nav", "form", ".formats", ".asked", ".export", ".history", ".similar")
# [what has the focus, the style of its outline, its width]
_FOCUSED = """(({activeElement: e}) => {
  const style = getComputedStyle(e);
  return [e.id || e.textContent.trim(), style.outlineStyle, style.outlineWidth];
})(document)"""
QUERY = "SELECT ?s { ?s a ?c } LIMIT 7"


@pytest.fixture(params=[True, False], ids=["scripts", "none"])
def way(request, browser: Browser, service: Running) -> Iterator[Visit]:
    """At the home page. In the end nothing was refused by the policy, and nobody else asked."""
    with visit(browser, java_script_enabled=request.param) as opened:
        opened.open(service.base)
        opened.asked.clear()
        yield opened
        assert opened.said == []
        assert [url for url in opened.asked if not url.startswith((service.base, "data:"))] == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visit(browser) as opened:
        yield opened.page


def asked(page: Page, name: str) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get(name, [])


def test_search_narrow_open_and_export(way: Visit):
    page = way.page
    page.get_by_role("searchbox", name="Search the records").fill("ferry timetables")
    page.get_by_role("button", name="Search").click()
    assert asked(page, "q") == ["ferry timetables"]
    found = page.locator(".hit").count()
    assert found > 2
    page.get_by_role("complementary", name="Narrow the search").get_by_role("link", name="article").click()
    assert asked(page, "type") == ["article"]
    assert 0 < page.locator(".hit").count() < found
    page.get_by_role("link", name="Ferry timetables as commitment devices").click()
    expect(page.locator("h1")).to_have_text("Ferry timetables as commitment devices")
    with page.expect_download() as download:
        page.get_by_role("region", name="Export reference").get_by_role("link", name="BibTeX").click()
    assert Path(download.value.path()).read_text().startswith("@article{")


def test_a_wrong_search_is_explained_where_it_can_be_mended(way: Visit):
    page = way.page
    page.get_by_role("searchbox").fill("(ferries")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be understood")
    page.get_by_role("searchbox").fill("ferries")
    page.get_by_role("button", name="Search").click()
    assert page.locator(".hit").count() > 5


def test_follow_a_citation_there_and_back(way: Visit, service: Running):
    page = way.page
    page.goto(f"{service.base}id/{DEMO}")
    title = page.locator("h1").inner_text()
    page.locator(".references").get_by_role("link", name="Ferry timetables as commitment devices").click()
    expect(page.locator("h1")).to_have_text("Ferry timetables as commitment devices")
    page.locator(".citations").get_by_role("link", name=title).click()
    expect(page.locator("h1")).to_have_text(title)


def test_cite_in_another_style(way: Visit, service: Running):
    page = way.page
    page.goto(f"{service.base}record/{SEED}")
    page.get_by_role("region", name="Export reference").get_by_role("link", name="HTML").click()
    before = page.locator("#text").inner_text()
    page.get_by_role("navigation", name="Styles").get_by_role("link", name="APA").click()
    expect(page.locator("#text")).to_contain_text("Jones, L.")
    assert page.locator("#text").inner_text() != before


def test_browse_from_the_home_page_to_a_work(way: Visit):
    page = way.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Browse").click()
    page.get_by_role("link", name="Years").click()
    page.get_by_role("navigation", name="By year").get_by_role("link", name="2024", exact=True).click()
    page.get_by_role("link", name="Waiting for the ferry, waiting for the doctor: two queues").click()
    expect(page.get_by_role("article")).to_contain_text("2024")


def test_ask_in_sparql(way: Visit):
    page = way.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="SPARQL").click()
    page.wait_for_url("**/sparql")
    page.wait_for_load_state("load")
    editor = page.locator(".CodeMirror")
    if page.evaluate("typeof Yasgui") == "undefined":
        page.locator("#query").fill(QUERY)
    else:
        editor.wait_for()
        editor.evaluate("(place, query) => place.CodeMirror.setValue(query)", QUERY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#result")).to_contain_text("7 rows")
    expect(page.locator("#result").get_by_role("link", name="RePEc:").first).to_be_visible()


def test_walk_through_the_pages_of_oai(way: Visit, service: Running):
    page = way.page
    page.goto(f"{service.base}oai?verb=Identify")
    page.get_by_role("navigation", name="Verbs").get_by_role("link", name="ListSets").click()
    page.get_by_text("Ask by form").click()
    form = page.get_by_role("form", name="One record")
    form.get_by_label("Identifier").fill(SEED)
    form.get_by_role("button").click()
    expect(page.locator("h1")).to_contain_text("Doctors as system leaders")
    page.get_by_role("link", name="Record page").click()
    expect(page.locator("h1")).to_contain_text("Doctors as system leaders")


@pytest.mark.parametrize(
    "path",
    ["", f"record/{DEMO}", "search?q=ferries", "machines"],
    ids=["home", "record", "search", "machines"],
)
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    page: Page, service: Running, path: str
):
    page.goto(service.base + path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.goto(service.base + path)
    places = [walked(page) for _ in range(12)]
    assert places[:2] == ["Skip to the content", "Sheaf"]
    searched, nav = places.index("find"), places.index("SPARQL")
    assert places[searched + 1] == "Search"
    assert (searched < nav) == (path not in ("", "search?q=ferries"))


def walked(page: Page) -> str:
    """One step of Tab: where it leads; that is to be seen."""
    page.keyboard.press("Tab")
    name, outline, width = page.evaluate(_FOCUSED)
    assert outline != "none"
    assert float(width.removesuffix("px")) >= 2
    return str(name)


def test_paper_has_the_record_and_no_furniture(page: Page, service: Running, tmp_path: Path):
    page.goto(f"{service.base}record/{DEMO}")
    page.emulate_media(media="print", color_scheme="dark")
    for furniture in PRINTED_NOT:
        for each in page.locator(furniture).all():
            expect(each).to_be_hidden()
    for part in ("h1", ".people", ".source", ".doi", ".prose", ".handle", ".persistent"):
        expect(page.locator(part).first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(32, 31, 29)"
    page.pdf(path=tmp_path / "record.pdf", format="A4")
    printed = (tmp_path / "record.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") <= 3


@pytest.mark.parametrize(("name", "headed"), [(DEMO, True), (SEED, False)], ids=["related", "alone"])
def test_on_paper_no_heading_stands_over_nothing(page: Page, service: Running, name: str, headed: bool):
    page.goto(f"{service.base}record/{name}")
    heading = page.get_by_role("heading", name="Related works", include_hidden=True)
    expect(heading).to_be_visible()
    page.emulate_media(media="print")
    expect(heading).to_be_visible(visible=headed)
    expect(page.locator(".elsewhere")).to_be_hidden()


def test_colours_of_the_reader_and_rest_for_the_eyes_are_kept(browser: Browser, service: Running):
    with visit(browser, forced_colors="active", reduced_motion="reduce") as opened:
        page = opened.page
        page.goto(service.base)
        assert page.evaluate("document.getAnimations().length") == 0
        ink, paper = page.evaluate(
            "[getComputedStyle(document.querySelector('.fill')).fill, getComputedStyle(document.body).backgroundColor]"
        )
        assert ink != paper


def test_what_is_chosen_is_told_without_colours(browser: Browser, service: Running):
    with visit(browser, forced_colors="active") as opened:
        page = opened.page
        page.goto(f"{service.base}search?q=ferries&sort=date")
        for chosen, other in (
            (".top nav a[aria-current]", ".top nav a"),
            (".sorts a[aria-current]", ".sorts a"),
        ):
            lines = [
                page.locator(each).first.evaluate("link => getComputedStyle(link).textDecorationLine")
                for each in (chosen, f"{other}:not([aria-current])")
            ]
            assert lines == ["underline", "none"]
