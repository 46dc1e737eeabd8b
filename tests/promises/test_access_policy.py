"""Pages find a supplier's records within a scope only: by a loader of portal/access.py or its condition."""

import ast
from collections.abc import Iterator

from assessments.models import Base, Supplier
from tests.promises.tree import functions, parsed, python_files

PAGES = tuple(
    f"portal/{audience}"
    for audience in ("admin", "auth", "consultations", "entry", "procurement", "public", "risk", "supplier")
)
# What keeps a look-up within what the actor may see: a scope, or the row it hangs below, itself loaded so.
SCOPES = frozenset({"supplier_scope", "campaign_scope"})
PARENTS = frozenset({"supplier_id", "assessment_id", "campaign_id", "import_id"})
# Why a look-up may stand without one.
ALLOWED = {
    "portal/procurement/supplier_import_rows.py: target": "imports.decide takes candidates of the row alone",
}


def test_the_rule_looks_at_the_pages_that_are_there() -> None:
    assert len(python_files(*PAGES)) > 20
    assert {"Supplier", "Assessment", "Contact", "Relationship", "Consultation"} <= _of_a_supplier()


def test_a_supplier_s_record_is_never_found_by_its_id_alone() -> None:
    bare = {
        f"{name}: {function.name}"
        for name in python_files(*PAGES)
        for function in functions(name)
        if any(_compared_models(function)) and not _is_scoped(function)
    }

    assert bare == set(ALLOWED)


def test_a_row_is_fetched_by_a_key_of_another_row_only() -> None:
    asked = [
        f"{name}:{call.lineno}"
        for name in python_files(*PAGES)
        for call in ast.walk(parsed(name))
        if isinstance(call, ast.Call) and _fetches_a_record(call) and not _is_key_of_a_row(call.args[1])
    ]

    assert not asked


def test_the_rule_finds_what_it_is_for() -> None:
    bad = "def view(public_id):\n    session.scalar(select(Contact).where(Contact.public_id == public_id))"
    good = bad.replace("public_id))", "public_id, Contact.supplier_id == supplier.id))")

    assert [_is_bare(source) for source in (bad, good)] == [True, False]
    assert not _is_key_of_a_row(ast.parse("public_id", mode="eval").body)
    assert _is_key_of_a_row(ast.parse("actor().user_id", mode="eval").body)


def _is_bare(source: str) -> bool:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    return any(_compared_models(function)) and not _is_scoped(function)


def _of_a_supplier() -> set[str]:
    """Names of the models whose rows belong to one supplier."""
    return {Supplier.__name__} | {
        mapper.class_.__name__ for mapper in Base.registry.mappers if "supplier_id" in mapper.columns
    }


def _compared_models(function: ast.AST) -> Iterator[str]:
    """Models of a supplier that a function compares by public id, with == or in_()."""
    for node in ast.walk(function):
        found: ast.AST | None = None
        if isinstance(node, ast.Compare):
            found = node.left
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "in_":
            found = node.func.value
        if isinstance(found, ast.Attribute) and found.attr == "public_id":
            name = found.value.id if isinstance(found.value, ast.Name) else ""
            if name in _of_a_supplier():
                yield name


def _is_scoped(function: ast.AST) -> bool:
    """Tell whether a function names a scope, or a condition on the row above."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    conditions = {
        node.left.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute)
    }
    return bool(SCOPES & names or PARENTS & conditions)


def _fetches_a_record(call: ast.Call) -> bool:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in {"get", "get_one"}):
        return False
    named = call.args[0] if len(call.args) > 1 else None
    return isinstance(named, ast.Name) and named.id in {
        mapper.class_.__name__ for mapper in Base.registry.mappers
    }


def _is_key_of_a_row(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Attribute) and (argument.attr == "id" or argument.attr.endswith("_id"))
