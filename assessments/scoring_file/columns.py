"""What each column of a file of answers holds, and how its cells are read as codes."""

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from assessments.imports.reading import UNCALCULATED
from assessments.questionnaire_content import Content
from assessments.scoring_file.mistakes import Fault, Mistake
from scoring.model import EXPOSURE_STEPS, EXPOSURES
from scoring.scale import AnswerCode, Assurance, code_of

SUPPLIER = "supplier"
ASSURANCE = ".assurance"
GIVEN = (Assurance.ATTESTED, Assurance.EVIDENCED, Assurance.VERIFIED)


@dataclass(frozen=True, slots=True)
class CodedColumn:
    """A column of codes: its place in the file, where its code stands in a row of them, words to codes.

    `fault` is what a cell that is none of the words is; `forbidden` are words that other questions allow.
    """

    place: int
    heading: str
    target: int
    codes: Mapping[str, int]
    fault: Fault
    forbidden: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file by what they hold; all others are the profile's, and are not read.

    A row of codes holds the answers, the assurance of each, and the exposures, one after the other.
    """

    named: frozenset[int]
    supplier: int | None
    coded: tuple[CodedColumn, ...]


def compared(typed: str) -> str:
    """Give a cell in the one form in which words are compared: no spaces, half width, small letters."""
    return "".join(unicodedata.normalize("NFKC", typed).casefold().split())


def columns(
    content: Content, headings: Sequence[str], *, row: int, tell: Callable[[Mistake], None]
) -> Columns:
    """Read the headings in this row; whatever is wrong with them is told, and its column left out."""
    known = _known(content)
    ignored = {question.key for question in content.questions() if not question.is_scored}
    seen: dict[str, int] = {}
    coded: list[CodedColumn] = []
    for place, typed in enumerate(headings):
        heading = typed.strip()
        if not heading:
            continue
        if heading == UNCALCULATED:
            tell(Mistake(Fault.UNCALCULATED, row, place + 1))
        elif heading in seen:
            tell(Mistake(Fault.COLUMN_TWICE, row, place + 1, heading, earlier=seen[heading] + 1))
        elif heading in known:
            coded.append(replace(known[heading], place=place))
        elif heading not in ignored | {SUPPLIER}:
            tell(Mistake(Fault.UNKNOWN_COLUMN, row, place + 1, heading, heading))
        seen.setdefault(heading, place)
    if SUPPLIER not in seen:
        tell(Mistake(Fault.NO_SUPPLIER_COLUMN, row))
    named = frozenset(place for place, heading in enumerate(headings) if heading.strip())
    return Columns(named, seen.get(SUPPLIER), tuple(coded))


def answer_words(content: Content) -> dict[str, int]:
    """Give the code of an answer by each word for it: the code's own name, and what a reader is shown."""
    words = {AnswerCode.NOT_ASKED.word: int(AnswerCode.NOT_ASKED)}
    for choice in content.answers:
        shown = (choice.code, choice.label.ja, choice.label.en, choice.short.ja, choice.short.en)
        code = int(code_of(choice.code))
        # As they are shown too, so that most cells are found without being compared.
        words |= {form: code for word in shown for form in (word, compared(word))}
    return words


def _known(content: Content) -> dict[str, CodedColumn]:
    """Give every heading that holds codes, as a column without its place."""
    words = answer_words(content)
    absent = frozenset(word for word, code in words.items() if code == AnswerCode.ABSENT)
    allowed = {word: code for word, code in words.items() if word not in absent}
    assured = {assurance.word: int(assurance) for assurance in GIVEN}
    steps = {form: step for step in range(1, EXPOSURE_STEPS + 1) for form in (str(step), f"{step}.0")}
    asked = len(content.scored)
    known = []
    for place, question in enumerate(content.scored):
        codes, forbidden = (words, frozenset()) if question.allows_absent else (allowed, absent)
        known += [
            CodedColumn(0, question.key, place, codes, Fault.NO_SUCH_ANSWER, forbidden),
            CodedColumn(0, f"{question.key}{ASSURANCE}", asked + place, assured, Fault.NO_SUCH_ASSURANCE),
        ]
    for place, exposure in enumerate(EXPOSURES, start=2 * asked):
        known.append(CodedColumn(0, exposure, place, steps, Fault.NO_SUCH_EXPOSURE))
    return {column.heading: column for column in known}
