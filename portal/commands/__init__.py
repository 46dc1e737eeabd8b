"""The operators' commands, a module each with its `command`; read when called, so that start stays fast."""

# Name at the command line -> module. The order is the one of `sanpo --help`; hidden ones stand last.
COMMANDS = {
    "run": "portal.commands.run",
    "serve": "portal.commands.serve",
    "migrate": "portal.commands.migrate",
    "backup": "portal.commands.backup",
    "restore": "portal.commands.restore",
    "doctor": "portal.commands.doctor",
    "demo": "portal.commands.demo",
    "user": "portal.commands.user",
    "questionnaire": "portal.commands.questionnaire",
    "score": "portal.commands.score",
    "suppliers": "portal.commands.suppliers",
    "campaign": "portal.commands.campaign",
    "rescore": "portal.commands.rescore",
    "mail": "portal.commands.mail",
    "mailbox": "portal.commands.mailbox",
    "web": "portal.commands.web",
    "worker": "portal.commands.worker",
    "schedule": "portal.commands.schedule",
    "serve-child": "portal.commands.serve_child",
    "work": "portal.commands.work",
    "dispatch": "portal.commands.dispatch",
    "job": "portal.commands.job",
}
