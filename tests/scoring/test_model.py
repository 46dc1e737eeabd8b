"""Constants and rubrics: built from content, or refused where they contradict themselves."""

from typing import Any

import numpy as np
import pytest

from scoring.model import EXPOSURES, BadModel, BadRubric, NamedSet, Rubric, model_of, rubric_of
from scoring.scale import AnswerCode, UnknownName
from tests.scoring.cases import constants, model, question, rubric


def test_a_model_file_becomes_a_model() -> None:
    built = model()

    assert built.points[AnswerCode.PARTIAL] == 2
    assert built.points[AnswerCode.UNKNOWN] == -1
    assert built.points[AnswerCode.NOT_ASKED] == built.points[AnswerCode.ABSENT] == 0
    assert built.full_points == 4
    assert built.bands == (100, 200, 300, 400)
    assert built.answers_for[2] == ("left",)


def test_band_borders_may_be_fractions_down_to_a_hundredth() -> None:
    assert model(bands=[0.5, 1.1, 2.25, 4]).bands == (50, 110, 225, 400)


@pytest.mark.parametrize(
    "extreme",
    [
        {"practice": [0, 100]},
        {"practice": [60, 60]},
        {"effectiveness": [0, 0, 0, 50, 100, 100]},
        {"bands": [0, 0, 2.5, 2.5]},
        {"star_exposure": 1},
        {"star_exposure": 5},
        {"star_share_warning": 0},
        {"star_share_warning": 100},
        {"points": {"implemented": 1, "partial": 0, "planned": 0, "not_planned": 0, "unknown": 0}},
        {"points": {"implemented": 1, "partial": 1, "planned": 0, "not_planned": -1, "unknown": -2}},
        {"answers_for": {exposure: ["all", "left"] for exposure in EXPOSURES}},
        {"answers_for": {exposure: [] for exposure in EXPOSURES}},
    ],
)
def test_constants_at_the_edge_of_what_makes_sense_are_taken(extreme: dict[str, Any]) -> None:
    assert rubric(question(), **extreme).model.id == "sanpo-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"practice": [80, 50]},
        {"practice": [50, 101]},
        {"practice": [-1, 80]},
        {"practice": [50]},
        {"practice": [49.5, 80]},
        {"effectiveness": [0, 0, 15, 30, 60]},
        {"effectiveness": [0, 0, 30, 15, 60, 85]},
        {"effectiveness": [0, 0, 15, 30, 60, 101]},
        {"effectiveness": [0, 0, 0.5, 30, 60, 85]},
        {"bands": [1, 3, 2, 4]},
        {"bands": [1, 2, 3]},
        {"bands": [1, 2, 3, 4.001]},
        {"star_exposure": 0},
        {"star_exposure": 6},
        {"star_share_warning": -1},
        {"bands": [-1, 2, 3, 4]},
        {"star_share_warning": 101},
        {"official_bands": []},
        {"official_bands": [{"name": "a", "from": 50}, {"name": "b", "from": 0}]},
        {"points": {"implemented": 4, "partial": 5, "planned": 0, "not_planned": 0, "unknown": -1}},
        {"points": {"implemented": 4, "partial": 2, "planned": 0, "not_planned": 3, "unknown": -1}},
        {"points": {"implemented": 4, "partial": 2, "planned": 0, "not_planned": 0, "unknown": 1}},
        {"points": {"implemented": 0, "partial": 0, "planned": 0, "not_planned": 0, "unknown": 0}},
        {"points": {**constants()["points"], "absent": 1}},
        {"points": {**constants()["points"], "partial": 2.5}},
        {"points": {"implemented": 4, "planned": 0, "not_planned": 0, "unknown": -1}},
        {"points": {"done": 4}},
        {"points": {"implemented": "many"}},
        {"answers_for": {"confidentiality": ["left"]}},
    ],
)
def test_constants_that_contradict_themselves_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadModel):
        model(**wrong)


@pytest.mark.parametrize("missing", [name for name in constants() if name != "id"])
def test_a_model_file_that_lacks_a_constant_is_refused(missing: str) -> None:
    content = constants()
    del content[missing]

    with pytest.raises(BadModel, match=missing):
        model_of(content)


def test_questions_become_a_rubric_with_its_sets_in_order() -> None:
    built = rubric(
        question(2, essential=True, item=7),
        question(domain="second"),
        question(3, domain="third", axis="right"),
        lens=(2, 0),
    )

    assert built.weight == (2, 1, 3)
    assert built.essential == (True, False, False)
    assert built.official_item == (7, 0, 0)
    assert [(named.name, named.members) for named in built.sets] == [
        ("all", (0,)),
        ("second", (1,)),
        ("third", (2,)),
        ("left", (0, 1)),
        ("right", (2,)),
        ("lens", (2, 0)),
    ]
    assert built.axis_columns == (3, 4)
    assert built.column("lens") == 5
    assert built.columns(["right", "all"]) == (4, 0)
    assert np.array_equal(built.membership[5], [True, False, True])


def test_a_set_that_does_not_exist_has_no_column() -> None:
    with pytest.raises(UnknownName, match="elsewhere"):
        rubric(question()).column("elsewhere")


def test_a_lens_may_only_name_scored_questions() -> None:
    with pytest.raises(BadRubric, match="lens"):
        rubric(question(), lens=(4,))


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight": (0,)},
        {"weight": (-1,)},
        {"weight": (1.5,)},
        {"weight": (1, 1)},
        {"essential": ()},
        {"official_item": (26,)},
        {"official_item": (-1,)},
        {"axes": (NamedSet("left", (1,)),)},
        {"axes": (NamedSet("left", (0, 0)),)},
        {"axes": (NamedSet("all", (0,)),)},
        {"axes": (NamedSet("other", (0,)),)},
    ],
)
def test_a_rubric_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {
        "model": rubric(question()).model,
        "weight": (1,),
        "essential": (False,),
        "official_item": (0,),
        "domains": (NamedSet("all", (0,)),),
        "axes": (NamedSet("left", (0,)),),
    }
    assert Rubric(**right).questions == 1

    with pytest.raises(BadRubric):
        Rubric(**{**right, **wrong})


def test_an_item_of_the_self_check_may_stand_only_once() -> None:
    with pytest.raises(BadRubric, match="twice"):
        rubric(question(item=3), question(item=3))


def test_two_questions_may_not_share_a_key() -> None:
    with pytest.raises(BadRubric, match="same key"):
        rubric_of(rubric(question()).model, [{**question(), "key": "a"}, {**question(), "key": "a"}], {})
