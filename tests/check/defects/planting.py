"""How defects are made: of a change to what is asked, to the bytes of an answer, or to its tree."""

from collections.abc import Callable

from lxml import etree

from tests.check.proxy import NS, OAI, Asked, Defect, Reply, Serve

Planted = tuple[str, str, Defect]
LISTS = ("ListRecords", "ListIdentifiers")


def q(name: str) -> str:
    return f"{{{OAI}}}{name}"


def find(root: etree._Element, path: str) -> list[etree._Element]:
    return root.xpath(path, namespaces=NS)  # type: ignore[return-value]


def asking(change: Callable[[Asked], Asked]) -> Defect:
    """What the repository is asked is not what was asked; the answer still repeats the latter."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        other = change(asked)
        return serve(asked) if other == asked else echoed(asked, serve(other))

    return defect


def echoed(asked: Asked, reply: Reply) -> Reply:
    """With a request element as if the repository had understood all that was asked."""
    root = reply.root
    request = root.find(q("request"))
    request.attrib.clear()
    known = {"verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"}
    if not {"badVerb", "badArgument"} & set(reply.codes):
        for name, value in asked.arguments.items():
            if name in known and value.isprintable():
                request.set(name, value)
    return reply.of(root)


def answering(change: Callable[[Asked, Reply], Reply]) -> Defect:
    return lambda asked, serve: change(asked, serve(asked))


def tree(change: Callable[[etree._Element], None], *verbs: str) -> Defect:
    """Changes the tree of every answer that has one, or of answers to these verbs."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        if verbs and asked.verb not in verbs:
            return reply
        root = reply.root
        change(root)
        return reply.of(root)

    return defect


def each(path: str, change: Callable[[etree._Element], None], *verbs: str) -> Defect:
    """Changes every element that an XPath finds."""

    def every(root: etree._Element) -> None:
        for element in find(root, path):
            change(element)

    return tree(every, *verbs)


def text(value: str) -> Callable[[etree._Element], None]:
    return lambda element: setattr(element, "text", value)


def attribute(name: str, value: str | None) -> Callable[[etree._Element], None]:
    def change(element: etree._Element) -> None:
        if value is not None:
            element.set(name, value)
        else:
            element.attrib.pop(name, "")

    return change


def remove(element: etree._Element) -> None:
    element.getparent().remove(element)


def twice(element: etree._Element) -> None:
    element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))


def error(asked: Asked, serve: Serve, code: str, said: str = "It is so.") -> Reply:
    """An OAI error of the form that the repository itself writes."""
    reply = serve(asked.having([("verb", "Identify")]))
    root = reply.root
    remove(root.find(q("Identify")))
    etree.SubElement(root, q("error"), code=code).text = said
    return echoed(asked, reply.of(root))


def instead(old: str, new: str, *verbs: str) -> Defect:
    """One error code where another is due."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        if old in reply.codes and (not verbs or asked.verb in verbs):
            return error(asked, serve, new)
        return reply

    return defect


def unless_refused(code: str, fallback: Callable[[Asked], Asked]) -> Defect:
    """Where the repository would refuse, something else is asked and given."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        return echoed(asked, serve(fallback(asked))) if code in reply.codes else reply

    return defect
