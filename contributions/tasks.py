from __future__ import annotations

from django_tasks import task

from contributions.emails import send_contribution_email
from contributions.models import Contribution
from contributions.verification import verify_file


@task()
def send_letter(contribution_id: int, letter: str, message: str) -> None:
    """Write to the partner or to the team, as 0.1.0 queued it; kept until 0.3.0."""
    contribution = Contribution.objects.filter(pk=contribution_id).first()
    if contribution is not None:
        send_contribution_email(contribution, letter, message)


@task(priority=10)
def scan_file(file_id: int) -> None:
    """Scan a file, as 0.1.0 queued it; kept until 0.3.0."""
    verify_file.func(file_id)
