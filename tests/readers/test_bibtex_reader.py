"""BibTeX and BibLaTeX as people and services really write them."""

import pytest

from repository.model.errors import SourceError
from repository.model.work import File, Person, Text, Work
from repository.readers.bibtex_latex import unicode
from repository.readers.reader import Finding
from tests.readers.sources import codes, items, results

# (LaTeX, what it prints), two dozen ways of writing letters among them.
SPELLINGS = [
    (r"{\"o}", "ö"),
    (r"\"{o}", "ö"),
    (r"\"o", "ö"),
    (r"{\'e}", "é"),
    (r"\'{e}", "é"),
    (r"\`a", "à"),
    (r"\^{\i}", "î"),
    (r"\'{\i}", "í"),
    (r"\c{c}", "ç"),
    (r"\c c", "ç"),
    (r"{\v{s}}", "š"),
    (r"\v s", "š"),
    (r"{\ss}", "ß"),
    (r"{\ae}", "æ"),
    (r"{\O}", "Ø"),
    (r"\~n", "ñ"),
    (r"{\aa}", "å"),
    (r"\r{a}", "å"),
    (r"{\L}", "Ł"),
    (r"\H{o}", "ő"),
    (r"\=a", "ā"),
    (r"\.z", "ż"),
    (r"\k{a}", "ą"),
    (r"\u{g}", "ğ"),
    (r"\d{s}", "ṣ"),
    (r"a---b -- c", "a—b – c"),
    (r"``q''", "“q”"),
    (r"R\&D 5\% \$3 \#1 a\_b", "R&D 5% $3 #1 a_b"),
    ("R&D 5%", "R&D 5%"),
    (r"{GDP} in {{EU}}", "GDP in EU"),
    (r"\emph{it} and \textit{it}", "it and it"),
    (r"{\textless}p{\textgreater} {\textbar} \S 3 5\textpercent\ \euro", "<p> | §3 5% €"),
    (r"the $x_i^2$ case", "the $x_i^2$ case"),
    ("été 経済", "été 経済"),
]


@pytest.mark.parametrize(("latex", "text"), SPELLINGS)
def test_latex_becomes_what_it_prints(latex: str, text: str) -> None:
    assert unicode(latex) == (text, "")


def works(data: str | bytes) -> list[Work]:
    found = items("bibtex", data)
    assert all(isinstance(item.content, Work) for item in found), [item.findings for item in found]
    return [item.content for item in found if isinstance(item.content, Work)]


def work(fields: str, kind: str = "article", key: str = "k") -> Work:
    (found,) = works(f"@{kind}{{{key}, title = {{T}}, doi = {{10.1234/k}}, {fields}}}")
    return found


def test_an_export_of_econpapers_is_read() -> None:
    (found,) = works(
        "@ARTICLE{RePEc:aaa:journl:v:3:y:2025:i:c:p:1-9,\n"
        "title = {Hedges & ditches: ‘a stand’},\n"
        "author = {Thorn, Ada and Rossi, Maria},\nyear = {2025},\njournal = {Hedges &amp; Ditches},\nvolume = {3},\n"
        "number = {C},\npages = {1-9},\nkeywords = {Hedge rows; ditches},\n"
        "url = {https://EconPapers.repec.org/RePEc:aaa:journl:v:3:y:2025:i:c:p:1-9}\n}"
    )
    assert found == Work(
        "RePEc:aaa:journl:v:3:y:2025:i:c:p:1-9",
        "article",
        title=Text("Hedges & ditches: ‘a stand’"),
        creators=(Person("Ada Thorn", "Ada", "Thorn"), Person("Maria Rossi", "Maria", "Rossi")),
        issued="2025",
        host="Hedges & Ditches",
        volume="3",
        issue="C",
        pages="1-9",
        page_start="1",
        page_end="9",
        keywords=(Text("Hedge rows"), Text("ditches")),
    )


def test_an_export_of_ideas_is_read() -> None:
    (found,) = works(
        "@TechReport{RePEc:aaa:wpaper:1127, author={Ada Thorn}, title={{Hedges of the GDP}}, year=2007, month=Jun, "
        "institution={Hedge Department}, type={Working Paper}, url={http://ideas.repec.org/p/aaa/wpaper/1127.html}, "
        "number={1127}, abstract={}, keywords={}}"
    )
    assert found == Work(
        "RePEc:aaa:wpaper:1127",
        "paper",
        title=Text("Hedges of the GDP"),
        creators=(Person("Ada Thorn"),),
        issued="2007-06",
        host="Working Paper",
        publishers=("Hedge Department",),
        number="1127",
        landing_pages=("http://ideas.repec.org/p/aaa/wpaper/1127.html",),
    )


def test_software_of_econpapers_is_told_by_its_handle() -> None:
    (found,) = works(
        "@MISC{RePEc:aaa:softwr:s1, title={S}, howpublished={Hedge Components, Hedge Department}}"
    )
    assert (found.type, found.host, found.publishers) == (
        "software",
        "Hedge Components",
        ("Hedge Department",),
    )


def test_macros_and_pieces_are_joined() -> None:
    (found,) = works(
        '@string{jh = "Journal of " # "Hedges"}\n@preamble{"\\newcommand{\\x}{y}"}\n@comment{no entry}\n'
        '@article{k, title = "A" # { b}, journal = jh, month = jan # "~1", year = 2001, doi = "10.1234/k"}'
    )
    assert (found.title.value, found.host, found.issued) == ("A b", "Journal of Hedges", "2001-01-01")


def test_a_macro_that_nothing_defines_is_told() -> None:
    (item,) = items("bibtex", "@article{k, title={T}, journal = jhh, doi={10.1234/k}}")
    assert codes(item) == ["unknown-macro"]
    assert isinstance(item.content, Work)
    assert item.content.host == "jhh"


def test_damage_costs_one_entry_and_no_other() -> None:
    found = items(
        "bibtex",
        "@article{a, title={A}, doi={10.1234/a}}\n@article{b, title = {B {c}, year=2000\n}\n"
        "@article{c, title={C}, doi={10.1234/c}}\n",
    )
    assert [(item.line, item.content is not None) for item in found] == [(1, True), (2, False), (4, True)]
    assert codes(found[1]) == ["damaged-entry"]


def test_a_missing_comma_loses_nothing() -> None:
    (item,) = items("bibtex", "@book{k, title={T}, year=2002\n  author={Thorn, Ada}, doi={10.1234/k}}")
    assert isinstance(item.content, Work)
    assert (item.content.issued, item.content.creators[0].family) == ("2002", "Thorn")
    assert codes(item) == ["invalid-value"]


def test_an_entry_without_a_key_loses_nothing() -> None:
    entry = "@article{\n   author = {Thorn, Ada},\n   title = {T},\n   DOI = {10.1234/k}\n}\n"
    found = items(
        "bibtex", "@string{jh = {Hedges}}\n" + entry + entry.replace("{Thorn", "{Hedge").replace("/k", "/l")
    )
    assert [(item.identifier, item.line, codes(item)) for item in found] == [
        ("doi:10.1234/k", 2, []),
        ("doi:10.1234/l", 7, []),
    ]
    assert [item.content.creators[0].family for item in found] == ["Thorn", "Hedge"]  # type: ignore[union-attr]


def test_keys_and_fields_that_stand_twice_are_told() -> None:
    found = items(
        "bibtex", "@misc{k, title={A}, doi={10.1234/a}}\n@misc{k, title={B}, title={C}, doi={10.1234/b}}"
    )
    assert [codes(item) for item in found] == [[], ["repeated-key", "repeated-field"]]
    assert isinstance(found[1].content, Work)
    assert found[1].content.source_fields == ("X-BibTeX-title: C",)


def test_windows_1252_is_read_and_told() -> None:
    found = results("bibtex", b"@misc{k, title={Caf\xe9 \x93q\x94}, doi={10.1234/k}}")
    assert codes(found) == ["encoding"]
    assert found[1].content.title.value == "Café “q”"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("{World Bank}", [("", "", "World Bank")]),
        (
            "{Food and Agriculture Office} and Thorn, Ada",
            [("", "", "Food and Agriculture Office"), ("Ada", "Thorn", "Ada Thorn")],
        ),
        ("van der Berg, Jan", [("Jan", "van der Berg", "Jan van der Berg")]),
        ("King, Jr., Martin", [("Martin", "King Jr.", "Martin King Jr.")]),
        ("King, Martin, Jr.", [("Martin", "King Jr.", "Martin King Jr.")]),
        ("Ada B. Thorn", [("", "", "Ada B. Thorn")]),
        ("M{\\\"u}ller, J{\\'e}r{\\^o}me", [("Jérôme", "Müller", "Jérôme Müller")]),
        ("A and B AND\n C and ", [("", "", "A"), ("", "", "B"), ("", "", "C")]),
    ],
)
def test_names_are_parted_as_bibtex_parts_them(written: str, people: list[tuple[str, str, str]]) -> None:
    found = work(f"author = {{{written}}}").creators
    assert [(person.given, person.family, person.name) for person in found] == people


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("family=Doe, given=Jane, prefix=van", [("Jane", "van Doe")]),
        (
            "given=Jos{\\'e}, family={de la Cruz}, suffix=Jr and Thorn, Ada",
            [("José", "de la Cruz Jr"), ("Ada", "Thorn")],
        ),
        ('"given=Jane, given-i=J, family=Doe, useprefix=true"', [("Jane", "Doe")]),
        ("family={Smith, Sons}, given=Ada", [("Ada", "Smith, Sons")]),
        ("E=mc, Squared", [("Squared", "E=mc")]),
    ],
)
def test_names_with_their_parts_labelled_are_read(written: str, people: list[tuple[str, str]]) -> None:
    found = work(f"author = {{{written}}}")
    assert [(person.given, person.family) for person in found.creators] == people
    assert found.source_fields == ()


def test_what_a_labelled_name_says_besides_is_kept_and_told() -> None:
    (item,) = items("bibtex", "@misc{k, title={T}, doi={10.1234/k}, author={family=Doe, given=Jane, id=jd}}")
    assert isinstance(item.content, Work)
    assert item.content.source_fields == ("X-BibTeX-author-id: jd",)
    assert codes(item) == ["unknown-field"]


def test_others_are_not_an_author() -> None:
    (item,) = items("bibtex", "@misc{k, title={T}, author={Thorn, Ada and others}, doi={10.1234/k}}")
    assert isinstance(item.content, Work)
    assert len(item.content.creators) == 1
    assert codes(item) == ["others"]
    assert item.content.source_fields == ("X-BibTeX-author: and others",)


@pytest.mark.parametrize(
    ("fields", "issued"),
    [
        ("date = {2001-02-03}", "2001-02-03"),
        ("date = {2001-02/2003}", "2001-02"),
        ("date = {2001~}", "2001"),
        ("year = {2001}, month = {September}", "2001-09"),
        ("year = 2001, month = 9, day = 3", "2001-09-03"),
        ("year = {2001}, month = sep # {~3}", "2001-09-03"),
        ('year = 2001, month = "10~" # mar', "2001-03-10"),
        ("year = 2001, month = {3. March}", "2001-03-03"),
        ("year = {2001}, month = {{8 JUL-10 AUG}}", "2001-07-08"),
        ("year = {2001}, month = {40 March}", "2001-03"),
        ("year = {2001}, month = {10th May}", "2001-05-10"),
        # Of another language, and so none.
        ("year = {2001}, month = {10 Mai}", "2001"),
        ("year = {c. 2001}", "2001"),
        ("year = {in press}", ""),
        ("date = {19uu}", ""),
        ("date = {2001-03-04}, year = {2001}", "2001-03-04"),
        ("year={2001}, month={May--June}", "2001-05"),
        # The Web of Science has braces around all values.
        ("year={{2001}}, month={{SEP}}", "2001-09"),
        ("year={{2001}}, month={{SEP 3}}", "2001-09-03"),
        ("year={{2001}}, month={{SEP-OCT}}", "2001-09"),
    ],
)
def test_dates(fields: str, issued: str) -> None:
    assert work(fields).issued == issued


def test_parts_take_over_from_the_whole() -> None:
    found = works(
        "@incollection{part, title={P}, crossref={whole}, doi={10.1234/p}}\n@xdata{x, publisher={Hedge Press}}\n"
        "@book{whole, title={W}, year=2002, xdata={x}, editor={Thorn, Ada}, doi={10.1234/w}}"
    )
    part, whole = found
    assert (part.host, part.issued, part.publishers, part.editors) == (
        "W",
        "2002",
        ("Hedge Press",),
        whole.editors,
    )
    assert part.dois == ("10.1234/p",)


def test_circles_of_inheritance_end() -> None:
    assert (
        len(
            works(
                "@misc{a, title={A}, crossref={b}, doi={10.1234/a}}@misc{b, title={B}, crossref={a}, doi={10.1234/b}}"
            )
        )
        == 2
    )


@pytest.mark.parametrize(
    "written",
    ["10.1234/K", "https://doi.org/10.1234/k", "doi:10.1234/k", r"\url{https://dx.doi.org/10.1234/k}"],
)
def test_a_doi_is_read_however_it_is_written(written: str) -> None:
    (found,) = works(f"@misc{{k, title={{T}}, doi={{{written}}}}}")
    assert (found.identifier, found.dois) == ("doi:10.1234/k", ("10.1234/k",))


@pytest.mark.parametrize("written", ["a; b, c", "a, b, c", "a;b"])
def test_keywords_are_parted_at_semicolons_else_commas(written: str) -> None:
    words = [word.value for word in work(f"keywords = {{{written}}}").keywords]
    assert words == {"a; b, c": ["a", "b, c"], "a, b, c": ["a", "b", "c"], "a;b": ["a", "b"]}[written]


def test_the_version_of_software_is_its_edition() -> None:
    assert work("version = {1.2}", kind="software").edition == "1.2"


@pytest.mark.parametrize("name", ["jel", "jelcodes", "JEL"])
def test_jel_codes_are_read(name: str) -> None:
    assert work(f"{name} = {{I11; E52}}").jel == ("E52", "I11")


def test_fields_without_a_place_are_kept_and_named() -> None:
    (item,) = items("bibtex", "@phdthesis{k, title={T}, doi={10.1234/k}, owner={me}, school={U}}")
    assert isinstance(item.content, Work)
    assert item.content.source_fields == ("X-BibTeX-Entry: phdthesis", "X-BibTeX-owner: me")
    assert item.content.publishers == ("U",)
    assert codes(item) == ["unknown-type", "unknown-field"]


@pytest.mark.parametrize(
    ("latex", "text", "told"),
    [
        (r"\input{/etc/passwd}", "/etc/passwd", "input"),
        (r"\cite{foo}", "foo", "cite"),
        (r"\citep[p.~3]{foo}", "p. 3foo", "citep"),
        (r"\ref{sec}", "sec", "ref"),
        (r"\today.", ".", "today"),
        (r"\section{Abc}", "Abc", "section"),
        (r"\footnote{Abc}", "Abc", "footnote"),
        (r"\includegraphics{a.png}", "a.png", "includegraphics"),
        (r"\unheard{Abc}", "Abc", "unheard"),
        (r"\newcommand{\x}{Abc}", "Abc", "newcommand x"),
        (r"\begin{minipage}Abc\end{minipage}", "Abc", "minipage"),
        (r"\verb|a_b|", "a_b", ""),
        (r"\texttt{code} \mbox{one} x\textsuperscript{th}", "code one xth", ""),
        (r"\enquote{Abc}", "“Abc”", ""),
        (r"\href{https://example.org/a_b%20c~d}{link}", "link (https://example.org/a_b%20c~d)", ""),
        (r"\href{https://example.org/}{example.org}", "https://example.org/", ""),
        (r"\url{https://example.org/~a_b}", "https://example.org/~a_b", ""),
    ],
)
def test_no_word_of_latex_is_lost_or_made_up(latex: str, text: str, told: str) -> None:
    found, fault = unicode(f"A {latex} and \\'e")
    assert found == f"A {text} and é"
    assert fault.partition(": ")[2] == told


def test_latex_that_cannot_be_read_is_kept_and_told_in_words() -> None:
    text, fault = unicode("{" * 30 + "x" + "}" * 30)
    assert text.count("{") == 30
    assert "left as LaTeX" in fault
    assert unicode(r"\'e \href{u}") == (r"\'e \href{u}", "its LaTeX is damaged: left as LaTeX")


def test_what_has_no_place_is_kept_as_it_is_written() -> None:
    found = work(r"owner = {J{\"o}rg \& Co.: a\_b}")
    assert found.source_fields == (r"X-BibTeX-owner: J{\"o}rg \& Co.: a\_b",)


def test_an_address_of_somebody_is_found_in_what_is_written_as_latex() -> None:
    found = work(r"owner = {Hedge Department, ada\_thorn@example.org}")
    assert found.source_fields == ("X-BibTeX-owner: Hedge Department",)


@pytest.mark.parametrize(
    ("written", "files", "told"),
    [
        (r"file = {Full Text PDF:/home/ada/Zotero/storage/A.pdf:application/pdf}", [], ["local-path"]),
        (r"file = {:C\:\\Users\\ada\\a.pdf:PDF}", [], ["local-path"]),
        (r"file = {:thorn2001.pdf:PDF}", [], ["local-path"]),
        ("bdsk-file-1 = {YnBsaXN0MDA=}", [], ["local-path"]),
        (r"owner = {see C$\backslash$:/Users/ada/a.pdf}", [], ["local-path"]),
        (r"owner = {C:\Users\ada}", [], ["local-path"]),
        ("url = {file:///home/ada/a.pdf}", [], ["local-path"]),
        ("file = {a.pdf:a.pdf:PDF}, file = {b.pdf:b.pdf:PDF}", [], ["local-path"] * 2),
        (
            r"file = {a.pdf:/tmp/a.pdf:application/pdf;Page:https\://example.org/a\;b:text/html}",
            [File("https://example.org/a;b", "text/html")],
            ["local-path"],
        ),
        (
            "file = {:https://example.org:8080/a.pdf:PDF}",
            [File("https://example.org:8080/a.pdf", "application/pdf")],
            [],
        ),
        ("pdf = {https://example.org/a.pdf}", [File("https://example.org/a.pdf")], []),
    ],
)
def test_files_of_the_web_are_files_and_those_of_a_computer_are_told_and_not_published(
    written: str, files: list[File], told: list[str]
) -> None:
    (item,) = items("bibtex", f"@misc{{k, title={{T}}, doi={{10.1234/k}}, {written}}}")
    assert isinstance(item.content, Work)
    assert (list(item.content.files), item.content.source_fields) == (files, ())
    assert codes(item) == told
    assert not any(word in finding.text for finding in item.findings for word in ("ada", ".pdf", "YnB"))


def test_keywords_and_article_numbers_of_scopus_are_read() -> None:
    found = work("author_keywords = {Growth;  Hedges}, keywords = {animal; Growth}, art_number = {102345}")
    assert [word.value for word in found.keywords] == ["Growth", "Hedges", "animal"]
    assert (found.pages, found.source_fields) == ("102345", ())
    assert work("art_number = {102345}, pages = {1-9}").source_fields == ("X-BibTeX-article-number: 102345",)


def test_languages_and_numbers_of_other_names_are_read() -> None:
    found = work("language = {german and english}, hyphenation = {french}, eissn = {1873-5347}")
    assert (found.languages, found.issns, found.source_fields) == (("de", "en", "fr"), ("1873-5347",), ())


def test_a_field_that_is_all_private_is_not_said_to_be_a_source_field() -> None:
    entry = (
        "@misc{k, title={T}, doi={10.1234/k}, annotation={ann@hedge.example}, owner={Ann, ann@hedge.example}}"
    )
    (item,) = items("bibtex", entry)
    assert isinstance(item.content, Work)
    assert item.content.source_fields == ("X-BibTeX-owner: Ann",)
    annotation, owner, contact = item.findings
    assert (annotation.text, annotation.done) == (
        "annotation has no place in a work",
        "kept among the private facts",
    )
    assert (owner.done, contact.code) == ("kept as a source field", "contact")


@pytest.mark.parametrize(
    "data",
    [
        b"<html><style>@media print {a {b: c}}</style>not found; ask admin@example.org</html>",
        "@article{k, title={T}, doi={10.1234/k}}".encode("utf-16-be"),
    ],
    ids=["web page", "UTF-16 without its mark"],
)
def test_what_has_an_at_and_no_entry_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="this is not BibTeX"):
        results("bibtex", data)


def test_strings_and_words_without_an_entry_are_no_fault() -> None:
    found = results("bibtex", "Made by hand.\n@string{aer = {American Economic Review}}\n")
    assert [one.code for one in found if isinstance(one, Finding)] == ["text-between", "empty-file"]
