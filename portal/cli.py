"""The operators' command `sanpo`: a group whose commands are read when they are called."""

import importlib
import os
import sys
from typing import Any

import click

from portal import console, processes
from portal.commands import COMMANDS

OWNER_ONLY = 0o077  # whatever a command writes, database and lists included, is for its owner


class Commands(click.Group):
    """The group: knows every command by name, and turns any failure into one line and a status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Read the module of a command, whose `command` it is."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises ends as one clear line."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.params.get("traceback"):
                raise
            raise console.refusal(error) from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--traceback", is_flag=True, help="On failure, print where in the program it happened.")
@click.option("--lifeline", type=int, hidden=True)
@click.version_option(package_name="sanpo")
def main(traceback: bool, lifeline: int | None) -> None:
    """Sanpo: look after the security of the supply chain together with your suppliers.

    Settings come from the environment (SANPO_…); README, "Configure it", lists them.
    """
    del traceback  # read by Commands.invoke
    os.umask(OWNER_ONLY)
    if lifeline is not None:
        processes.end_with(lifeline)


if __name__ == "__main__":
    main(prog_name="sanpo", args=sys.argv[1:])
