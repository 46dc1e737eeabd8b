"""A RabbitMQ of its own in a temporary directory, which may be killed; Debian has the package."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kombu import Connection, Queue
from kombu.exceptions import OperationalError

from tests import running
from tests.servers import ServerMissing, free_port

PROGRAMS = Path("/usr/lib/rabbitmq/bin")


@dataclass
class RabbitMQ:
    """A broker at one address."""

    directory: Path
    port: int = field(default_factory=free_port)
    peers_port: int = field(default_factory=free_port)
    distribution_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address as `SANPO_BROKER_URL` takes it."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    @property
    def is_up(self) -> bool:
        """Tell whether it answers."""
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.ensure_connection(max_retries=1, timeout=2)
        except (OperationalError, OSError):
            return False
        return True

    def start(self) -> None:
        """Start it and wait until it answers. Raises ServerMissing."""
        if not PROGRAMS.is_dir():
            raise ServerMissing("RabbitMQ is missing: install Debian's package `rabbitmq-server`.")
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "rabbitmq-server"],
                env=self._environment(), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        running.eventually(lambda: self.is_up)

    def flush(self) -> None:
        """Throw away what waits in our queues."""
        with Connection(self.url) as connection, connection.channel() as channel:
            for queue in ("sanpo", "sanpo.mail"):
                Queue(queue, channel=channel).purge()

    def kill(self) -> None:
        """Kill it at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _environment(self) -> dict[str, str]:
        at = self.directory
        return {
            **os.environ,
            "HOME": str(at),
            "ERL_EPMD_PORT": str(self.peers_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "sanpo-faults@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(at / "mnesia"),
            "RABBITMQ_LOG_BASE": str(at / "logs"),
            "RABBITMQ_CONFIG_FILE": str(at / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(at / "plugins"),
            "RABBITMQ_PID_FILE": str(at / "pid"),
        }


@contextmanager
def rabbitmq() -> Iterator[RabbitMQ]:
    """Run a RabbitMQ until the block ends, and the small name server that it starts beside it."""
    with tempfile.TemporaryDirectory(prefix="sanpo-rabbit-", ignore_cleanup_errors=True) as name:
        server = RabbitMQ(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.kill()
            if program := shutil.which("epmd"):
                with suppress(subprocess.TimeoutExpired):
                    subprocess.run(
                        [program, "-port", str(server.peers_port), "-kill"],
                        capture_output=True, check=False, timeout=10,
                    )  # fmt: skip
