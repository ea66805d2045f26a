"""Names of Wagtail's rich text that no documentation promises."""

from wagtail.rich_text.pages import PageLinkHandler

__all__ = ["PageLinkHandler"]
