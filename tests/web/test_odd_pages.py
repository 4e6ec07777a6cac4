"""Pages of records, of their versions and of lists stay harmless, valid and small, whatever is in the fields."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from lxml import html

from repository.assembly import House
from repository.model.bodies import join
from repository.model.site import internal_thing
from repository.model.terms import DCTERMS
from repository.model.work import File, Organisation, Person, Text, Work
from repository.web import facts, inbound, outbound
from repository.web.app import create_app
from tests.kit import work
from tests.web.attacks import TEXTS, judged, laden
from tests.web.conftest import BASE, as_draft
from tests.web.lines import found, links, said

MOST_BYTES = 50_000
HOST = "RePEc:xss:series"
PERSON = "RePEc:per:1970-01-01:ODD_PERSON"


@pytest.fixture(scope="module")
def odd(open_at) -> tuple[House, FlaskClient]:
    house = open_at(BASE)
    return house, create_app(house).test_client()


@pytest.fixture(scope="module")
def house(open_at) -> House:
    """One for all tests here; each writes its own records, or writes over those of others."""
    return open_at(BASE)


@pytest.fixture(scope="module")
def fresh(house) -> FlaskClient:
    return create_app(house).test_client()


def things(text: str) -> list[Work]:
    """One of each kind that a page may be of, with the text in all fields; one work has the others around it."""
    own = f"{HOST}:1"
    about = laden("article", text)
    return [
        replace(about, identifier=own, part_of=(HOST,), has_versions=(f"{HOST}:2",), jel=("I11",)),
        replace(about, identifier=f"{HOST}:2", type="paper", part_of=(HOST,), cites=(own,)),
        replace(about, identifier=f"{HOST}:3", type="chapter", part_of=(own,), cites=(own,)),
        replace(
            about,
            identifier=HOST,
            type="journal",
            maintainer=text,
            source_fields=(
                f"Order-Homepage: {text}",
                f"Price: {text}",
                "Order-Homepage: javascript:alert(1)",
            ),
        ),
        replace(
            about, identifier=PERSON, type="person", given=text, family=text, short_id="pod1", made=(own,)
        ),
        replace(
            about,
            identifier="RePEc:edi:odddd",
            type="institution",
            name_english=text,
            postal=text,
            location=text,
        ),
        replace(about, identifier="RePEc:xss", type="archive", maintainer=text),
    ]


def pages(house: House) -> list[str]:
    with house.log.read() as reading:
        seqs = {name: reading.get(name).seq for name in (f"{HOST}:1", HOST, PERSON)}  # type: ignore[union-attr]
    names = [f"{HOST}:1", f"{HOST}:2", f"{HOST}:3", HOST, PERSON, "RePEc:edi:odddd", "RePEc:xss"]
    return [
        *(f"/record/{name}.html" for name in names),
        *(f"/version/{seq}/{name}.html" for name, seq in seqs.items()),
        *(f"/timemap/{name}.html" for name in names[:2]),
        *(
            f"/links/{kind}/{HOST}:1.html"
            for kind in ("citations", "parts", "versions", "links", "references", "authors", "editors")
        ),
        f"/links/works/{PERSON}.html",
        f"/links/parts/{HOST}.html",
        "/record/jel:I11.html",
        *(f"/browse/in/{HOST}?sort={order}" for order in ("date", "title", "place")),
        *(
            f"/browse/{what}"
            for what in ("series", "persons", "institutions", "archives", "years/2020", "types/paper")
        ),
        "/browse/archives/RePEc:xss",
        *(
            f"/browse/authors/{letter}"
            for letter in ("s", "a", "o", "i", "h", "c", "x", "7", "0-9", "other")
            if letter != "7"
        ),
    ]


# All of them are asked for on every page once in a while; these are the ones that end what pages begin.
_OFTEN = ("an attribute", "an end of a script", "a handler")
_ALL = [
    pytest.param(text, id=name, marks=() if name in _OFTEN else pytest.mark.slow)
    for name, text in TEXTS.items()
]


@pytest.mark.parametrize("text", _ALL)
def test_no_page_runs_what_a_field_says(odd, text: str) -> None:
    house, client = odd
    # Twice, so that there are versions with another text before them.
    for made in (things("Harmless"), things(text)):
        house.log.append([as_draft(each) for each in made])
    for path in pages(house):
        reply = client.get(path, headers={"Accept": "text/html"})
        assert reply.status_code == 200, (path, reply.text)
        assert "Traceback" not in reply.text
        judged(reply.data, scripts=1 if path.startswith("/record/") and "jel:" not in path else 0)
        csp = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp
        assert "script-src" not in csp


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_page_shows_the_text_as_it_is(odd, text: str) -> None:
    house, client = odd
    house.log.append([as_draft(each) for each in things(text)])
    page = html.fromstring(client.get(f"/record/{HOST}:1.html").text)
    shown = " ".join(text.split())
    for place in (
        "h1.title",
        "ul.authors li",
        "p.prose",
        "dd.keywords a",
        "span.restriction",
        "span.volume",
        "dd.publisher",
    ):
        assert any(shown in " ".join(line.split()) for line in said(page, place)), place
    series = html.fromstring(client.get(f"/record/{HOST}.html").text)
    assert not [link for link in links(series, "div.ordering a") if not link.startswith("http")]


# -- how large pages are -------------------------------------------------------------------------------------------

N = 2_000
# As many pages of a list as tell how they follow one another.
_SOME = [450, pytest.param(N, marks=pytest.mark.slow)]


def large(many: int) -> dict[str, dict[str, object]]:
    return {
        "authors": {
            "creators": tuple(
                Person(f"Somebody {n}", workplaces=(Organisation("A place"),)) for n in range(many)
            )
        },
        "editors": {"editors": tuple(Person(f"Somebody {n}") for n in range(many))},
        "references": {
            "references": tuple(f"Keeper {n} (1843). On being waved at, volume {n}." for n in range(many))
        },
        "links": {"cites": tuple(f"RePEc:xxx:joujou:cited{n:04}" for n in range(many))},
        "keywords": {"keywords": tuple(Text(f"keyword {n}") for n in range(many))},
        "files": {
            "files": tuple(File(f"https://example.org/{n}.pdf", "application/pdf") for n in range(many))
        },
        "versions": {"has_versions": tuple(f"RePEc:xxx:joujou:version{n}" for n in range(many))},
        "abstract": {"abstracts": (Text("On ferries. " * 20_000),)},
        "notes": {"notes": tuple(Text(f"A note {n}, " * 50) for n in range(many))},
        "source fields": {"source_fields": tuple(f"X-Field-{n}: " + "x" * 500 for n in range(many))},
        "addresses": {"see_also": tuple(f"https://example.org/{n}" for n in range(many))},
        "publishers": {"publishers": tuple(f"Press {n}" for n in range(many))},
        "numbers": {
            "isbns": tuple(f"978{n:010}" for n in range(many)),
            "alternatives": tuple(Text(f"Also {n}") for n in range(many)),
        },
        "hosts": {"part_of": tuple(f"RePEc:xxx:series:{n}" for n in range(many)), "host": ""},
    }


LARGE = large(N)


@pytest.mark.parametrize("what", LARGE)
def test_no_record_makes_a_page_of_more_than_50_kB(house, fresh, what: str) -> None:
    made = work("large", **LARGE[what])
    house.log.append([as_draft(made)])
    reply = fresh.get(f"/record/{made.identifier}.html")
    assert reply.status_code == 200
    assert len(reply.data) <= MOST_BYTES
    json.loads(html.fromstring(reply.text).xpath("//script")[0].text)


def walk(client: FlaskClient, path: str) -> list[str]:
    lines: list[str] = []
    for _ in range(100):
        reply = client.get(path, headers={"Accept": "text/html"})
        assert reply.status_code == 200
        assert len(reply.data) <= MOST_BYTES
        page = html.fromstring(reply.text)
        lines += said(page, "ul.list li")
        following = page.xpath("//p//a[@rel='next']/@href")
        if not following:
            return lines
        path = "/" + following[0].removeprefix(BASE)
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("many", _SOME)
@pytest.mark.parametrize(
    ("what", "place", "kind"),
    [
        ("authors", "ul.authors", "authors"),
        ("references", "section.references", "references"),
        ("links", "section.references", "references"),
        ("editors", "ul.editors", "editors"),
    ],
)
def test_what_a_page_has_no_room_for_is_paged(
    house, fresh, what: str, place: str, kind: str, many: int
) -> None:
    made = work("large", **large(many)[what])
    house.log.append([as_draft(made)])
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").text)
    shown = said(page, f"{place} li")
    more = [link for link in page.xpath("//main//a/@href") if f"/links/{kind}/" in link and "after=" in link]
    rest = walk(fresh, "/" + more[0].removeprefix(BASE))
    everything = walk(fresh, f"/links/{kind}/{made.identifier}")
    assert len(shown) + len(rest) == len(everything) == many
    assert [line.split(" (")[0].split(";")[0] for line in rest][-1:] == [
        everything[-1].split(" (")[0].split(";")[0]
    ]


@pytest.mark.parametrize("kind", ["authors", "editors"])
def test_whoever_the_page_has_no_room_for_is_a_search_as_on_the_page(house, fresh, kind: str) -> None:
    names = {"authors": "creators", "editors": "editors"}
    people = (
        *(Person(f"Ada {n} Garden", f"Ada {n}", f"Garden{n}") for n in range(facts.MOST_PEOPLE)),
        Person("Ben Ferry", "Ben", "Ferry"),
        Person("Known", identifier="pga1"),
        Person("؟"),
    )
    made = work("large", **{names[kind]: people})
    house.log.append([as_draft(made)])

    def addresses(path: str, place: str) -> list[str]:
        return html.fromstring(fresh.get(path).text).xpath(f"{place}//li/a/@href")

    shown = addresses(f"/record/{made.identifier}.html", f"//ul[contains(@class, '{kind}')]")
    pages = ("", f"?after={inbound.LONG_PAGE}")
    path = f"/links/{kind}/{made.identifier}.html"
    listed = [each for page in pages for each in addresses(f"{path}{page}", "//ul[@class='list']")]
    assert len(shown) == facts.MOST_PEOPLE
    assert listed == [*shown, f"{BASE}search?q=author%3A%22Ferry%2C%20Ben%22", f"{BASE}id/pga1"]


@pytest.mark.parametrize("many", _SOME)
def test_the_pages_of_a_list_are_rdf_that_joins_to_the_whole(house, fresh, many: int) -> None:
    made = work("large", **large(many)["references"])
    house.log.append([as_draft(made)])
    nodes: set[str] = set()
    path = f"/links/references/{made.identifier}.nt"
    while path:
        text = fresh.get(path).text
        nodes |= set(
            re.findall(r"<[^>]*#reference-(\d+)> <http://purl.org/dc/terms/bibliographicCitation>", text)
        )
        following = re.findall(r"<http://www.w3.org/ns/hydra/core#next> <([^>]+)>", text)
        path = (
            following[0].replace(BASE, "/").replace("joujou:large?", "joujou:large.nt?") if following else ""
        )
    assert nodes == {str(n) for n in range(1, many + 1)}


@pytest.mark.parametrize("kind", ["references", "authors"])
def test_what_a_list_names_elsewhere_keeps_its_own_address_there(house, fresh, kind: str) -> None:
    elsewhere = "https://example.org/people/5"
    signed = (Person("Ada Garden"), Person("Ben Ferry", identifier=elsewhere))
    house.log.append([as_draft(work("wide", cites=(elsewhere, "RePEc:xxx:joujou:2"), creators=signed))])
    text = fresh.get(f"/links/{kind}/RePEc:xxx:joujou:wide.nt").text
    here = {"references": "RePEc:xxx:joujou:2", "authors": "RePEc:xxx:joujou:wide#author-1"}[kind]
    members = set(re.findall(r"<http://www.w3.org/ns/hydra/core#member> <([^>]+)>", text))
    assert members == {elsewhere, f"{BASE}id/{here}"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/links/references/{}?after=x", 400),
        ("/links/authors/{}?after=99999999999", 400),
        ("/links/authors/{}?after=-1", 400),
        ("/links/references/{}?after=500", 200),
        ("/links/authors/jel:I11", 404),
        ("/links/nothing/{}", 404),
    ],
)
def test_a_page_that_there_is_not_is_refused_in_words(client, path: str, status: int) -> None:
    reply = client.get(path.format("RePEc:xxx:joujou:1"), headers={"Accept": "text/html"})
    assert reply.status_code == status
    assert set(outbound.LISTS) == {"references", "authors", "editors"}


def test_a_reference_that_names_a_record_leads_to_it(house, fresh) -> None:
    house.log.append(
        [
            as_draft(work("cited", "On lamps", dois=("10.1000/lamps",))),
            as_draft(
                work(
                    "citing",
                    references=(
                        "Keeper (1843), doi:10.1000/LAMPS.",
                        "Nobody (1900).",
                        "See RePEc:xxx:joujou:cited.",
                    ),
                )
            ),
        ]
    )
    page = html.fromstring(fresh.get("/record/RePEc:xxx:joujou:citing.html").text)
    matched = found(page, "section.references li.matched")
    assert [each.get("id") for each in matched] == ["reference-1", "reference-3"]
    assert links(page, "section.references li a.held") == [f"{BASE}id/RePEc:xxx:joujou:cited"] * 2
    assert said(page, "section.references span.count") == ["3"]
    cited = html.fromstring(fresh.get("/record/RePEc:xxx:joujou:cited.html").text)
    assert links(cited, "section.citations li a") == [f"{BASE}id/RePEc:xxx:joujou:citing"]
    assert (
        len(
            said(
                html.fromstring(fresh.get("/links/references/RePEc:xxx:joujou:citing.html").text),
                "ul.list li",
            )
        )
        == 3
    )


def test_long_lists_are_counted_beyond_the_page(house, fresh) -> None:
    target = work("much", part_of=())
    house.log.append([as_draft(target)])
    house.log.append([as_draft(work(f"c{n}", cites=(target.identifier,))) for n in range(60)])
    page = html.fromstring(fresh.get(f"/record/{target.identifier}.html").text)
    assert said(page, "section.citations span.count") == ["60"]
    assert len(found(page, "section.citations li")) == 25
    house.log.append([as_draft(work(f"d{n}", cites=(target.identifier,))) for n in range(1000)])
    page = html.fromstring(fresh.get(f"/record/{target.identifier}.html").text)
    assert said(page, "section.citations span.count") == ["more than 1,000"]
    assert len(page.text_content()) < MOST_BYTES


def test_a_long_address_is_shown_without_its_middle(house, fresh) -> None:
    address = "https://example.org/" + "a" * 60 + "/" + "b" * 60 + "/end.pdf"
    house.log.append(
        [
            as_draft(
                work("long", files=(File(address), File("javascript:alert(1)"), File("ftp://example.org/x")))
            )
        ]
    )
    page = html.fromstring(fresh.get("/record/RePEc:xxx:joujou:long.html").text)
    assert links(page, "section.downloads a") == [address, "ftp://example.org/x"]
    (shown, _) = said(page, "section.downloads a")
    assert " ... " in shown
    assert len(shown) < 80
    assert shown.endswith("/end.pdf")


@pytest.mark.parametrize("date", ["2020", "2020-02", "2020-02-29", "0999", "2021-02-29", "2020-13", "0000"])
def test_only_dates_that_html_knows_are_marked_so(house, fresh, date: str) -> None:
    house.log.append([as_draft(work("dated", issued=date))])
    page = html.fromstring(fresh.get("/record/RePEc:xxx:joujou:dated.html").text)
    assert said(page, "dd.date") == [date]
    marked = [each.get("datetime") for each in found(page, "dd.date time")]
    assert marked == ([date] if date in ("2020", "2020-02", "2020-02-29", "0999") else [])


def test_headings_descend_without_a_gap_and_labels_have_their_elements(client) -> None:
    for name in ("RePEc:xxx:joujou:1", "RePEc:xxx:joujou", "RePEc:per:1970-01-01:ADA_GARDEN"):
        page = html.fromstring(client.get(f"/record/{name}.html").text)
        levels = [int(each.tag[1]) for each in page.xpath("//main//*[self::h1 or self::h2 or self::h3]")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert set(page.xpath("//@aria-labelledby")) <= set(ids)
        for each in page.xpath("//dl"):
            assert {child.tag for child in each} <= {"dt", "dd"}
    assert facts.MOST_PEOPLE <= 100


def test_people_that_a_record_only_links_to_are_called_by_the_names_of_their_own(
    house: House, fresh: FlaskClient
) -> None:
    person, unknown = "RePEc:per:1970-01-01:BY_LINK", "https://orcid.org/0000-0002-1825-0097"
    draft = as_draft(work("linked", creators=()))
    own = f"<{internal_thing(draft.identifier)}> <{DCTERMS}creator>"
    lines = [f"{own} <{internal_thing(person)}> .", f"{own} <{unknown}> ."]
    house.log.append([replace(draft, body=join([*(draft.body or b"").decode().splitlines(), *lines]))])
    at = f"/record/{draft.identifier}.html"
    before = fresh.get(at)
    assert person in before.text
    house.log.append([as_draft(Work(person, "person", Text("Ada Thorn")))])
    reply = fresh.get(at, headers={"If-None-Match": before.headers["ETag"]})
    assert reply.status_code == 200
    page = html.fromstring(reply.text)
    assert [each.text_content().strip() for each in page.xpath("//*[starts-with(@id,'author-')]")] == [
        unknown,
        "Ada Thorn",
    ]
    assert page.xpath("//meta[@name='citation_author']/@content") == [unknown, "Ada Thorn"]
    assert f'href="{BASE}id/{person}"' in reply.text
