"""The whole reading of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from wagtail_localize.models import SourceDeletedError

from review.proofreading.findings import Topic
from review.proofreading.passages import find_passages
from review.proofreading.people import check_descriptions, check_helplines, check_identities
from review.proofreading.sources import (
    check_documents,
    check_figures,
    check_links,
    check_numbers,
)
from review.proofreading.terminology import check_words

if TYPE_CHECKING:
    from wagtail_localize.models import Translation

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
    return _in_order(findings)


def read_translation(translation: Translation) -> list[Finding]:
    """Return the findings about a translation, with its texts as they are now, saved or not."""
    try:
        target = translation.source.get_ephemeral_translated_instance(
            translation.target_locale, fallback=True
        )
        source = translation.source.as_instance()
    except SourceDeletedError:
        return read_draft(translation.get_target_instance())
    numbers = check_numbers(find_passages(source), find_passages(target))
    return _in_order([*read_draft(target), *numbers])


def _in_order(findings: list[Finding]) -> list[Finding]:
    order = [topic.value for topic in Topic]
    return sorted(findings, key=lambda finding: order.index(finding.topic.value))
