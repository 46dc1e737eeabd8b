"""`sanpo demo`: load an invented supply chain into an empty installation."""

import click

from portal import demo, installation
from portal.installation import Installation


@click.command("demo")
@click.option("--suppliers", type=click.IntRange(10, 100_000), default=demo.SUPPLIERS, show_default=True)
@click.option("--seed", type=int, default=demo.SEED, show_default=True, help="The same seed, the same chain.")
@click.option("--quiet", is_flag=True, hidden=True)
@click.option("--sign-ins", "only_sign_ins", is_flag=True, hidden=True)
def command(suppliers: int, seed: int, quiet: bool, only_sign_ins: bool) -> None:
    """Load the demo: invented suppliers that answer at the public survey's rates, and two campaigns.

    Refuses a database with real suppliers, and a public address other than this machine's own.
    """
    with installation.opened() as opened:
        is_new = not only_sign_ins and demo.load(opened, suppliers=suppliers, seed=seed)
        if quiet:
            return
        if not only_sign_ins:
            click.echo(f"Loaded {suppliers} suppliers." if is_new else "The demo is already there.")
        _say_how_to_get_in(opened)


def _say_how_to_get_in(opened: Installation) -> None:
    for one in demo.sign_ins(opened):
        click.echo(f"  {one.role:<12} {one.email:<36} {one.password}")
    if link := demo.supplier_link(opened):
        click.echo(f"  {'supplier':<12} {link}")
