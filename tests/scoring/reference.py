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


def official_band(points: int | None, constants: Constants) -> str | None:
    """The name of the band in which the self-check score lies."""
    name = None
    for band in constants["official_bands"]:
        if points is not None and (name is None or points >= band["from"]):
            name = band["name"]
    return name


def overall(levels: list[int | None]) -> int | None:
    """The lowest level among the axes that have one."""
    return min([level for level in levels if level is not None], default=None)


def assured(answers: list[str], proof: list[str]) -> dict[str, int]:
    """How many implemented answers are known by their word, by evidence, by confirmation."""
    counts = {"attested": 0, "evidenced": 0, "verified": 0}
    for answer, how in zip(answers, proof, strict=True):
        if answer == "implemented":
            counts["attested" if how == "none" else how] += 1
    return counts


def record(
    questions: list[Question],
    sets: dict[str, dict[str, list[int]]],
    answers: list[str],
    proof: list[str],
    exposures: list[int],
    constants: Constants,
) -> dict[str, Any]:
    """Everything of one assessment as a file's record has it; `sets` are domains, axes and lenses by name.

    Questions have a key as well; numbers stay fractions.
    """
    told: dict[str, Any] = {"official_score": official(questions, answers, constants)}
    told["official_band"] = official_band(told["official_score"], constants)
    told |= {"unknown": answers.count("unknown"), "absent": answers.count("absent")}
    level_of: dict[str, int | None] = {}
    for kind, named in sets.items():
        told[kind] = {}
        for name, members in named.items():
            found = set_result(questions, members, answers, proof, constants)
            why = explanation(questions, members, answers, proof, constants)
            for listed in ("essential", "lightest"):
                why[listed] = [questions[i]["key"] for i in why[listed]]
            told[kind][name] = {"level": found["level"], "score": found["score"], "next": why}
            level_of[name] = found["level"]
    told["overall_level"] = overall([level_of[name] for name in sets["axes"]])
    told["assurance"] = assured(answers, proof)
    first = priority(exposures, level_of, constants)
    told |= {"inherent": None, "residual": None, "band": None, "expected_star": None}
    if first is not None:
        told |= {"inherent": first["inherent"], "residual": first["residual"], "expected_star": first["star"]}
        told["band"] = constants["band_names"][first["band"]]
    return told
