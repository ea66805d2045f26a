"""What resources and news hold of people: their authors."""

from __future__ import annotations

from core.personal_data import CONTENT, NUMBERS, TEAM_TEXTS
from core.privacy.common import WITH_CONTENT
from core.privacy.registry import declare, declare_all, held

declare("resources.ResourceAuthor", held(CONTENT, "name", WITH_CONTENT), rest=NUMBERS)
declare_all(
    "resources.ResourceIndexPage resources.ResourceAttachment resources.RelatedResource "
    "resources.ResourcePage resources.NewsIndexPage resources.NewsPage",
    TEAM_TEXTS,
)
declare_all("resources.ResourceTag resources.NewsTag", NUMBERS)
