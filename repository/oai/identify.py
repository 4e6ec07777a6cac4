"""Identify: the repository in the protocol's words, and its descriptions (OAI-PMH 4.2; guidelines-oai-identifier.htm).

Everything comes from settings, but for the earliest datestamp and an identifier that resolves.
"""

from repository.formats import OAI_FORMATS
from repository.log import Reading
from repository.model import datestamps
from repository.model.records import Selection
from repository.model.settings import Settings
from repository.oai import about, xml

_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
_BRANDING = "http://www.openarchives.org/OAI/2.0/branding/"

_LOOK = 100


def identify(settings: Settings, reading: Reading, now: int) -> str:
    """The element of the verb. Of an empty repository, `now` is the earliest datestamp."""
    earliest = reading.earliest()
    date = datestamps.format_seconds(now if earliest is None else earliest)
    descriptions = "".join(
        f"<description>{each}</description>\n"
        for each in (_identifiers(settings, reading), _branding(settings), _rights(settings))
        if each
    )
    return (
        "<Identify>\n"
        f"<repositoryName>{xml.text(settings.repository_name)}</repositoryName>\n"
        f"<baseURL>{xml.text(settings.site.page('oai'))}</baseURL>\n"
        "<protocolVersion>2.0</protocolVersion>\n"
        f"<adminEmail>{xml.text(settings.admin_email)}</adminEmail>\n"
        f"<earliestDatestamp>{date}</earliestDatestamp>\n"
        "<deletedRecord>persistent</deletedRecord>\n"
        "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>\n"
        f"<compression>gzip</compression>\n{descriptions}</Identify>\n"
    )


def _identifiers(settings: Settings, reading: Reading) -> str:
    sample = settings.site.oai_identifier(_sample(reading))
    return (
        f'<oai-identifier xmlns="{_IDENTIFIER}" xsi:schemaLocation="{_IDENTIFIER} {_IDENTIFIER}.xsd">'
        f"<scheme>oai</scheme><repositoryIdentifier>{xml.text(settings.oai_namespace)}</repositoryIdentifier>"
        f"<delimiter>:</delimiter><sampleIdentifier>{xml.text(sample)}</sampleIdentifier></oai-identifier>"
    )


def _sample(reading: Reading) -> str:
    """An item that resolves, if it can be in oai_dc; a made-up handle while nothing is kept.

    The oldest stays the longest. Where those are all gone, one of the newest.
    """
    listings = tuple(dict.fromkeys(form.listing for form in OAI_FORMATS))
    for listing in listings:
        for record in reading.page(Selection(), listing, limit=_LOOK, bodies=False).items:
            if not (record.deleted or record.gone):
                return record.identifier
    newest = reading.latest(_LOOK)
    given = (record.identifier for listing in listings for record in newest if listing in record.formats)
    return next(given, "RePEc:aaa:aaaaaa:1")


def _branding(settings: Settings) -> str:
    """An icon that aggregators may show beside our records (branding.xsd)."""
    if not settings.oai_icon_url:
        return ""
    link = settings.oai_icon_link or settings.site.base
    title = settings.oai_icon_title or settings.repository_name
    return (
        f'<branding xmlns="{_BRANDING}" xsi:schemaLocation="{_BRANDING} http://www.openarchives.org/OAI/2.0/branding.xsd">'
        f"<collectionIcon><url>{xml.text(settings.oai_icon_url)}</url><link>{xml.text(link)}</link>"
        f"<title>{xml.text(title)}</title></collectionIcon></branding>"
    )


def _rights(settings: Settings) -> str:
    return about.rights_manifest(settings.metadata_licence) if settings.metadata_licence else ""
