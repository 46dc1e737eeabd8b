"""A deliberately naive reckoning from the specification: plain Python, words and fractions, one at a time.

It shares no code with the ring it checks. A question is a dict of weight, essential and official_item; an
assessment is a list of answer words and a list of assurance words; constants are the content of a model file.
"""

from fractions import Fraction
from typing import Any

Constants = dict[str, Any]
Question = dict[str, Any]


def set_result(
    questions: list[Question], members: list[int], answers: list[str], proof: list[str], constants: Constants
) -> dict[str, Any]:
    """Score, practice and level of one set; None where it has none."""
    left = [i for i in members if answers[i] not in ("not_asked", "absent")]
    result: dict[str, Any] = {"score": None, "practice": None, "level": None}
    if not left:
        return result
    worth = constants["points"]
    total = 0
    whole = 0
    for i in left:
        total += questions[i]["weight"] * worth[answers[i]]
        whole += questions[i]["weight"] * worth["implemented"]
    score = 100 * Fraction(max(0, total), whole)
    essential = [i for i in left if questions[i]["essential"]]
    low, high = constants["practice"]
    if score < low:
        practice = 1
    elif score >= high and all(answers[i] == "implemented" for i in essential):
        practice = 3
    else:
        practice = 2
    level = practice
    if practice == 3 and essential:
        if all(proof[i] == "verified" for i in essential):
            level = 5
        elif all(proof[i] in ("evidenced", "verified") for i in essential):
            level = 4
    return {"score": score, "practice": practice, "level": level}


def official(questions: list[Question], answers: list[str], constants: Constants) -> int | None:
    """The self-check score over the 25 items, None unless all are answered."""
    points: dict[int, int] = {}
    for question, answer in zip(questions, answers, strict=True):
        if question["official_item"] and answer != "not_asked":
            worth = constants["absent_official_points"] if answer == "absent" else constants["points"][answer]
            points[question["official_item"]] = worth
    return sum(points.values()) if sorted(points) == list(range(1, 26)) else None


def explanation(
    questions: list[Question], members: list[int], answers: list[str], proof: list[str], constants: Constants
) -> dict[str, Any]:
    """Points missing, essential and lightest of one set, as the specification words them."""
    result = set_result(questions, members, answers, proof, constants)
    level = result["level"]
    if level is None:
        return {"points_missing": None, "essential": [], "lightest": []}
    left = sorted(i for i in members if answers[i] not in ("not_asked", "absent"))
    essential = [i for i in left if questions[i]["essential"]]
    if level == 1:
        holding: list[int] = []
    elif level == 2:
        holding = [i for i in essential if answers[i] != "implemented"]
    elif level == 3:
        holding = [i for i in essential if proof[i] not in ("evidenced", "verified")]
    else:
        holding = [i for i in essential if proof[i] != "verified"]
    if level >= 3:
        return {"points_missing": 0, "essential": holding, "lightest": []}
    threshold = constants["practice"][level - 1]
    worth = constants["points"]
    gain = {i: questions[i]["weight"] * (worth["implemented"] - worth[answers[i]]) for i in left}
    lifted = list(answers)
    lightest: list[int] = []
    for i in holding:
        lifted[i] = "implemented"
        lightest.append(i)
    others = [i for i in left if answers[i] != "implemented" and i not in holding]
    others.sort(key=lambda i: (-gain[i], i))
    for i in others:
        if set_result(questions, members, lifted, proof, constants)["score"] >= threshold:
            break
        lifted[i] = "implemented"
        lightest.append(i)
    missing = max(Fraction(0), threshold - result["score"])
    return {"points_missing": missing, "essential": holding, "lightest": lightest}


def priority(
    exposures: list[int], level_of: dict[str, int | None], constants: Constants
) -> dict[str, Any] | None:
    """Inherent and residual exposure, band and star of one relationship; None if an exposure is missing."""
    if 0 in exposures:
        return None
    residuals = []
    for name, exposure in zip(("confidentiality", "continuity", "connectivity"), exposures, strict=True):
        levels = [level_of[set_name] for set_name in constants["answers_for"][name]]
        answering = [level for level in levels if level is not None]
        lowest = min(answering) if answering else 0
        residuals.append(exposure * (1 - Fraction(constants["effectiveness"][lowest], 100)))
    residual = max(residuals)
    band = 0
    for border in constants["bands"]:
        if residual >= Fraction(str(border)):
            band += 1
    star = 4 if max(exposures) >= constants["star_exposure"] else 3
    return {"inherent": max(exposures), "residual": residual, "band": band, "star": star}
