"""The registry of the builders of drafts, and what they share."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from contributions.kinds import ContributionKind
from core.drafts import (
    DRAFT_BUILDERS,
    DraftBuilder,
    register_draft_builder,
    split_names,
    summarize,
    text_to_html,
)


def test_each_kind_that_becomes_content_has_a_builder() -> None:
    assert set(DRAFT_BUILDERS) == set(ContributionKind) - {ContributionKind.NETWORK}


def test_a_kind_has_one_builder() -> None:
    with pytest.raises(ImproperlyConfigured, match="'news'"):
        register_draft_builder("news")(DraftBuilder)


@pytest.mark.parametrize(
    "text,html",
    [
        ("Un\ndeux\n\ntrois", "<p>Un<br/>deux</p><p>trois</p>"),
        ("Un\r\n\r\n\r\n\r\ndeux", "<p>Un</p><p>deux</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        (" \n\n ", ""),
    ],
)
def test_plain_text_becomes_paragraphs_and_nothing_else(text: str, html: str) -> None:
    assert text_to_html(text) == html


def test_a_summary_is_short_and_on_one_line() -> None:
    assert summarize("Un\n\n deux") == "Un deux"
    assert len(summarize("mot " * 200)) <= 300


def test_names_are_parted_by_commas_and_cut_to_their_column() -> None:
    assert split_names(" Une personne, ,Une autre,", 8) == ["Une pers", "Une autr"]
