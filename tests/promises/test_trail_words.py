"""Every act that the source writes into the audit trail has words for its reader."""

import ast

from assessments.audit import KINDS
from portal.admin.trail_words import ACTIONS, OBJECTS
from tests.promises.tree import parsed, python_files

# The functions through which lines are written.
WRITERS = frozenset({"record", "note", "_done", "_kept"})


def test_every_act_has_words() -> None:
    acts = {text for text in _written() if "." in text}

    assert len(acts) > 20
    assert not acts - set(ACTIONS)


def test_every_kind_of_object_has_words() -> None:
    kinds = set(KINDS.values()) | {
        str(keyword.value.value)
        for name in python_files("assessments", "portal")
        for call in ast.walk(parsed(name))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "object_kind" and isinstance(keyword.value, ast.Constant)
    }

    assert not kinds - set(OBJECTS)


def _written() -> set[str]:
    """Constant texts given to a writer, in place or by name."""
    return {
        str(value.value)
        for name in python_files("assessments", "portal")
        for call in ast.walk(parsed(name))
        if isinstance(call, ast.Call) and _name_of(call) in WRITERS
        for value in (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "action"))
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
