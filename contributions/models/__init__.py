"""Contributions, with their files and threads."""

from contributions.models.contributions import (
    CLOSED,
    Contribution,
    ContributionState,
    Message,
    StateChangeRefused,
    Version,
)
from contributions.models.files import ContributionFile, FileState, file_decided

__all__ = [
    "CLOSED",
    "Contribution",
    "ContributionFile",
    "ContributionState",
    "FileState",
    "Message",
    "StateChangeRefused",
    "Version",
    "file_decided",
]
