"""The whole reading of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from review.proofreading.findings import Topic
from review.proofreading.passages import find_passages
from review.proofreading.people import check_descriptions, check_helplines, check_identities
from review.proofreading.sources import check_documents, check_figures, check_links
from review.proofreading.terminology import check_words

if TYPE_CHECKING:
    from review.proofreading.findings import Finding


def read_draft(instance: Any) -> list[Finding]:
    """Return the findings about a page or snippet as it is in memory, in the order of topics."""
    passages = find_passages(instance)
    findings = [
        *check_links(passages),
        *check_documents(instance),
        *check_helplines(instance, passages),
    ]
    # The words to avoid, first names and turns of phrase are those of French.
    if instance.locale.language_code == settings.LANGUAGE_CODE:
        findings += check_words(passages)
        findings += check_identities(passages)
        findings += check_descriptions(passages)
        findings += check_figures(instance, passages)
    order = [topic.value for topic in Topic]
    return sorted(findings, key=lambda finding: order.index(finding.topic.value))
