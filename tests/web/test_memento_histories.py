"""Whatever happened to a record: the time gate, the time map and the versions tell what its entries tell."""

import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from repository.assembly import opened
from repository.model.records import Record
from repository.model.settings import make_settings
from repository.web import timemap
from tests.kit import START, draft, removal
from tests.web.past import Past, asking, by_rel, past, seconds

BASE = "https://papers.example.org/"
NAMES = ("1", "2")

Act = tuple[str, str, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("change", "change", "same", "delete", "move", "erase", "touch")),
        st.sampled_from(NAMES),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=14,
)


def play(made: Past, acts: list[Act]) -> None:
    for number, (act, name, wait) in enumerate(acts):
        made.clock.now += wait
        identifier = f"RePEc:xxx:joujou:{name}"
        if act == "erase":
            if made.log.get(identifier):
                made.log.erase(identifier)
            continue
        made.log.append(
            [
                {
                    "change": draft(name, f"Title {number}"),
                    "same": draft(name, "The same"),
                    "touch": draft(name, "The same", sets=(f"s{number}",)),
                    "delete": removal(name),
                    "move": removal(name, successor="RePEc:xxx:joujou:9"),
                }[act]
            ]
        )


def scanned(history: list[Record], moment: int) -> Record:
    """What the time gate ought to say: a look at every entry, oldest first."""
    until = [entry for entry in history if entry.datestamp <= moment]
    kept = [entry for entry in history if entry.erased is None]
    return until[-1] if until else (kept or history)[0]


@settings(max_examples=25)
@given(ACTS, st.lists(st.integers(-3, 40), min_size=1, max_size=4), st.integers(1, 4))
def test_every_door_tells_what_a_scan_of_the_history_tells(acts, moments, size):
    whole, timemap.PAGE = timemap.PAGE, size
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            opened(make_settings({"data": folder, "base_url": BASE})) as house,
            past(house) as made,
        ):
            play(made, acts)
            for name in NAMES:
                _compare(made, f"RePEc:xxx:joujou:{name}", moments)
    finally:
        timemap.PAGE = whole


def _compare(made: Past, identifier: str, moments: list[int]) -> None:
    client = made.client
    with made.log.read() as reading:
        history = [
            entry for old in reversed(reading.history(identifier)) if (entry := reading.entry(old.seq))
        ]
    if not history:
        assert client.get(f"/timegate/{identifier}").status_code == 404
        return
    address = {entry.seq: f"{BASE}version/{entry.seq}/{identifier}" for entry in history}
    for moment in moments:
        reply = client.get(f"/timegate/{identifier}", headers=asking(START + moment))
        assert reply.headers["Location"] == address[scanned(history, START + moment).seq]
    assert client.get(f"/timegate/{identifier}").headers["Location"] == address[history[-1].seq]
    kept = [entry for entry in history if entry.erased is None]
    listed = list(_walk(client, f"/timemap/{identifier}"))
    assert [(link["url"], seconds(link)) for link in listed] == [(address[e.seq], e.datestamp) for e in kept]
    for entry in history:
        reply = client.get(f"/version/{entry.seq}/{identifier}")
        assert reply.status_code == (200 if entry.body is not None else 410)
        assert ("Memento-Datetime" in reply.headers) == (entry.erased is None)
        if reply.status_code == 200:
            newest = entry.seq == history[-1].seq
            assert reply.headers["Cache-Control"] == f"public, max-age={60 if newest else 3600}"
            page = client.get(f"/version/{entry.seq}/{identifier}.html").text
            assert ("An old version" in page) == (not newest)
        found = by_rel(reply.headers["Link"])
        before = [e for e in kept if e.seq < entry.seq]
        behind = [e for e in kept if e.seq > entry.seq]
        assert [link["url"] for link in found.get("prev", [])] == [address[e.seq] for e in before[-1:]]
        assert [link["url"] for link in found.get("next", [])] == [address[e.seq] for e in behind[:1]]


def _walk(client, url: str):
    while url:
        reply = client.get(url)
        assert reply.status_code == 200
        yield from by_rel(reply.text).get("memento", [])
        following = by_rel(reply.headers["Link"]).get("next")
        url = following[0]["url"].removeprefix(BASE[:-1]) if following else ""
