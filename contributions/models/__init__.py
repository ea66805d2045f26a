"""Contributions with their files and threads, and the tasks of the review."""

from contributions.models.contributions import (
    CLOSED,
    Contribution,
    ContributionState,
    Message,
    StateChangeRefused,
    Version,
)
from contributions.models.files import ContributionFile, FileState
from contributions.models.reviewing import (
    Checklist,
    EditorialReview,
    OutsideContent,
    ReviewState,
    Validation,
)

__all__ = [
    "CLOSED",
    "Checklist",
    "Contribution",
    "ContributionFile",
    "ContributionState",
    "EditorialReview",
    "FileState",
    "Message",
    "OutsideContent",
    "ReviewState",
    "StateChangeRefused",
    "Validation",
    "Version",
]
