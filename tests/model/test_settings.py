"""Settings of the SPARQL server, whose password nothing prints, and how all settings reach other processes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.model.errors import SettingsError
from repository.model.settings import dump_settings, load_settings, make_settings, read_settings

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


@pytest.mark.parametrize(
    "values",
    [
        {"base_url": "https://papers.example.org/a[b]"},
        {"metadata_licence": "https://example.org/a[b]"},
        {"metadata_licence": "https://example.org/<a>"},
        {"metadata_licence": "https://example.org/a|b"},
        {"metadata_licence": "https://example.org/%zz"},
        {"metadata_licence": "CC0"},
    ],
    ids=str,
)
def test_what_stands_in_every_answer_as_an_iri_has_to_be_one(values: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(values))):
        make_settings(values)


@pytest.mark.parametrize(
    "values",
    [
        {"base_url": "http://[::1]:8080/quay"},
        {"base_url": "https://papers.example.org/~quay/a'b(c)"},
        {"metadata_licence": "https://creativecommons.org/publicdomain/zero/1.0/"},
        {"metadata_licence": "http://example.org/licences?name=a%20b#terms"},
    ],
    ids=str,
)
def test_what_is_one_is_taken_as_it_is(values: dict[str, str]) -> None:
    ((name, value),) = values.items()
    assert getattr(make_settings(values), name) == value


@pytest.mark.parametrize(
    "name", ["oai_chunks_mb", "oai_requests_per_minute", "replies_mb", "sparql_cache_mb"]
)
def test_what_may_be_nothing_may_not_be_less_nor_more_than_any_disk_has(name: str) -> None:
    assert getattr(make_settings({name: 0}), name) == 0
    for value in (-1, 10**14):
        with pytest.raises(SettingsError, match=f"{name} must be between 0 and 1,000,000"):
            make_settings({name: value})


@pytest.mark.parametrize("name", ["repository_name", "data", "sparql_password"])
def test_a_variable_that_is_no_utf_8_is_refused_and_not_told(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be written in UTF-8$"):
        make_settings({"sparql_url": URL, "sparql_user": "sheaf", name: "caf\udce9"})


def test_the_password_is_in_no_printed_settings() -> None:
    settings = make_settings({"sparql_url": URL, "sparql_user": "sheaf", "sparql_password": "top-secret"})
    assert "top-secret" not in repr(settings)
    assert settings.sparql_password == "top-secret"


@pytest.mark.parametrize("name", ["x" * 300, "/proc/self/mem"], ids=["name", "content"])
def test_a_file_that_cannot_be_read_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} cannot be read: "):
        load_settings({"SHEAF_CONFIG": name})


@given(name=st.text(min_size=1, max_size=200).filter(str.strip), workers=st.integers(1, 64))
def test_settings_arrive_in_another_process_as_they_are(name: str, workers: int) -> None:
    settings = make_settings(
        {
            "repository_name": name,
            "workers": workers,
            "data": "./there",
            "sparql_url": URL,
            "sparql_password": "x",
        }
    )
    assert read_settings(dump_settings(settings)) == settings


def test_settings_that_no_pipe_would_hold_are_refused() -> None:
    with pytest.raises(SettingsError, match="at most 15,000 characters"):
        make_settings({"oai_icon_title": "\N{GRINNING FACE}" * 15_000})
    assert len(dump_settings(make_settings({"oai_icon_title": "\N{GRINNING FACE}" * 14_500}))) < 65_536


@pytest.mark.parametrize("given", ["", " ", "da\0ta"])
def test_a_data_folder_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="data must name a folder"):
        make_settings({"data": given})
