"""Two installations made of real processes that can be killed one by one, and are put right again."""

import enum
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from assessments.models import Assessment, Campaign
from portal import schema
from portal.db import Database
from portal.settings import Settings, from_environment
from tests import running, servers
from tests.faults import family
from tests.servers import PostgreSQL

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
NAME = "faults"
MENDED_WITHIN = 180.0
NO_LIMITS = {"SANPO_MAIL_PER_MINUTE": "0", "SANPO_MAIL_PER_DOMAIN_PER_MINUTE": "0"}
SERVE, WEB, SCHEDULE, WORKER = "serve", "web", "schedule", "worker"


class Victim(enum.StrEnum):
    """What is killed; on one machine the first three, on several the others."""

    PARENT = "parent"
    CHILD = "child"
    JOB = "job"
    WEB = "web"
    WEB_CHILD = "web's child"
    WORKER = "worker"
    WORK = "all workers' jobs"
    DISPATCH = "worker's dispatcher"
    SCHEDULE = "schedule"
    BROKER = "broker"
    FLUSH = "broker flushed"
    DATABASE = "database"


# Whoever has a mail in flight; each kill of one may leave one mail unknown.
SENDERS = (Victim.PARENT, Victim.CHILD, Victim.WORKER, Victim.DISPATCH)


class Installation(Protocol):
    """A running Sanpo."""

    @property
    def name(self) -> str:
        """What the report calls it."""

    @property
    def victims(self) -> Sequence[Victim]:
        """What can be killed here."""

    @property
    def settings(self) -> Settings:
        """The settings it runs with."""

    @property
    def database(self) -> Database:
        """Its database, to look at."""

    def kill(self, victim: Victim, port: int | None = None) -> bool:
        """Kill; with a port, only whoever holds that connection. False when there was nobody to kill."""

    def held(self, campaign: str) -> AbstractContextManager[None]:
        """Have the job that opens a campaign wait half-way, as long as the block runs, where that can be."""

    def mend(self) -> None:
        """Start what lies dead, as whoever looks after it would, and wait until pages answer."""

    def stop_senders(self) -> None:
        """Stop, in order, whoever sends mails and runs jobs, until `mend`."""


class Broker(Protocol):
    """A broker that may be killed."""

    @property
    def url(self) -> str:
        """The address as `SANPO_BROKER_URL` takes it."""

    @property
    def is_up(self) -> bool:
        """Tell whether it answers."""

    def start(self) -> None:
        """Start it and wait until it answers."""

    def flush(self) -> None:
        """Throw away what it holds."""

    def kill(self) -> None:
        """Kill it at once."""


@dataclass
class Post:
    """One command that is kept running."""

    command: str
    environment: Mapping[str, str]
    more: Sequence[str] = ()
    before: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self.process is not None
        return self.process.pid

    def run(self) -> None:
        """Start it unless it runs."""
        if self.process is None or self.process.poll() is not None:
            log = Path(self.environment["SANPO_DATA_DIR"], "said.log")
            with log.open("ab") as said:
                self.process = running.launched(
                    self.command, *self.more, environment=self.environment, log=said, before=self.before
                )

    def kill(self) -> None:
        """Kill it; what it started ends by itself, and is waited for."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)  # starts nobody any more, who would be overlooked
        left = running.descendants(self.pid)
        self.process.kill()
        self.process.wait()
        if self.command != WEB:
            running.eventually(lambda: not any(running.is_alive(pid) for pid in left), seconds=MENDED_WITHIN)
        for pid in left:
            family.kill(pid)  # a service manager ends the whole group of a service

    def stop(self) -> None:
        """Have it end in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(running.PATIENCE_SECONDS)


@dataclass
class OneMachine:
    """`sanpo serve`: SQLite, and the broker inside the process."""

    settings: Settings
    database: Database
    post: Post
    name: str = "one machine"
    victims: Sequence[Victim] = (Victim.CHILD, Victim.PARENT, Victim.JOB)

    def kill(self, victim: Victim, port: int | None = None) -> bool:
        """Kill the parent, the child that does everything, or a job."""
        if victim is Victim.PARENT:
            self.post.kill()
            return True
        found = family.named(self.post.pid, "job" if victim is Victim.JOB else "serve-child")
        for pid in found[:1]:
            family.kill(pid)
        return bool(found)

    def held(self, campaign: str) -> AbstractContextManager[None]:
        """Hold nothing: whoever holds SQLite holds everybody, and a job's process lives long enough."""
        return nullcontext()

    def mend(self) -> None:
        """Start the parent again; the child is the parent's business."""
        running.eventually(self._run, seconds=MENDED_WITHIN)

    def _run(self) -> bool:
        self.post.run()
        return running.answers(f"http://127.0.0.1:{self.settings.port}/livez")

    def stop_senders(self) -> None:
        """Stop everything: it is one."""
        self.post.stop()


@dataclass
class SeveralMachines:
    """PostgreSQL, Redis, and processes that share nothing else."""

    settings: Settings
    database: Database
    postgresql: PostgreSQL
    broker: Broker
    posts: Sequence[Post]
    name: str = "several machines"
    victims: Sequence[Victim] = (
        Victim.DISPATCH, Victim.WORKER, Victim.WORK, Victim.WEB, Victim.WEB_CHILD,
        Victim.SCHEDULE, Victim.BROKER, Victim.FLUSH, Victim.DATABASE,
    )  # fmt: skip
    _turn: int = field(default=0)

    def kill(self, victim: Victim, port: int | None = None) -> bool:
        """Kill one process of a kind, in turn, or the one that holds the connection."""
        self._turn += 1
        match victim:
            case Victim.BROKER:
                self.broker.kill()
            case Victim.FLUSH:
                self.broker.flush()
            case Victim.DATABASE:
                self.database.dispose()
                self.postgresql.crash()
            case Victim.WEB | Victim.SCHEDULE:
                self._chosen(WEB if victim is Victim.WEB else SCHEDULE, None)[0].kill()
            case Victim.WEB_CHILD:
                return self._kill_below(self._chosen(WEB, None), "gunicorn")
            case Victim.WORKER:
                chosen = self._chosen(WORKER, port)
                for post in chosen[:1]:
                    post.kill()
                return bool(chosen)
            case Victim.DISPATCH:
                return self._kill_below(self._chosen(WORKER, port), "dispatch")
            case _:
                # Which of them has the job does not show: all of them.
                return sum(self._kill_below([post], "work") for post in self._posts(WORKER)) > 0
        return True

    @property
    def urls(self) -> list[str]:
        """The address of each web."""
        return [f"http://127.0.0.1:{post.environment['SANPO_PORT']}" for post in self._posts(WEB)]

    @contextmanager
    def held(self, campaign: str) -> Iterator[None]:
        """Hold one row that an invitation will point at."""
        of = select(Campaign.id).where(Campaign.public_id == campaign).scalar_subquery()
        last = select(Assessment.id).where(Assessment.campaign_id == of).order_by(Assessment.id.desc())
        with self.database.writer() as session:
            session.execute(last.limit(1).with_for_update())
            try:
                yield
            finally:
                session.rollback()

    def mend(self) -> None:
        """Start what lies dead, as systemd would."""
        if not self.broker.is_up:
            self.broker.start()
        if not self.postgresql.is_up:
            self.postgresql.start()
        running.eventually(self._run_all, seconds=MENDED_WITHIN)

    def _run_all(self) -> bool:
        """Start who does not run, again where one gave up at its start; tells whether pages answer."""
        for post in self.posts:
            post.run()
        return all(running.answers(f"{url}/livez") for url in self.urls)

    def stop_senders(self) -> None:
        """Stop the workers."""
        for post in self._posts(WORKER):
            post.stop()

    def _posts(self, command: str) -> list[Post]:
        return [post for post in self.posts if post.command == command]

    def _chosen(self, command: str, port: int | None) -> list[Post]:
        """Give the posts of a command, the next in turn first, or only the one that holds a connection."""
        posts = self._posts(command)
        if port is not None:
            return [post for post in posts if family.holds(post.pid, port)]
        turn = self._turn % len(posts)
        return posts[turn:] + posts[:turn]

    def _kill_below(self, posts: Sequence[Post], command: str) -> bool:
        found = [pid for post in posts for pid in family.named(post.pid, command)]
        for pid in found[:1]:
            family.kill(pid)
        return bool(found)


@contextmanager
def one_machine(directory: Path, mail_url: str, *, before: Sequence[str] = ()) -> Iterator[OneMachine]:
    """Run `sanpo serve` in a directory; `before` are the words of a program that runs it."""
    environment = {
        "SANPO_DATA_DIR": str(directory),
        "SANPO_PORT": str(servers.free_port()),
        "SANPO_MAIL_URL": mail_url,
        "SANPO_SECRET_KEY": SECRET,
        **NO_LIMITS,
    }
    settings = from_environment(environment)
    database = Database(settings.database_url)
    schema.migrate(database)
    post = Post(SERVE, environment, before=before)
    made = OneMachine(settings, database, post)
    try:
        yield made
    finally:
        post.stop()
        database.dispose()


@contextmanager
def several_machines(
    directory: Path,
    mail_url: str,
    *,
    webs: int = 1,
    workers: int = 2,
    schedules: int = 2,
    broker: Callable[[], AbstractContextManager[Broker]] = servers.mortal_redis,
) -> Iterator[SeveralMachines]:
    """Run a PostgreSQL and a broker of its own, and beside them so many of each process."""
    with ExitStack() as stack:
        postgresql = stack.enter_context(servers.postgresql())
        waker = stack.enter_context(broker())
        url = postgresql.create(NAME)
        # A commit must outlive the crash of the server; the tests' own setting does without.
        postgresql.tell("ALTER DATABASE {} SET synchronous_commit TO on", NAME)
        environments = [_environment(directory, url, waker.url, mail_url) for _ in range(webs)]
        settings = from_environment(environments[0])
        database = Database(url)
        stack.callback(database.dispose)
        schema.migrate(database)
        posts = [Post(WEB, environment, ("--workers", "2")) for environment in environments]
        posts += [Post(WORKER, environments[0], ("--concurrency", "1")) for _ in range(workers)]
        posts += [Post(SCHEDULE, environments[0]) for _ in range(schedules)]
        made = SeveralMachines(settings, database, postgresql, waker, posts)
        for post in posts:
            stack.callback(post.stop)
        yield made


def _environment(directory: Path, url: str, broker: str, mail_url: str) -> dict[str, str]:
    return {
        "SANPO_DATA_DIR": str(directory),
        "SANPO_PORT": str(servers.free_port()),
        "SANPO_DATABASE_URL": url,
        "SANPO_BROKER_URL": broker,
        "SANPO_MAIL_URL": mail_url,
        "SANPO_SECRET_KEY": SECRET,
        **NO_LIMITS,
    }
