"""LaTeX as Unicode: the text that it would print, and what is not known of it.

pylatexenc reads LaTeX; of what it would leave out or make up (`\\cite`, `\\today`) the words are kept, and told.
"""

import re
from functools import cache
from typing import Any

from pylatexenc import latexwalker, macrospec
from pylatexenc.latex2text import (
    EnvironmentTextSpec,
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

_DEEPEST = 20
# Accent upon accent costs more than its length.
_LONGEST = 50_000
_UNESCAPED = re.compile(r"(?<!\\)[%&]")
_COMMAND = re.compile(r"\\(?:(?:begin|end)\s*\{([^{}]*)\}|([A-Za-z]+))")
_BRACES = re.compile(r"[{}]")
_ESCAPED = re.compile(r"\\([_%&#~$^{}])")
_COMMANDED = re.compile(r"\A(?:\\(?:url|href|path)\s*)?\{?\s*")
_PLAIN = re.compile(r"[^\\{}$~%^_&#`'\-]*")

# How words look, which a text does not say.
_LOOKS = (
    "textsuperscript textsubscript texttt textsf textmd textup textnormal mbox hbox natexlab uline sout "
    "it bf em rm sc tt sl sf itshape bfseries scshape upshape slshape mdseries rmfamily sffamily ttfamily normalfont "
    "small footnotesize normalsize large noindent protect relax xspace t cyr - /"
)
_PRINTED = {
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textbackslash": "\\",
    "textquotesingle": "'",
    "enquote": "“%s”",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "copyright": "©",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textbardbl": "‖",
    "textpercent": "%",
    "textampersand": "&",
    "textunderscore": "_",
    "textquotedbl": '"',
    "textmultiply": "×",
    "euro": "€",
    "EUR": "€",
    "pounds": "£",
    "S": "§",
    "P": "¶",
    "SS": "ẞ",
    "ddag": "‡",
    "slash": "/",
    "hash": "#",
    "lbrack": "[",
    "degree": "°",
    "checkmark": "✓",
    "thinspace": " ",
    "enspace": " ",
    "space": " ",
    "nbsp": " ",
    "par": " ",
    "newline": " ",
    "linebreak": " ",
}
_ADDRESSES = ("url", "nolinkurl", "path", "doi")
# The library makes up a text for these, or takes their words out.
_UNSURE = (
    "input include today title author date maketitle item footnote hspace part chapter section subsection "
    "subsubsection paragraph subparagraph includegraphics ref autoref cref Cref eqref cite citet citep exercise uebung "
    "hint hints"
)
_AS_WRITTEN = ("verb", "verbatim", "lstlisting")


def unicode(latex: str) -> tuple[str, str]:
    """(the text that LaTeX would print, what is wrong with it). Mathematics stays as it is written."""
    if _PLAIN.fullmatch(latex):
        return latex, ""
    if depth(latex) > _DEEPEST or len(latex) > _LONGEST:
        return latex, f"braces nested more than {_DEEPEST} deep, or too long: left as LaTeX"
    decoder, context = _decoder()
    try:
        # `%` begins a comment and `&` a column in LaTeX; in most people's BibTeX they are signs.
        escaped = _UNESCAPED.sub(r"\\\g<0>", latex)
        walker = latexwalker.LatexWalker(escaped, latex_context=context, tolerant_parsing=True)
        nodes, _, _ = walker.get_latex_nodes()
        text = decoder.nodelist_to_text(nodes).replace("\u00a0", " ")
    except (
        latexwalker.LatexWalkerError,
        AttributeError,
        RecursionError,
        ValueError,
        IndexError,
        KeyError,
        TypeError,
    ):
        # The library's own faults on damaged commands are no reason to lose the text.
        return latex, "its LaTeX is damaged: left as LaTeX"
    unknown = sorted({name for found in _COMMAND.findall(latex) if (name := _unknown(*found))})
    return text, f"LaTeX commands of unknown meaning: {' '.join(unknown)[:80]}" if unknown else ""


def depth(text: str) -> int:
    deepest = level = 0
    for mark in _BRACES.findall(text):
        level += 1 if mark == "{" else -1
        deepest = max(deepest, level)
    return deepest


def verbatim(value: str) -> str:
    """An address or DOI, in which LaTeX's signs are its own: without the command and braces around it."""
    text = _COMMANDED.sub("", value.strip(), count=1).removesuffix("}").rstrip()
    return _unescaped(text).replace(r"\textunderscore", "_").strip()


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _unknown(environment: str, command: str) -> str:
    context = _decoder()[0].latex_context
    if environment:
        spec = context.get_environment_spec(environment)
        return "" if spec and spec.environmentname == environment else environment
    spec = context.get_macro_spec(command)
    return "" if spec and spec.macroname == command and command not in _UNSURE.split() else command


@cache
def _decoder() -> tuple[LatexNodes2Text, macrospec.LatexContextDb]:
    words = [MacroTextSpec(name, discard=False) for name in (*_LOOKS.split(), *_UNSURE.split())]
    printed = [MacroTextSpec(name, text) for name, text in _PRINTED.items()]
    addresses = [MacroTextSpec(name, _address) for name in _ADDRESSES]
    written = [EnvironmentTextSpec(name, _as_written) for name in _AS_WRITTEN]
    known = get_default_latex_context_db()
    known.add_context_category(
        "sheaf",
        macros=[
            *words,
            *printed,
            *addresses,
            MacroTextSpec("href", _link),
            MacroTextSpec("verb", _as_written),
        ],
        environments=[EnvironmentTextSpec("quote", "%s"), *written],
        prepend=True,
    )
    # Of what the library knows how to read but not how to print, the words.
    known.set_unknown_macro_spec(MacroTextSpec("", discard=False))
    read = latexwalker.get_default_latex_context_db()
    read.add_context_category(
        "sheaf",
        macros=[
            macrospec.std_macro("href", False, 2),
            *(macrospec.std_macro(name, False, 1) for name in (*_ADDRESSES, "enquote")),
        ],
        prepend=True,
    )
    return LatexNodes2Text(math_mode="verbatim", latex_context=known, keep_comments=True), read


def _written(node: Any) -> str:
    """An argument as it is written, without its braces."""
    found = str(node.latex_verbatim()).strip() if node is not None else ""
    return _unescaped(found[1:-1] if found[:1] == "{" and found[-1:] == "}" else found)


def _address(node: Any, **_: Any) -> str:
    return _written(node.nodeargd.argnlist[0])


def _link(node: Any, l2tobj: LatexNodes2Text) -> str:
    """The words of a link, and its address in brackets where it is another text."""
    address = _written(node.nodeargd.argnlist[0])
    words = str(l2tobj.nodelist_to_text([node.nodeargd.argnlist[1]])).strip()
    bare = address.partition("://")[2] or address
    return (
        f"{words} ({address})" if words and words.rstrip("/") not in (address, bare.rstrip("/")) else address
    )


def _as_written(node: Any, **_: Any) -> str:
    return _unescaped(str(node.nodeargd.verbatim_text))
