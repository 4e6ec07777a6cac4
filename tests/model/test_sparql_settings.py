"""The SPARQL server of the settings: an http or https URL, and a password that nothing prints."""

import pytest

from repository.model.errors import SettingsError
from repository.model.settings import make_settings

URL = "http://127.0.0.1:8890/sparql"


@pytest.mark.parametrize(
    "values",
    [
        {"sparql_url": "127.0.0.1:8890/sparql"},
        {"sparql_url": "ftp://127.0.0.1/sparql"},
        {"sparql_url": "file:///etc/passwd"},
        {"sparql_url": "http://sheaf:top-secret@127.0.0.1/sparql"},
        {"sparql_url": "http://"},
        {"sparql_url": URL, "sparql_update_url": "sparql-auth"},
        {"sparql_update_url": URL},
        {"sparql_user": "sheaf"},
    ],
    ids=str,
)
def test_an_impossible_server_is_refused_without_its_password(values: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="sparql_") as refused:
        make_settings(values)
    assert "top-secret" not in str(refused.value)


def test_the_password_is_in_no_printed_settings() -> None:
    settings = make_settings({"sparql_url": URL, "sparql_user": "sheaf", "sparql_password": "top-secret"})
    assert "top-secret" not in repr(settings)
    assert settings.sparql_password == "top-secret"
