"""One frozen `Settings`, from sheaf.toml and SHEAF_* variables (the variable wins); unknown keys are errors."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from repository.model.errors import SettingsError
from repository.model.site import Site
from repository.model.uris import is_absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a maintainer may choose; the README has a paragraph for each."""

    data: Path = Path("./data")
    base_url: str = "http://127.0.0.1:8080"
    database_url: str = ""
    database_read_url: str = ""
    repository_name: str = "Sheaf"
    admin_email: str = "admin@example.org"
    oai_namespace: str = "sheaf.example"
    oai_page_size: int = 500
    oai_identifiers_page_size: int = 2000
    oai_sets_page_size: int = 1000
    oai_token_days: int = 7
    oai_chunks_mb: int = 2048
    oai_warm: str = ""
    oai_requests_per_minute: int = 0
    oai_icon_url: str = ""
    oai_icon_link: str = ""
    oai_icon_title: str = ""
    metadata_licence: str = ""
    dump_at: str = ""
    dump_keep: int = 7
    replies_mb: int = 512
    workers: int = 2
    trusted_proxies: str = ""
    metrics_from: str = "127.0.0.0/8, ::1"
    log_format: str = "text"
    log_requests: str = "no"
    search: str = "yes"
    sparql_url: str = ""
    sparql_update_url: str = ""
    sparql_user: str = ""
    sparql_password: str = field(default="", repr=False)
    sparql_seconds: int = 10
    sparql_memory_mb: int = 1536
    sparql_max_rows: int = 100_000
    sparql_max_bytes: int = 16_777_216
    sparql_client_seconds: int = 60
    sparql_workers: int = 4
    sparql_cache_mb: int = 64

    @property
    def site(self) -> Site:
        return Site(self.base_url.rstrip("/") + "/", self.oai_namespace)

    @property
    def log_url(self) -> str:
        """The record log's database as a SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'log.sqlite'}"

    @property
    def read_url(self) -> str:
        """The same of the database that the service reads: the log itself, or a replica of it."""
        return self.database_read_url or self.log_url

    @property
    def index_folder(self) -> Path:
        """Where the embedded SPARQL index, its snapshots and the broker's socket are."""
        return self.data.resolve() / "index"

    @property
    def search_folder(self) -> Path:
        """Where the search index is."""
        return self.data.resolve() / "search"

    @property
    def oai_folder(self) -> Path:
        """Where rendered chunks and counted requests are: caches, which may be deleted."""
        return self.data.resolve() / "oai"

    @property
    def replies_file(self) -> Path:
        """Where finished replies are: a cache, which may be deleted."""
        return self.data.resolve() / "replies"

    @property
    def metrics_folder(self) -> Path:
        """Where the web workers of this host count; may be deleted while nothing serves."""
        return self.data.resolve() / "metrics"

    @property
    def dumps_folder(self) -> Path:
        """Where the dumps are that are offered for download."""
        return self.data.resolve() / "dumps"


# They go to other processes through a pipe, which holds 65,536 bytes.
_MOST_CHARACTERS = 15_000
_SPARQL_URL = re.compile(r"https?://[^@\s#/]+(/[!-~]*)?")
_DOMAIN = re.compile(r"[A-Za-z][A-Za-z0-9\-]*(\.[A-Za-z][A-Za-z0-9\-]+)+")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_EMAIL = re.compile(r"[^@\s:]+@([A-Za-z0-9\-]+\.)+[A-Za-z0-9\-]+")


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ./sheaf.toml (or the file that SHEAF_CONFIG names) and the environment.

    Raises SettingsError for an unknown key, a wrong type or an impossible value, and for a file that cannot be read.
    """
    environ = os.environ if environ is None else environ
    path = Path(environ.get("SHEAF_CONFIG") or "sheaf.toml")
    values: dict[str, Any] = {}
    try:
        if path.is_file():
            values.update(tomllib.loads(path.read_text("utf-8")))
        elif environ.get("SHEAF_CONFIG"):
            raise SettingsError(f"SHEAF_CONFIG names {path}, which is not a file")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    for name, value in environ.items():
        if name.startswith("SHEAF_") and name != "SHEAF_CONFIG":
            values[name.removeprefix("SHEAF_").lower()] = value
    return make_settings(values)


def dump_settings(settings: Settings) -> bytes:
    """For `read_settings` in another process; with passwords, so not for eyes."""
    return json.dumps(asdict(settings), default=str, ensure_ascii=False).encode()


def read_settings(dumped: bytes) -> Settings:
    """The settings that `dump_settings` was given."""
    return make_settings(json.loads(dumped))


def make_settings(values: Mapping[str, Any]) -> Settings:
    """Checked settings from keys and values as a file or the environment gives them."""
    known = {each.name: each.type for each in fields(Settings)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise SettingsError(
            f"unknown setting {', '.join(unknown)} (in the settings file, or as SHEAF_{unknown[0].upper()}); "
            f"known are: {', '.join(sorted(known))}"
        )
    return _checked(Settings(**{key: _convert(key, known[key], value) for key, value in values.items()}))


def _convert(key: str, kind: Any, value: Any) -> Any:
    if kind is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if not re.fullmatch("[0-9]{1,9}", str(value)):
            raise SettingsError(f"{key} must be a whole number, not {value!r}")
        return int(value)
    if not isinstance(value, str):
        raise SettingsError(f"{key} must be a text, not {value!r}")
    # The bytes of a variable that are no UTF-8 could be written nowhere. It may be a password, so it is not told.
    if re.search(r"[\ud800-\udfff]", value):
        raise SettingsError(f"{key} must be written in UTF-8")
    if kind is not Path:
        return value
    # An empty one would be the folder that the command happens to be called in.
    if not value.strip() or "\0" in value:
        raise SettingsError(f"{key} must name a folder, not {value!r}")
    return Path(value)


def _is_server(url: str) -> bool:
    try:
        return (
            _SPARQL_URL.fullmatch(url) is not None
            and bool(urlsplit(url).hostname)
            and urlsplit(url).port != 0
        )
    except ValueError:
        return False


def _networks(text: str) -> bool:
    try:
        return all(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError:
        return False


def _checked(settings: Settings) -> Settings:
    try:
        url = urlsplit(settings.base_url)
        proper = url.port is None or url.port > 0
    except ValueError as error:
        raise SettingsError(f"base_url {settings.base_url!r} is no URL: {error}") from None
    complaints = [
        (
            sum(len(str(getattr(settings, each.name))) for each in fields(settings)) <= _MOST_CHARACTERS,
            f"the settings must have at most {_MOST_CHARACTERS:,} characters together",
        ),
        (
            proper
            and url.scheme in ("http", "https")
            and bool(url.hostname)
            and not (url.query or url.fragment or url.username)
            and re.fullmatch(r"[!-~]+", settings.base_url) is not None
            and "//" not in url.path
            and not set(url.path.split("/")) & {".", ".."}
            and not set(settings.base_url) & set('<>"{}|\\^`%')
            # They may be around an address of IPv6 alone (RFC 3986, 3.2.2).
            and not set(url.path) & set("[]"),
            f"base_url must be an http or https URL without query, fragment or user, not {settings.base_url!r}",
        ),
        (
            _DOMAIN.fullmatch(settings.oai_namespace) is not None,
            f"oai_namespace must be a dotted domain such as sheaf.example.org, not {settings.oai_namespace!r}",
        ),
        (
            _EMAIL.fullmatch(settings.admin_email) is not None,
            f"admin_email must be a bare address such as admin@example.org, not {settings.admin_email!r}",
        ),
        (
            not settings.metadata_licence
            # It stands in RDF as an IRI.
            or (
                settings.metadata_licence.startswith(("http://", "https://"))
                and is_absolute(settings.metadata_licence)
            ),
            f"metadata_licence must be the URL of a licence, not {settings.metadata_licence!r}",
        ),
        *(
            (
                not getattr(settings, name)
                or re.fullmatch(r"https?://[!-~]+", getattr(settings, name)) is not None,
                f"{name} must be an http or https URL, not {getattr(settings, name)!r}",
            )
            for name in ("oai_icon_url", "oai_icon_link")
        ),
        (bool(settings.repository_name.strip()), "repository_name must not be empty"),
        *(
            (1 <= getattr(settings, name) <= 5000, f"{name} must be between 1 and 5000")
            for name in ("oai_page_size", "oai_identifiers_page_size", "oai_sets_page_size")
        ),
        *(
            (0 <= getattr(settings, name) <= 1_000_000, f"{name} must be between 0 and 1,000,000")
            for name in ("oai_chunks_mb", "oai_requests_per_minute", "replies_mb", "sparql_cache_mb")
        ),
        (1 <= settings.oai_token_days <= 365, "oai_token_days must be between 1 and 365"),
        (
            not settings.database_read_url or bool(settings.database_url),
            "database_read_url names a replica of the log, whose own database_url must be set, too",
        ),
        (settings.search in ("yes", "no"), f"search must be yes or no, not {settings.search!r}"),
        (1 <= settings.workers <= 64, "workers must be between 1 and 64"),
        (
            not settings.dump_at or _TIME.fullmatch(settings.dump_at) is not None,
            f"dump_at must be a time of the day in UTC such as 03:00, or empty, not {settings.dump_at!r}",
        ),
        (1 <= settings.dump_keep <= 1000, "dump_keep must be between 1 and 1000"),
        *(
            (
                not getattr(settings, name) or _is_server(getattr(settings, name)),
                f"{name} must be the http or https URL of a SPARQL server; who asks is said in sparql_user",
            )
            for name in ("sparql_url", "sparql_update_url")
        ),
        (
            bool(settings.sparql_url) or not (settings.sparql_update_url or settings.sparql_user),
            "sparql_update_url and sparql_user need sparql_url, the SPARQL server that is queried",
        ),
        (1 <= settings.sparql_workers <= 64, "sparql_workers must be between 1 and 64"),
        (1 <= settings.sparql_seconds <= 3600, "sparql_seconds must be between 1 and 3600"),
        (
            512 <= settings.sparql_memory_mb <= 1_000_000,
            "sparql_memory_mb must be at least 512: opening an index alone takes about 400 of address space",
        ),
        *(
            (getattr(settings, name) >= 1, f"{name} must be at least 1")
            for name in ("sparql_max_rows", "sparql_max_bytes", "sparql_client_seconds")
        ),
        *(
            (
                _networks(getattr(settings, name)),
                f"{name} must be addresses or networks, separated by commas",
            )
            for name in ("trusted_proxies", "metrics_from")
        ),
        (
            settings.log_format in ("text", "json"),
            f"log_format must be text or json, not {settings.log_format!r}",
        ),
        (
            settings.log_requests in ("yes", "no"),
            f"log_requests must be yes or no, not {settings.log_requests!r}",
        ),
    ]
    for holds, complaint in complaints:
        if not holds:
            raise SettingsError(complaint)
    return settings
