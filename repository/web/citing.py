"""The door of citations: a work as one reference in words, `/record/<identifier>.cite.html?style=` and `.cite.txt`.

How a work is cited is known to `repository.formats.citing`; which record an address means, to `records`.
"""

from dataclasses import dataclass

from markupsafe import Markup

from repository.formats.citing import DEFAULT, STYLES, VERSION, Style, by_style, cite
from repository.model.site import Site
from repository.model.work import Work
from repository.web.arguments import pairs, query_string
from repository.web.errors import Refused
from repository.web.http import Link, Reply
from repository.web.records import Records, find, moved_to
from repository.web.variants import EXTENSIONS

HTML, TEXT = "cite.html", "cite.txt"
_MEDIA_TYPES = {HTML: "text/html", TEXT: "text/plain"}
_MOST_ARGUMENTS = 4096


def address(site: Site, identifier: str, extension: str = HTML, style: Style = DEFAULT) -> str:
    """Of a citation; the style that is given where none is asked for is not named."""
    argument = "" if style is DEFAULT else f"?style={style.name}"
    return site.record(identifier, extension) + argument


@dataclass(frozen=True, slots=True)
class Citing:
    records: Records

    def html(self, path: str) -> Reply:
        return self._answer(path, HTML)

    def text(self, path: str) -> Reply:
        return self._answer(path, TEXT)

    def _answer(self, path: str, extension: str) -> Reply:
        """What is itself called `<path>.<extension>` comes before the citation of `<path>`."""
        records, site = self.records, self.records.house.site
        whole = f"{path}.{extension}"
        with records.house.log.read() as reading:
            found = find(reading, whole, extensions=(extension, *EXTENSIONS))
        if found.extension != extension:
            return records.record(whole)
        identifier, record, style = found.identifier, found.record, _style(site, found.identifier, extension)
        if found.now and record is None:
            return moved_to(address(site, found.now, extension, style))
        # Refuses what is gone, and says where it went.
        signs = records.signposts(found)
        work = signs.work
        if record is None or work is None or not work.is_item:
            raise Refused(
                404,
                "There is no citation of this: it is no work that is described here.",
                "Cite it by its address.",
                choices=((site.thing(identifier), "text/html"),),
            )
        others = [other for other in _MEDIA_TYPES if other != extension]
        return Reply(
            write=lambda: self._page(work, style) if extension == HTML else _line(work, site, style),
            media_type=_MEDIA_TYPES[extension],
            # A page has the hash of its bytes.
            tag="" if extension == HTML else f"{record.digest!r} {site} {identifier} {style.name} {VERSION}",
            links=(
                Link(signs.page, "describes"),
                Link(address(site, identifier, extension, style), "canonical"),
                *(
                    Link(address(site, identifier, other, style), "alternate", _MEDIA_TYPES[other])
                    for other in others
                ),
            ),
        )

    def _page(self, work: Work, style: Style) -> bytes:
        site = self.records.house.site
        cited = cite(work, site, style)
        return self.records.html.render(
            "cite.html",
            work=work,
            asked=style,
            cited=cited,
            # Its text is escaped, its few elements are ours.
            reference=Markup(cited.html),  # noqa: S704
            address=address(site, work.identifier, HTML, style),
            as_text=address(site, work.identifier, TEXT, style),
            styles=[(each, address(site, work.identifier, HTML, each)) for each in STYLES],
        )


def _line(work: Work, site: Site, style: Style) -> bytes:
    return f"{cite(work, site, style).text}\n".encode()


def _style(site: Site, identifier: str, extension: str) -> Style:
    """The style that the address names. Raises Refused (400), with the addresses in the styles that there are."""
    names = [value for name, value in pairs(query_string(_MOST_ARGUMENTS)) if name == "style"]
    if len(names) > 1:
        problem = "The address names more than one style."
    elif names and names[0] not in by_style:
        problem = f"There is no style {names[0][:60]!r}."
    else:
        return by_style[names[0]] if names else DEFAULT
    raise Refused(
        400,
        problem,
        f"These are the styles: {', '.join(by_style)}.",
        choices=tuple(
            (address(site, identifier, extension, each), _MEDIA_TYPES[extension]) for each in STYLES
        ),
    )
