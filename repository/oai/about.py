"""What is told about a record beside its metadata: where it came from, and under which licence it is given.

Sources: https://www.openarchives.org/OAI/2.0/guidelines-provenance.htm and guidelines-rights.htm.
"""

from repository.model import datestamps
from repository.model.records import Origin
from repository.oai.xml import attribute, text

_PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
_RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"
_METADATA = "http://www.openarchives.org/OAI/2.0/entity#metadata"


def containers(origin: tuple[Origin, ...], licence: str) -> str:
    """The about elements of a record, behind its metadata. Our licence is for what was not harvested elsewhere."""
    if origin:
        return f"<about>{_provenance(origin)}</about>\n"
    return f"<about>{_rights(licence)}</about>\n" if licence else ""


def rights_manifest(licence: str) -> str:
    """The description of a repository whose metadata has one licence."""
    return (
        f'<rightsManifest xmlns="{_RIGHTS}" xsi:schemaLocation="{_RIGHTS}'
        f' http://www.openarchives.org/OAI/2.0/rightsManifest.xsd" appliesTo="{_METADATA}">'
        f'<rights><rightsReference ref="{attribute(licence)}"/></rights></rightsManifest>'
    )


def _rights(licence: str) -> str:
    return (
        f'<rights xmlns="{_RIGHTS}" xsi:schemaLocation="{_RIGHTS} http://www.openarchives.org/OAI/2.0/rights.xsd">'
        f'<rightsReference ref="{attribute(licence)}"/></rights>'
    )


def _provenance(origin: tuple[Origin, ...]) -> str:
    """The newest step outside, those before it within one another."""
    nested = ""
    for step in reversed(origin):
        nested = (
            f'<originDescription harvestDate="{datestamps.format_seconds(step.harvested)}"'
            f' altered="{"true" if step.altered else "false"}"><baseURL>{text(step.base_url)}</baseURL>'
            f"<identifier>{text(step.identifier)}</identifier><datestamp>{text(step.datestamp)}</datestamp>"
            f"<metadataNamespace>{text(step.namespace)}</metadataNamespace>{nested}</originDescription>"
        )
    return (
        f'<provenance xmlns="{_PROVENANCE}" xsi:schemaLocation="{_PROVENANCE} {_PROVENANCE}.xsd">'
        f"{nested}</provenance>"
    )
