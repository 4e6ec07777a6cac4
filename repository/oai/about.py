"""What is told about a record beside its metadata: where it came from, and under which licence it is given.

Sources: https://www.openarchives.org/OAI/2.0/guidelines-provenance.htm and guidelines-rights.htm.
"""

from dataclasses import replace
from itertools import takewhile

from repository.model import datestamps
from repository.model.errors import DateError
from repository.model.records import Origin
from repository.model.uris import is_absolute
from repository.oai.xml import attribute, text

_PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
_RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"
_METADATA = "http://www.openarchives.org/OAI/2.0/entity#metadata"


def containers(origin: tuple[Origin, ...], licence: str, namespace: str) -> str:
    """The about elements of a record, behind its metadata, which is of `namespace`.

    Our licence is for what was not harvested elsewhere; of what was, the rights are those that its upstream told.
    """
    if not origin:
        return f"<about>{_rights(licence)}</about>\n" if licence else ""
    newest = origin[0]
    if newest.namespace != namespace:
        # Whoever reads this container shall not take it for what was harvested.
        newest = replace(newest, altered=True)
    told = filter(None, (_provenance((newest, *origin[1:])), *map(_rights, newest.rights)))
    return "".join(f"<about>{each}</about>\n" for each in told)


def rights_manifest(licence: str) -> str:
    """The description of a repository whose metadata has one licence."""
    return (
        f'<rightsManifest xmlns="{_RIGHTS}" xsi:schemaLocation="{_RIGHTS}'
        f' http://www.openarchives.org/OAI/2.0/rightsManifest.xsd" appliesTo="{_METADATA}">'
        f'<rights><rightsReference ref="{attribute(licence)}"/></rights></rightsManifest>'
    )


def _rights(statement: str) -> str:
    """A URI that leads to rights, or the element that says them."""
    said = (
        f"<rightsDefinition>{statement}</rightsDefinition>"
        if statement.startswith("<")
        else f'<rightsReference ref="{attribute(statement)}"/>'
    )
    return (
        f'<rights xmlns="{_RIGHTS}" xsi:schemaLocation="{_RIGHTS} http://www.openarchives.org/OAI/2.0/rights.xsd">'
        f"{said}</rights>"
    )


def _provenance(origin: tuple[Origin, ...]) -> str:
    """The newest step outside, those before it within one another, up to the first that cannot be said."""
    nested = ""
    for step in reversed(tuple(takewhile(_sayable, origin))):
        nested = (
            f'<originDescription harvestDate="{datestamps.format_seconds(step.harvested)}"'
            f' altered="{"true" if step.altered else "false"}"><baseURL>{text(step.base_url)}</baseURL>'
            f"<identifier>{text(step.identifier)}</identifier><datestamp>{text(step.datestamp)}</datestamp>"
            f"<metadataNamespace>{text(step.namespace)}</metadataNamespace>{nested}</originDescription>"
        )
    if not nested:
        return ""
    return (
        f'<provenance xmlns="{_PROVENANCE}" xsi:schemaLocation="{_PROVENANCE} {_PROVENANCE}.xsd">'
        f"{nested}</provenance>"
    )


def _sayable(step: Origin) -> bool:
    """Whether provenance.xsd takes a step: what was kept before harvests looked at it may be anything."""
    try:
        datestamps.parse_since(step.datestamp)
    except DateError:
        return False
    return all(map(is_absolute, (step.base_url, step.identifier, step.namespace)))
