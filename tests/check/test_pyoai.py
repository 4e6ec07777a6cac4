"""What is said of pyoai's own server is true: each row was looked up in its source. The docs have it as an example."""

import re
from pathlib import Path

import pytest

from tests.check.conftest import checked, verdicts
from tests.check.proxy import Proxy
from tests.check.pyoai_server import PyoaiServer

DOCS = Path(__file__).parents[2] / "docs" / "check-oai.md"


# pyoai 2.5.0 asks the clock in a way that Python 3.12 deprecates.
@pytest.mark.filterwarnings("ignore:.*utcnow.*:DeprecationWarning")
def test_of_pyoais_own_server_just_what_it_does_wrong_is_told() -> None:
    section = DOCS.read_text().partition("## An example")[2].partition("\n## ")[0]
    told = {row for line in re.findall(r"^\| ([A-K]\d.*?) \|", section, re.M) for row in line.split(", ")}
    server = PyoaiServer()
    proxy = Proxy(defect=server.answer)
    with proxy.running():
        server.application.base = proxy.url
        report = checked(proxy)
    assert set(verdicts(report, "FAILED", "warning", "tool error")) == told
    found = verdicts(report, "FAILED")
    assert "request has the attributes {}" in found["B2"]
    assert "pairs {'http://purl.org/dc/elements/1.1/'" in found["D6"]
    assert "HTTP 500, text/plain, where badResumptionToken is due" in found["A10"]
