"""The seam to pyoai 2.5.0, which lets its client run on today's Python and lxml; nobody else imports `oaipmh`.

No OAI-PMH is spoken here, and no record is read: the client does the one, whoever harvests the other. On the day
that a maintained successor is chosen, this file is what is taken out.
"""

import importlib
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from lxml import etree

from repository.model.errors import SourceError

Handle = Callable[[Mapping[str, str]], bytes]

MAX_RESPONSE = 64 * 1024 * 1024
MAX_WAIT_SECONDS = 300
_TRIES = 5
_SECONDS = 60


class Pyoai(NamedTuple):
    """pyoai's modules, made usable. `error` has its typed errors, `metadata` its readers of oai_dc."""

    client: ModuleType
    error: ModuleType
    metadata: ModuleType


@cache
def pyoai() -> Pyoai:
    """pyoai with its import's warnings silenced (pkg_resources, invalid escapes), and with `.evaluate` given back.

    Its client and metadata modules call `.evaluate` of lxml's XPath evaluators, which lxml 5 took away in favour
    of calling them. Only the name `etree` within those two modules is changed, not lxml.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = Pyoai(*(importlib.import_module(f"oaipmh.{name}") for name in Pyoai._fields))
    for module in (found.client, found.metadata):
        setattr(module, "etree", _Etree())  # noqa: B010 - a module's attribute that mypy cannot know
    return found


class _Etree:
    """lxml.etree, but XPathEvaluator makes something with `.evaluate`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(etree, name)

    def XPathEvaluator(self, node: Any, **options: Any) -> "_Evaluator":  # noqa: N802 - lxml's name
        return _Evaluator(etree.XPathEvaluator(node, **options))


class _Evaluator(NamedTuple):
    evaluate: Callable[..., Any]


class AsFound:
    """A metadata registry that gives each record's `<metadata>` element as it came, whatever its prefix."""

    def readMetadata(self, prefix: str, element: Any) -> Any:  # noqa: N802 - pyoai's name
        return element


def client_over(handle: Handle, registry: object | None = None) -> Any:
    """A pyoai client whose requests go to `handle`: arguments of the request in, the response's bytes out.

    pyoai's typed errors are raised as ever (`pyoai().error.NoRecordsMatchError` ...). `registry` reads metadata;
    by default elements come as they are.
    """
    return _client_class()(handle, registry or AsFound())


@cache
def _client_class() -> Any:
    base: Any = pyoai().client.BaseClient

    class Client(base):  # type: ignore[misc]
        def __init__(self, handle: Handle, registry: object) -> None:
            super().__init__(registry)
            self._handle = handle

        def makeRequest(self, **arguments: str | None) -> bytes:  # noqa: N802 - pyoai's name
            return self._handle({name: value for name, value in arguments.items() if value is not None})

        def parse(self, xml: bytes) -> Any:
            # pyoai would take lxml's default parser. A SyntaxError becomes pyoai's XMLSyntaxError.
            root = etree.fromstring(xml, _parser())
            information: Any = root.getroottree().docinfo
            if information.doctype:
                raise SyntaxError("the response has a DOCTYPE")
            return root

    return Client


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def http_client(
    url: str, registry: object | None = None, sleep: Callable[[float], object] = time.sleep
) -> Any:
    """A pyoai client of the repository at `url`, which never waits or reads without end.

    pyoai's own client has no time limit, no size limit, and sleeps as long as it is told.
    """
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise SourceError(f"{url!r} is not an http or https address")

    def handle(arguments: Mapping[str, str]) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
            f"{url}?{urllib.parse.urlencode(arguments)}", headers={"User-Agent": "Sheaf (pyoai)"}
        )
        return _fetched(request, sleep)

    return client_over(handle, registry)


def _fetched(request: urllib.request.Request, sleep: Callable[[float], object]) -> bytes:
    for _ in range(_TRIES):
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                body: bytes = response.read(MAX_RESPONSE + 1)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                raise SourceError(f"{request.full_url} answered {error.code} {error.reason}") from None
            sleep(_wait(error.headers.get("Retry-After")))
            continue
        except OSError as error:
            raise SourceError(f"{request.full_url} cannot be reached: {error}") from None
        if len(body) > MAX_RESPONSE:
            raise SourceError(f"{request.full_url} answered with more than {MAX_RESPONSE} bytes")
        return body
    raise SourceError(f"{request.full_url} asked {_TRIES} times to be left alone for a while")


def _wait(retry_after: str | None) -> float:
    """Seconds; a date, or nothing, counts as 30."""
    seconds = retry_after or ""
    return float(min(int(seconds[:9]), MAX_WAIT_SECONDS)) if seconds.isascii() and seconds.isdigit() else 30.0
