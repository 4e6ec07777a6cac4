"""The seam to pyoai 2.5.0, which lets its client run on today's Python and lxml; nobody else imports `oaipmh`.

pyoai speaks the protocol; HTTP is `fetching`'s, what a page holds is `pages`'. On the day that a maintained successor
is chosen, this file is what is taken out.
"""

import importlib
import time
import warnings
import weakref
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from lxml import etree

from repository.model.errors import SourceError
from repository.readers.fetching import Fetcher
from repository.readers.page_records import OAI, Found, parsed
from repository.readers.pages import ListPage, list_page

Handle = Callable[[Mapping[str, str]], bytes]


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
            return parsed(xml)

    return Client


class ProtocolError(SourceError):
    """An error of OAI-PMH as the upstream gave it; `code` is the protocol's word."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Identity(NamedTuple):
    """What an upstream says of itself, as far as a harvest needs it; the elements in its descriptions as they came."""

    name: str
    base_url: str
    granularity: str
    descriptions: tuple[Any, ...] = ()


class Upstream:
    """A repository as a harvest asks it: pyoai's requests and errors, and pages read record by record.

    Every method raises SourceError, ProtocolError among them, where there is no answer to go on with.
    """

    def __init__(self, handle: Handle) -> None:
        self._page: ListPage
        # Of the formats that were told last.
        self.schemas: frozenset[str] = frozenset()
        self._client = client_over(handle)
        self._client.parse = self._read

    def _read(self, xml: bytes) -> Any:
        self._page = list_page(xml)
        return self._page.envelope

    def identify(self) -> Identity:
        tree = self._asked("Identify", {})
        texts = {
            element.tag.rpartition("}")[2]: (element.text or "").strip()
            for element in tree.iterfind("{*}Identify/{*}*")
        }
        name, base_url, granularity = (
            texts.get(name, "") for name in ("repositoryName", "baseURL", "granularity")
        )
        descriptions = tuple(tree.iterfind("{*}Identify/{*}description/{*}*"))
        return Identity(name, base_url, granularity, descriptions)

    def formats(self) -> dict[str, str]:
        """{prefix: namespace} of what it gives."""
        tree = self._asked("ListMetadataFormats", {})
        found = self._client.ListMetadataFormats_impl({}, tree)
        self.schemas = frozenset(str(schema).strip() for _, schema, _ in found)
        return {str(prefix).strip(): str(namespace).strip() for prefix, _, namespace in found}

    def page(self, arguments: Mapping[str, str]) -> ListPage:
        """A page of ListRecords: by `metadataPrefix` and its fellows, or by `resumptionToken`."""
        tree = self._asked("ListRecords", arguments)
        if tree.find(f"{OAI}ListRecords") is None:
            held = ", ".join(str(child.tag).rpartition("}")[2] for child in tree.iterchildren(etree.Element))
            raise SourceError(
                f"ListRecords was answered with neither a list nor an error, but with {held[:200] or 'nothing'}; "
                "tell the upstream's maintainer"
            )
        return self._page

    def last(self) -> ListPage:
        """The last answer as a page: of what an error was given, it is empty but for its date."""
        return self._page

    def one(self, identifier: str, prefix: str) -> Found | None:
        self._asked("GetRecord", {"identifier": identifier, "metadataPrefix": prefix})
        return next(iter(self._page.records), None)

    def _asked(self, verb: str, arguments: Mapping[str, str]) -> Any:
        error = pyoai().error
        try:
            return self._client.makeRequestErrorHandling(verb=verb, **arguments)
        except error.ErrorBase as problem:
            # Said anew: pyoai makes `None` of a reason that was not given.
            told = self._page.envelope.find(f"{OAI}error")
            code = str(told.get("code", "")).strip()[:100] or "an error without a code"
            known = not isinstance(problem, error.UnknownError)
            reason = " ".join((told.text or "").split()) or "no reason given"
            raise ProtocolError(
                code if known else "unknown", f"{verb} was answered with {code}: {reason}"
            ) from None


def http_client(
    url: str, registry: object | None = None, sleep: Callable[[float], object] = time.sleep
) -> Any:
    """A pyoai client of the repository at `url`, which never waits or reads without end.

    pyoai's own client has no time limit, no size limit, and sleeps as long as it is told.
    """
    fetcher = Fetcher(url, sleep=sleep)
    client = client_over(fetcher.get, registry)
    # pyoai has no way to close a client: its connections go with it.
    weakref.finalize(client, fetcher.let_go)
    return client
