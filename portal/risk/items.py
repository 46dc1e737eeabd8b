"""How many do what each question asks, beside the public survey."""

from flask import render_template

from assessments.chain.items import item_rates
from portal.risk import figures, looking, words
from portal.risk.routes import blueprint


@blueprint.get("/items")
def items() -> str:
    """Show the implementation rate of every question, by domain, the 25 beside the survey."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    rates = item_rates(seen.picture)
    domains = [
        (
            words.set_name(seen.chain.content, named.name),
            [figures.item_row(rates[place]) for place in named.members],
        )
        for named in seen.chain.rubric.domains
    ]
    return render_template(
        "risk/items.html",
        seen=seen,
        answered=int(seen.picture.has_result.sum()),
        shown=figures.all_items(seen),
        columns=figures.item_columns(),
        domains=domains,
        notes=figures.source_notes(rates),
    )
