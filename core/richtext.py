"""Rich text for readers."""

from wagtail.rich_text import expand_db_html

from core.web.links import absolute_links


def render_rich_text(source: str, origin: str) -> str:
    """Return database HTML as HTML for readers, every link resolved and absolute."""
    return absolute_links(expand_db_html(source), origin)
