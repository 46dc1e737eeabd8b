"""`sanpo demo`: load an invented supply chain into an empty installation."""

import click

from portal import demo, installation


@click.command("demo")
@click.option("--suppliers", type=click.IntRange(10, 100_000), default=demo.SUPPLIERS, show_default=True)
@click.option("--seed", type=int, default=demo.SEED, show_default=True, help="The same seed, the same chain.")
def command(suppliers: int, seed: int) -> None:
    """Load the demo: invented suppliers that answer at the public survey's rates, and two campaigns.

    Refuses a database with real suppliers, and a public address other than this machine's own.
    """
    with installation.opened() as opened:
        is_new = demo.load(opened, suppliers=suppliers, seed=seed)
        click.echo(f"Loaded {suppliers} suppliers." if is_new else "The demo is already there.")
        for one in demo.sign_ins(opened):
            click.echo(f"{one.role}: {one.email}  {one.password}")
        if link := demo.supplier_link(opened):
            click.echo(f"supplier: {link}")
