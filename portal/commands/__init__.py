"""The operators' commands, a module each with its `command`; read when called, so that start stays fast."""

# Name at the command line -> module. The order is the one of `sanpo --help`.
COMMANDS = {
    "demo": "portal.commands.demo",
    "migrate": "portal.commands.migrate",
}
