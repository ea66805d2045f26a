"""Marks of what came from outside, records of who wrote what, and the tasks of the review."""

from review.models.provenance import ExternalContent
from review.models.records import RevisionRecord
from review.models.tasks import Checklist, EditorialReview, ReviewState, Validation

__all__ = [
    "Checklist",
    "EditorialReview",
    "ExternalContent",
    "ReviewState",
    "RevisionRecord",
    "Validation",
]
