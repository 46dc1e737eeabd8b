"""How far a job is, as a page and the progress script show it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from assessments.models import Job, JobState
from portal.filters import number

WHOLE = 100


def N_(words: str) -> str:  # noqa: N802  the name by which texts to translate later are found
    """Mark words that are stored in Japanese and translated when shown."""
    return words


BROKE = N_("処理の途中でエラーが起きました。もう一度お試しください。続くときは管理者にお知らせください。")
GAVE_UP = N_("途中で何度も止まったため、打ち切りました。もう一度お試しください。")


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A percentage 0-100, or None while it cannot be told; words; whether the job has ended."""

    progress: int | None
    text: str
    finished: bool


def of(job: Job) -> JobProgress:
    """Give the progress of a job in the page's language."""
    if job.state is JobState.WAITING:
        return JobProgress(None, _("順番を待っています。"), finished=False)
    if job.state is JobState.RUNNING:
        return _running(job)
    words = {
        JobState.DONE: _("完了しました。"),
        JobState.CANCELLED: _("取りやめました。"),
        JobState.FAILED: _(job.failure) if job.failure else "",
    }
    return JobProgress(WHOLE, words[job.state], finished=True)


def _running(job: Job) -> JobProgress:
    if not job.total:
        return JobProgress(None, _("処理しています。"), finished=False)
    text = f"{number(job.done)} / {number(job.total)}"
    return JobProgress(WHOLE * job.done // job.total, text, finished=False)
