"""The page for machines in process: its commands name this repository and a record of it, and ask for what is there.

tests/looks/test_machines.py runs them against a real service.
"""

import html
import re
import shlex
from urllib.parse import urlencode

from repository.assembly import opened
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import draft
from tests.web.conftest import BASE
from tests.web.test_pages import page

COMMAND = re.compile(
    r'<span class="quiet gives">([^<]*)</span></figcaption>\s*<pre[^>]*><code[^>]*>([^<]*)</code>'
)


def commands(text: str) -> list[tuple[str, str]]:
    """(command, media type of its answer) as the page has them."""
    return [(html.unescape(command), gives) for gives, command in COMMAND.findall(text)]


def asked(client, words: list[str]):
    """The reply to what a curl with these words asks."""
    headers, form, url, method = {}, {}, "", "GET"
    rest = iter(words)
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "--data-urlencode":
            name, _, value = next(rest).partition("=")
            form[name] = value
        elif word in ("-X", "-o", "--data-binary"):
            method = next(rest) if word == "-X" else method
        elif word.startswith("http"):
            url = word
    assert url.startswith(BASE)
    path = "/" + url.removeprefix(BASE)
    path += "?" + urlencode(form) if form else ""
    reply = client.open(path, method=method, headers=headers)
    while reply.status_code in (302, 303) and "-L" in words:
        reply = client.get("/" + reply.headers["Location"].removeprefix(BASE), headers=headers)
    return reply


def test_every_command_that_reads_is_answered_in_the_type_that_it_names(client):
    found = commands(page(client, "/machines"))
    assert len(found) > 25
    for command, gives in found:
        words = shlex.split(command.partition(" | ")[0])
        # What other processes answer from their indexes, and writing.
        if words[0] != "curl" or "-X" in words or re.search(rf"{BASE}(sparql|search|similar)", command):
            continue
        reply = asked(client, words[1:])
        assert (reply.status_code, reply.mimetype) == (200, gives), command


def test_the_commands_are_about_a_record_of_this_repository(client):
    text = page(client, "/machines")
    things = set(re.findall(rf"{BASE}id/([^ \"'&<>]+)", html.unescape(text)))
    assert len(things) == 1
    assert client.get(f"/record/{things.pop()}.ttl").status_code == 200


def test_without_records_the_page_says_so(tmp_path):
    with opened(make_settings({"data": str(tmp_path)})) as house:
        assert "no records yet" in page(create_app(house).test_client(), "/machines")


def test_no_identifier_says_anything_to_a_shell(fresh, house):
    house.log.append([draft("it's;$(x)&(1)", "The newest")])
    for command, _ in commands(page(fresh, "/machines")):
        assert "$(x)" not in command
