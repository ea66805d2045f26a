"""Lists the latest resources of a site, shows its next event, and writes the first resource."""

from __future__ import annotations

import re
import sys
from typing import TypeVar, assert_never

from pare_client import Client
from pare_client.api.events import get_event, list_events
from pare_client.api.resources import get_resource, list_resources
from pare_client.models import (
    Accordion,
    CallToAction,
    DocumentDownload,
    Figure,
    Heading,
    KeyFigures,
    LinkedContent,
    Problem,
    Quote,
    ResourceDetail,
    RichText,
    Table,
    TrainingDetail,
    Video,
    WebinarDetail,
)

Block = (
    Accordion
    | CallToAction
    | DocumentDownload
    | Figure
    | Heading
    | KeyFigures
    | LinkedContent
    | Quote
    | RichText
    | Table
    | Video
)


Answer = TypeVar("Answer")


class Refused(Exception):
    """The API answered with a problem."""


def without_tags(html: str) -> str:
    """Return the text of HTML."""
    return re.sub(r"<[^>]+>", "", re.sub(r"</(p|li|h\d)>", "\n", html)).strip()


def render(block: Block) -> str:
    """Return a block as Markdown of sorts; mypy refuses one that has no case."""
    match block:
        case RichText():
            return without_tags(block.html)
        case Heading():
            return f"{'#' * block.level} {block.text}"
        case Figure():
            return f"![{block.picture.alt}]({block.picture.src}) {block.caption}".strip()
        case DocumentDownload():
            return f"[{block.file.title}]({block.file.url})"
        case Video():
            return f"[{block.title}]({block.url}) {block.duration}".strip()
        case Quote():
            return f"> {block.text}\n> — {block.attribution}"
        case KeyFigures():
            return "\n".join(f"{each.value} {each.label}" for each in block.figures)
        case CallToAction():
            return f"{block.title} → {block.button}: {block.url}"
        case Accordion():
            return "\n\n".join(
                f"## {each.title}\n{without_tags(each.html)}" for each in block.items
            )
        case Table():
            return "\n".join(" | ".join(row) for row in [block.head, *block.rows])
        case LinkedContent():
            items = [f"- {each.title}: {each.html_url}" for each in block.items]
            return "\n".join([block.title, *items])
        case _:
            assert_never(block)


def checked(answer: Answer | Problem | None) -> Answer:
    """Return an answer that is none of the API's errors.

    Raises:
        Refused: it is one.
    """
    if answer is None or isinstance(answer, Problem):
        raise Refused(answer.detail if answer else "no answer")
    return answer


def print_resources(client: Client) -> int | None:
    """Print the latest; return the number of the first."""
    found = checked(list_resources.sync(client=client, limit=5))
    print(f"{found.count} resources")
    for each in found.items:
        themes = ", ".join(theme.label for theme in each.themes)
        print(f"- {each.title} ({each.resource_type.label}; {themes})")
    return found.items[0].id if found.items else None


def print_next_event(client: Client) -> None:
    """Print the title and the hours of the next."""
    found = checked(list_events.sync(client=client, limit=1))
    if not found.items:
        print("No event is announced.")
        return
    event = get_event.sync(found.items[0].id, client=client)
    if isinstance(event, TrainingDetail | WebinarDetail):
        starts = ", ".join(each.starts_at.isoformat() for each in event.sessions)
        print(f"Next: {event.title}, {starts}")


def print_text(client: Client, number: int) -> None:
    """Print the body of a resource."""
    resource: ResourceDetail = checked(get_resource.sync(number, client=client))
    parts = [f"# {resource.title}", *(render(block) for block in resource.body)]
    print("\n\n".join(part for part in parts if part))


def main(site: str = "http://localhost:8000") -> None:
    """Print what this example shows of a site."""
    client = Client(base_url=site, raise_on_unexpected_status=True)
    first = print_resources(client)
    print_next_event(client)
    if first is not None:
        print_text(client, first)


if __name__ == "__main__":
    main(*sys.argv[1:])
