"""The protocol's error codes (OAI-PMH 3.6), as values; `repository.oai.xml` alone writes them."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    BAD_ARGUMENT = "badArgument"
    BAD_RESUMPTION_TOKEN = "badResumptionToken"  # noqa: S105 - the protocol's word
    BAD_VERB = "badVerb"
    CANNOT_DISSEMINATE_FORMAT = "cannotDisseminateFormat"
    ID_DOES_NOT_EXIST = "idDoesNotExist"
    NO_RECORDS_MATCH = "noRecordsMatch"
    NO_METADATA_FORMATS = "noMetadataFormats"
    NO_SET_HIERARCHY = "noSetHierarchy"


# With these the request element carries no attributes (3.2, point 3).
WITHOUT_ECHO = frozenset({Code.BAD_VERB, Code.BAD_ARGUMENT})


@dataclass(frozen=True, slots=True)
class Problem:
    code: Code
    message: str


class OaiError(Exception):
    """One or more problems with a request, to be told to the harvester in one answer."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.code}: {problem.message}" for problem in problems))
        self.problems = problems


def oai_error(code: Code, message: str) -> OaiError:
    return OaiError(Problem(code, message))
