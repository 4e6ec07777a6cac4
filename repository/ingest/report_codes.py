"""What each code of a finding means and how to mend it, for those who keep the files."""

from typing import NamedTuple


class Explained(NamedTuple):
    means: str
    mend: str


_TABLE = """
empty-file | The file has no template. | Remove it, or put templates into it.
encoding | The file is neither ASCII nor UTF-8; it was read as the encoding that is named. | Save it as UTF-8, with a byte order mark if RePEc reads it.
encoding-mark | The file begins as UTF-8 and is not. | Save it as UTF-8.
mixed-encoding | The file is UTF-8 but for some bytes, such as a letter that a program cut in two; these were read as Windows-1252. | Write the letters anew and save the file as UTF-8.
undefined-bytes | Bytes that Windows-1252 does not define, or the half of a character with which a file ends, were dropped. | Save the file as UTF-8 and look at its accents.
text-before-template | Text before the first Template-Type belongs to no record. | Remove it, or put a Template-Type line before it.
mixed-line-ends | The file mixes line ends, or ends lines with a carriage return alone. | Save it with one kind of line end.
template-type | The type was understood, but is not written as documented. | Write it as the finding says.
unknown-template-type | There is no such template type, so the record was refused. | Correct the spelling.
missing-handle | Without a Handle there is no record. | Give it the Handle that is to be its name for ever.
invalid-handle | The Handle cannot be one of this type. | Write RePEc:aaa:ssssss:item for a work, RePEc:aaa:ssssss for a series, RePEc:aaa for an archive.
odd-handle | The Handle can be used, but is not of the documented shape, or RePEc takes a field that is indented below it for a part of it. | Keep it if it is in use; write new ones as documented, and no blanks before a field.
spelled-handle | The Handle has capitals, blanks or another prefix; RePEc compares handles in lower case. | Write it as it was read.
second-handle | Two records ran together. | Put a Template-Type line between them.
repeated-handle | A record has two Handles. | Keep one; if there are two records, put a Template-Type line between them.
derived-handle | A Mirror template has no Handle; one was made of its archive's. | Nothing.
other-folder | The record stands in the folder of another archive or series. | Move the file, or correct the Handle.
missing-title | A work without Title was refused. | Give it a Title.
missing-field | RePEc asks for a field that is not there. | Add the field.
missing-date | The work has no date of its own. | Add Creation-Date, or Year.
unknown-field | This type has no such field; RePEc drops the whole record for it. | Correct the name, or begin it with X- if it is your own.
misplaced-field | The field belongs to other types of works; RePEc drops the record for it. | Remove it, or begin its name with X-.
repeated-field | A field with room for one value stands more than once. | Keep one.
empty-field | A field without value, or with nothing but HTML tags and blanks. | Remove the line.
cluster-not-started | A part of an author, editor, file or organisation stands before the field that begins it. | Put the Name, or the URL of a file, first.
blank-before-colon | RePEc reads `Title :` as text of the field above. | Remove the blank.
indented-field | An indented line looks like a field and was read as text, below a Handle as the field. | Remove the blanks before it if it is a field.
control-characters | Characters that no XML can hold were removed. | Write the letters that they stand for, or remove them.
mojibake | UTF-8 was read as Windows-1252 at some time, as in `GonzÃ¡lez`, or that as Latin-1, so that quotes are control characters, or Cyrillic of one byte a letter, or Chinese of two, as either, or the accents of DOS, a Macintosh or Central Europe, so that signs stand within words (`Mu¤oz`). It was kept as it came. | Write the letters anew and save the file as UTF-8.
markup | HTML tags were taken out and entities decoded. | Write plain text.
contact | An e-mail address or telephone number in another field is kept out of what is public. | Put it into a field for it.
too-long | RePEc refuses values of this length. | Shorten it.
long-value | RePEc warns of values of this length. | See whether two fields ran together.
short-value | RePEc warns of values so short. | See whether it is whole.
placeholder | A value such as None says that there is none, and is shown to readers as it is. | Leave the field out.
several-names | Several people in one Name: nobody can find any of them. It was kept as one name, without first and last. | Give each their own Author-Name line.
odd-name | Shortened words, such as a journal's title, where a person is named. | See what the program took for the author.
merged-fields | Another field's name stands within a value, or begins a line of it without its hyphen or colon. | Put it on a line of its own, written as documented.
keywords-in-abstract | Keywords or JEL codes stand within the abstract. | Move them to Keywords and Classification-JEL.
abstract-in-title | An abstract begins within the title. | Move it to Abstract.
invalid-date | Not yyyy, yyyy-mm or yyyy-mm-dd; kept as a source field. | Write it so.
repaired-date | yyyymm or yyyymmdd was read with hyphens put in. | Write the hyphens.
invalid-month | No English name or number of a month; kept as a source field. | Write one month.
invalid-url | No absolute http, https or ftp address, or several; kept as a source field. | Write one address in full.
repaired-url | Blanks were taken out of an address, entities decoded, or characters escaped. | Write it as browsers show it, on one line.
broken-url | An address goes on behind a hyphen and a break; RePEc refuses it. The hyphen was kept. | Write the address on one line.
repaired-format | A File-Format with capitals was read in lower case. | Write application/pdf in lower case.
no-encoding-mark | A .rdf file is UTF-8 without a byte order mark; RePEc reads it as Windows-1252, so that accents break there. | Save it with a byte order mark, or name it .redif.
invalid-share | The Share of a workplace is no number from 0 to 99; kept as a source field. | Write a number of at most two digits.
invalid-email | What stands in a field for an e-mail address is none. It was kept among the private facts and is not told. | Write name@example.org alone.
words-in-url | Words stand beside an address; it was used up to the blank, and the whole kept as a source field. | Write the address alone.
blank-in-url | A blank stands within an address, which may belong to it, end it, or be one too much; kept as a source field. | Write %20 for a blank, and words elsewhere.
comment | A line of a value begins with #, so it is a comment and was left out. | Put a blank before the # if it is meant.
indented-template | All lines of a template are indented; RePEc reads it as text of the template above. | Remove the blanks before its lines.
merged-names | A Name may be several people, or a person with an affiliation: whether it is Last, First nobody can tell. It was kept as one name, without first and last. | Give each their own Author-Name line, an affiliation its Author-Workplace-Name, and say Author-Name-First and Author-Name-Last.
lost-characters | U+FFFD stands where a program lost a character, or a question mark in a name or within a title's words, or an entity names none. It was kept as it came. | Write the letters anew.
odd-doi | A DOI ends with a mark of a sentence or a bracket that it did not open, so it was cut short or has a sign too much; kept as a source field. | Write the whole DOI, and nothing behind it.
repaired-doi | Escapes or the query of its address, tags, entities, or characters that nobody sees were taken out of a DOI. | Write 10.nnnn/... alone.
spelling | DOIs, ISSNs, JEL codes and languages were read in the one spelling that is kept. | Nothing.
odd-format | File-Format is no MIME type. | Write application/pdf, text/html or the like.
invalid-doi | Not a DOI; kept as a source field. | Write 10.nnnn/... alone.
invalid-issn | Not an ISSN, nor several. It was kept as it came. | Write 1234-567X, each in a field of its own.
invalid-jel | Not a JEL code of today; kept as a source field. | Write codes such as C12.
repaired-jel | A code of four characters was cut to three. | Write three.
invalid-language | Not a code of two letters; kept as a source field. | Write en, fr, de ...
invalid-link | Not the handle of another record; kept as a source field. | Write the whole handle.
invalid-type | The series' Type is no type of works. | Write ReDIF-Paper, -Article, -Book, -Chapter or -Software.
odd-status | Publication-Status begins with neither published nor forthcoming. | Begin it so.
invalid-local | A field that only Sheaf writes holds no value of its kind; kept as a source field. | Remove it.
derived-template | An export made this series or archive up. It was not kept. | Nothing.
unreadable-file | The file could not be read to its end; the finding says why. | Mend or fetch the file again. What was kept of it before is kept still.
reused-handle | Two records have one identifier; the first place has it. | Give one of them another.
repeated-record | The same record stands in two places. | Remove one.
moved-record | The record is in another file than before. | Nothing, if you moved it.
impossible-record | No record can be made of this. | The finding says why.
internal-error | A fault of Sheaf. | Please report it.
"""  # noqa: E501
EXPLAINED = {
    code: Explained(means, mend)
    for code, means, mend in (
        [part.strip() for part in row.split(" | ")] for row in _TABLE.strip().splitlines()
    )
}


def explained(code: str) -> Explained:
    """What is known of a code; of other formats' own, each finding's text says it."""
    return EXPLAINED.get(code, Explained("See the text of each finding.", "See docs/formats.md."))
