"""Jobs of the guide, done in a browser as its pages have them: who, by which words, in how many
clicks. The pictures of the pages are taken on the way.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal

from django.contrib.auth import get_user_model
from PIL import Image as Pillow
from playwright.sync_api import Locator, expect

from pare.guide import GUIDE
from tests.browser.test_contributions import person, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

PICTURE = re.compile(r"!\[[^\]]+\]\(images/([\w-]+\.webp)\)")
WHO_AND_CLICKS = re.compile(r"^\*(?P<groups>[^*]+?)\. (?P<clicks>\d+) clics?\.\*$", re.M)
ROLES: tuple[Literal["button", "link", "tab", "menuitem", "checkbox", "radio"], ...] = (
    *("button", "link", "tab", "menuitem", "checkbox", "radio"),
)
# What is pressed, and what is chosen in a list; what is typed is no click.
COUNT_CLICKS = """
const count = () => sessionStorage.setItem("clicks", +sessionStorage.getItem("clicks") + 1);
addEventListener("pointerdown", count, true);
addEventListener("change", (event) => { if (event.target.matches("select")) count(); }, true);
"""
COLOURS = 64
MENU_WIDTH = 200
STILL: dict[str, Any] = {"animations": "disabled", "caret": "hide"}
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass
class Part:
    """A part of a job, which one person does: a heading of the page with its clicks."""

    heading: str
    text: str
    page: Page
    job: Job

    def press(self, words: str, among: Locator | None = None, *, exact: bool = True) -> None:
        """Press what has these words, which the page must name in bold."""
        assert f"**{words}**" in self.text, f"« {self.heading} » does not name « {words} »"
        place = among or self.page.locator("body")
        found = [place.get_by_role(role, name=words, exact=exact) for role in ROLES]
        # Words that are seen, where others are read aloud in their place.
        shown = re.compile(rf"^\s*{re.escape(words)}\s*$")
        found.append(place.locator("a, button, summary").filter(has_text=shown))
        wanted = reduce(Locator.or_, found).filter(visible=True).first
        # Over the frame of a letter, a click in the very moment of the scroll is lost.
        wanted.scroll_into_view_if_needed()
        self.page.evaluate(TWO_FRAMES)
        wanted.click()

    def open(self, title: str) -> None:
        """Open a thing by its title, which is no word of the page."""
        self.page.get_by_role("link", name=title).first.click()

    def open_section(self, title: str) -> None:
        """Open the pages of a section, from the menu."""
        self.press("Pages")
        self.press("Voir les sous-pages de 'Projet PARÉ'")
        self.press(title)

    def open_session(self, title: str) -> None:
        """Open the people of a session, from the menu."""
        self.press("Inscriptions")
        self.press("Par session")
        self.open(title)
        expect(self.page.get_by_role("button", name="Actions")).to_be_visible()

    def approve(self, picture: str = "", *, menu: bool = True) -> None:
        """Approve what the editor shows: its menu if it has one, each point, and the button."""
        if menu:
            self.press("Plus d'actions")
        self.press("Approuver")
        dialog = self.page.locator(".modal-dialog")
        boxes = dialog.locator("input[type=checkbox]")
        expect(boxes.first).to_be_visible()
        for box in boxes.all():
            box.check()
        if picture:
            self.picture(picture, dialog)
        with self.page.expect_navigation():
            self.press("Approuver", dialog)

    def choose_file(self, field: Locator, path: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            field.click()
        chooser.value.set_files(path)

    def picture(self, name: str, of: Locator | None = None, *, top: int = 0, to: int = 0) -> None:
        """Take a picture of the page: of an element, or of the screen beside the menu.

        Args:
            top: where it begins on the screen, and ``to``: where it ends.
        """
        file = f"{self.job.name}-{name}.webp"
        assert file in PICTURE.findall(self.text), f"« {self.heading} » does not show {file}"
        self.job.taken.append(file)
        if self.job.is_updating:
            self.page.wait_for_load_state("networkidle")
            size = self.page.viewport_size or {}
            width, height = size["width"] - MENU_WIDTH, (to or size["height"]) - top
            area = {"x": MENU_WIDTH, "y": top, "width": width, "height": height}
            shown = of.screenshot(**STILL) if of else self.page.screenshot(clip=area, **STILL)  # type: ignore[arg-type]
            save_picture(shown, GUIDE / "images" / file)

    def clicks(self) -> int:
        return int(self.page.evaluate("+sessionStorage.getItem('clicks')"))


@dataclass
class Job:
    """A page of the guide."""

    name: str
    open_page: Callable[..., Page]
    is_updating: bool
    clicks: dict[str, int] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text = (GUIDE / f"{self.name}.md").read_text(encoding="utf-8")
        sections = re.split(r"^## (.+)\n", self.text, flags=re.M)[1:]
        found = zip(sections[::2], sections[1::2], strict=True)
        self.parts = {title: text for title, text in found if WHO_AND_CLICKS.search(text)}

    def sign_in(self, group: str) -> Page:
        """Return a window of someone of a group, on the dashboard."""
        username = group.lower()
        if not get_user_model().objects.filter(username=username).exists():
            person(group, username)
        page = sign_in(self.open_page, username)
        page.context.add_init_script(COUNT_CLICKS)
        page.reload()
        return page

    @contextmanager
    def part(self, heading: str, group: str, page: Page) -> Iterator[Part]:
        """Do a part of the job, and count its clicks."""
        part = Part(heading, self.parts[heading], page, self)
        assert group in self.written(heading)["groups"]
        before = part.clicks()
        yield part
        self.clicks[heading] = part.clicks() - before

    def written(self, heading: str) -> re.Match[str]:
        """Return who does a part, and in how many clicks, as the page has it."""
        found = WHO_AND_CLICKS.search(self.parts[heading])
        assert found
        return found

    def finish(self) -> None:
        """Expect the parts of the page, in as many clicks as it has, and its pictures."""
        written = {each: int(self.written(each)["clicks"]) for each in self.parts}
        assert self.clicks == written, f"{self.name}.md has other clicks than {self.clicks}"
        assert self.taken == PICTURE.findall(self.text)


def save_picture(png: bytes, path: Path) -> None:
    """Write a picture of a screen, in few colours: small, and as sharp as it was."""
    with Pillow.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Pillow.Dither.NONE)
        few.convert("RGB").save(path, "webp", lossless=True, method=6)
