"""Nothing becomes public but through the door, whatever people do and in whatever order.

People of all groups do random acts on a whole site (:mod:`tests.door.world`); every so often, all
that anyone can read is looked through for words that nobody admitted. What may be public is kept
apart from the product (:mod:`tests.door.admissions`).

``make test-long`` runs it for longer, from other seeds. A failure prints the shortest story that
was found; put it into :mod:`tests.door.test_sequences`.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis
import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, Verbosity, seed
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.door.admissions import PAGE, STRUCTURE
from tests.door.items import (
    HAS_ITEMS,
    WHY_NOT,
    admissions_without_a_rule,
    differences_from_the_ledger,
    differences_once_rebuilt,
)
from tests.door.readers import find_leaks, find_leaks_to_members, read_all
from tests.door.world import ADMINISTRATOR, MEMBER, PARTNER, TEAM, World
from tests.pare.test_parity import from_the_api

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.door.admissions import Key

EVERY = int(os.environ.get("PARE_DOOR_EVERY", "20"))
"""Acts between two looks at all that is public."""
SHOWN = 7
"""Of how many pages one is compared with what the API gives of it, at each look."""
STORIES = int(os.environ.get("PARE_DOOR_STORIES", "3"))
STEPS = int(os.environ.get("PARE_DOOR_STEPS", "24"))
SEED = os.environ.get("PARE_DOOR_SEED", "")
REPORT = os.environ.get("PARE_DOOR_REPORT", "")
"""A file that gets, in JSON, what a run has done."""

team = st.sampled_from(list(TEAM))
everybody = st.sampled_from([*TEAM, *TEAM, ADMINISTRATOR, PARTNER, MEMBER])
reviewers = st.sampled_from([*TEAM, ADMINISTRATOR])
some = st.integers(0, 40)
few = st.integers(0, 3)
kinds = st.sampled_from(["news", "resource", "structure", "training", "webinar", "action"])
buttons = st.sampled_from(["", "", "publish", "submit"])


class Door(RuleBasedStateMachine):
    """People who act, and a reader who looks at everything."""

    base: ClassVar[World]
    totals: ClassVar[Counter[str]] = Counter()
    by_kind: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.story = self.base.begun()
        self.world = self.story.__enter__()
        self.looked_at = 0

    def thing(self, number: int) -> Key:
        things = self.world.things()
        return things[number % len(things)]

    def page(self, number: int) -> int:
        pages = [pk for kind, pk in self.world.things() if kind == PAGE]
        return pages[number % len(pages)]

    def structure(self, number: int) -> int:
        found = [pk for kind, pk in self.world.things() if kind == STRUCTURE]
        return found[number % len(found)]

    def reviewed(self, number: int) -> Key | None:
        keys = self.world.in_review()
        return keys[number % len(keys)] if keys else None

    def file(self, number: int) -> Key | None:
        files = self.world.library()
        return files[number % len(files)] if files else None

    def contribution(self, number: int) -> int | None:
        keys = self.world.contributions()
        return keys[number % len(keys)] if keys else None

    # How stories begin

    @initialize(
        kind=kinds,
        with_file=st.booleans(),
        maker=team,
        steps=few,
        approving=st.lists(reviewers, max_size=3),
    )
    def a_contribution_is_there(
        self, kind: str, with_file: bool, maker: str, steps: int, approving: list[str]
    ) -> None:
        if steps > 0:
            self.world.contribute(kind, with_file=with_file)
        if steps > 1:
            self.world.triage(maker, self.world.contributions()[0])
        for who in approving:
            if key := self.reviewed(0):
                self.world.review(who, key)

    # Editing

    @rule(who=everybody, number=some, action=buttons, field=st.integers(0, 4))
    def edit(self, who: str, number: int, action: str, field: int) -> None:
        key = self.thing(number)
        names = self.world.fields_of(key)
        self.world.edit(who, key, action=action, name=names[field % len(names)])

    @rule(who=team, number=some)
    def edit_over_the_latest_revision(self, who: str, number: int) -> None:
        self.world.edit(who, self.thing(number), overwrite=True)

    @rule(who=team, kind=st.sampled_from(["news", "resource", "page", STRUCTURE]), action=buttons)
    def create(self, who: str, kind: str, action: str) -> None:
        self.world.create(who, kind, action=action)

    @rule(who=everybody, number=some, back=few, action=buttons)
    def revert(self, who: str, number: int, back: int, action: str) -> None:
        self.world.revert(who, self.thing(number), back, action=action)

    @rule(who=everybody, number=some, hours=st.sampled_from([1, 5]), expires=st.booleans())
    def schedule(self, who: str, number: int, hours: int, expires: bool) -> None:
        self.world.schedule(who, self.thing(number), hours=hours, expires=expires)

    @rule(minutes=st.sampled_from([1, 61, 301]))
    def time_passes(self, minutes: int) -> None:
        self.world.advance(minutes=minutes)

    @rule()
    def publish_what_is_due(self) -> None:
        self.world.publish_scheduled()

    @rule(who=everybody, number=some)
    def unpublish(self, who: str, number: int) -> None:
        self.world.unpublish(who, self.thing(number))

    # What was made last: whole sections would take the rest of the story with them.
    @rule(who=everybody, number=st.integers(0, 12))
    def delete(self, who: str, number: int) -> None:
        self.world.delete(who, self.thing(number))

    # Reviewing

    @rule(who=reviewers, number=few)
    def approve(self, who: str, number: int) -> None:
        if key := self.reviewed(number):
            self.world.review(who, key)

    @rule(first=reviewers, second=reviewers, number=few)
    def approve_both_steps(self, first: str, second: str, number: int) -> None:
        if key := self.reviewed(number):
            self.world.review(first, key)
            self.world.review(second, key)

    @rule(who=reviewers, number=few, name=st.sampled_from(["", "title"]))
    def approve_in_the_editor(self, who: str, number: int, name: str) -> None:
        if key := self.reviewed(number):
            name = "name" if name and key[0] == STRUCTURE else name
            self.world.review_in_editor(who, key, name=name)

    @rule(who=reviewers, number=few)
    def ask_for_changes(self, who: str, number: int) -> None:
        if key := self.reviewed(number):
            self.world.review(who, key, "reject")

    # The tree

    @rule(who=everybody, numbers=st.lists(some, min_size=1, max_size=2))
    def publish_many(self, who: str, numbers: list[int]) -> None:
        self.world.bulk(who, [self.page(number) for number in numbers])

    @rule(
        who=everybody,
        number=some,
        publish=st.booleans(),
        subtree=st.booleans(),
        alias=st.booleans(),
    )
    def copy(self, who: str, number: int, publish: bool, subtree: bool, alias: bool) -> None:
        self.world.copy(who, self.page(number), publish=publish, subtree=subtree, alias=alias)

    @rule(
        who=everybody,
        number=some,
        name=st.sampled_from(["name", "description"]),
        action=buttons,
    )
    def copy_a_structure(self, who: str, number: int, name: str, action: str) -> None:
        self.world.copy_structure(who, self.structure(number), name=name, action=action)

    @rule(who=everybody, number=some, parent=some)
    def move(self, who: str, number: int, parent: int) -> None:
        self.world.move(who, self.page(number), self.page(parent))

    @rule(who=everybody, number=some, kind=st.sampled_from(["login", "none"]))
    def restrict_or_lift(self, who: str, number: int, kind: str) -> None:
        self.world.set_privacy(who, self.page(number), kind)

    @rule(
        who=everybody,
        number=some,
        action=st.sampled_from(["publish", "unpublish", "convert_alias"]),
    )
    def act_by_the_api_of_the_admin(self, who: str, number: int, action: str) -> None:
        self.world.admin_api(who, self.page(number), action)

    # Languages

    @rule(who=everybody, number=some, subtree=st.booleans())
    def translate(self, who: str, number: int, subtree: bool) -> None:
        self.world.translate(who, self.thing(number), subtree=subtree)

    @rule(who=everybody, number=some, segment=few)
    def write_a_translation(self, who: str, number: int, segment: int) -> None:
        self.world.write_translation(who, self.thing(number), segment)

    @rule(who=everybody, number=some)
    def upload_a_translation(self, who: str, number: int) -> None:
        self.world.upload_translation(who, self.thing(number))

    @rule(who=everybody, number=some)
    def publish_a_translation(self, who: str, number: int) -> None:
        if english := self.world.english_of(self.thing(number)):
            self.world.publish_translation(who, english)

    @rule(who=everybody, number=some, publish=st.booleans())
    def update_translations(self, who: str, number: int, publish: bool) -> None:
        self.world.update_translations(who, self.thing(number), publish=publish)

    @rule(who=everybody, number=some)
    def propose_a_translation(self, who: str, number: int) -> None:
        english = self.world.english_of(self.thing(number))
        if english and english[0] == PAGE:
            self.world.propose_translation(who, english[1])

    @rule(who=everybody, number=some)
    def stop_a_translation(self, who: str, number: int) -> None:
        self.world.stop_translation(who, self.thing(number))

    # From outside

    @rule(kind=kinds, with_file=st.booleans())
    def contribute(self, kind: str, with_file: bool) -> None:
        self.world.contribute(kind, with_file=with_file)

    @rule(kind=kinds, send=st.booleans())
    def contribute_by_account(self, kind: str, send: bool) -> None:
        self.world.contribute_by_account(kind, send=send)

    @rule(number=few)
    def amend(self, number: int) -> None:
        if pk := self.contribution(number):
            self.world.amend(pk)

    @rule(number=few)
    def withdraw(self, number: int) -> None:
        if pk := self.contribution(number):
            self.world.withdraw_contribution(pk)

    @rule(
        who=everybody,
        number=few,
        action=st.sampled_from(["draft", "draft", "changes", "reject", "message"]),
    )
    def triage(self, who: str, number: int, action: str) -> None:
        if pk := self.contribution(number):
            self.world.triage(who, pk, action)

    @rule(number=some, name=st.sampled_from(["description", "name", "street"]))
    def correct_by_link(self, number: int, name: str) -> None:
        self.world.correct(self.structure(number), name)

    # Tables

    @rule(who=everybody, numbers=st.lists(some, min_size=1, max_size=3), rename=st.booleans())
    def export_and_import(self, who: str, numbers: list[int], rename: bool) -> None:
        keys = [self.structure(number) for number in numbers]
        self.world.import_structures(who, keys, rename=rename)

    @rule(who=everybody)
    def import_a_table(self, who: str) -> None:
        self.world.import_table(who)

    # Files

    @rule(who=everybody, is_image=st.booleans())
    def upload(self, who: str, is_image: bool) -> None:
        self.world.upload(who, is_image=is_image)

    @rule(who=everybody, number=some, file=few, action=buttons)
    def choose_a_file(self, who: str, number: int, file: int, action: str) -> None:
        if key := self.file(file):
            self.world.edit(who, self.thing(number), action=action, files=(key,))

    @rule(who=everybody, number=few, replace=st.booleans())
    def change_a_file(self, who: str, number: int, replace: bool) -> None:
        if key := self.file(number):
            self.world.change_file(who, key, replace=replace)

    @rule(who=everybody, number=few)
    def delete_a_file(self, who: str, number: int) -> None:
        if key := self.file(number):
            self.world.delete_file(who, key)

    # The newsletter

    @rule(who=everybody)
    def prepare_an_issue(self, who: str) -> None:
        self.world.prepare_issue(who)

    @rule(who=everybody, number=few)
    def send_an_issue(self, who: str, number: int) -> None:
        if issues := self.world.issues():
            self.world.send_issue(who, issues[number % len(issues)])

    @rule(who=everybody, number=few, action=st.sampled_from(["publish", "submit"]))
    def edit_an_issue(self, who: str, number: int, action: str) -> None:
        if issues := self.world.issues():
            self.world.edit(who, (PAGE, issues[number % len(issues)]), action=action)

    # Programs

    @rule(who=everybody)
    def read_with_a_token(self, who: str) -> None:
        self.world.read_with_token(who)

    @rule(number=some)
    def script_updates_a_row(self, number: int) -> None:
        self.world.script_update(self.thing(number))

    @rule(number=some)
    def script_sets_a_row_live(self, number: int) -> None:
        self.world.script_flip(self.thing(number))

    @rule(number=some, live=st.booleans())
    def script_saves_a_row(self, number: int, live: bool) -> None:
        self.world.script_save(self.thing(number), live=live)

    @rule(number=some)
    def script_publishes(self, number: int) -> None:
        self.world.script_publish(self.thing(number))

    @rule(number=some)
    def script_rewrites_a_revision(self, number: int) -> None:
        self.world.script_rewrite(self.thing(number))

    @rule(number=st.none() | some)
    def script_creates_many(self, number: int | None) -> None:
        self.world.script_create(None if number is None else self.structure(number))

    @rule()
    def script_lifts_restrictions(self) -> None:
        self.world.script_lift()

    # What must hold

    @invariant()
    def look_now_and_then(self) -> None:
        if self.world.acts - self.looked_at >= EVERY:
            self.look()

    def look(self) -> None:
        """Look at all that is public."""
        self.looked_at = self.world.acts
        # The first story of every run is the shortest one again and again.
        if set(self.world.kinds) <= {"publish_scheduled"}:
            return
        self.totals["looks"] += 1
        answers = read_all(self.world)
        leaks = [*find_leaks(self.world, answers), *find_leaks_to_members(self.world)]
        self.explain(map(str, leaks))
        self.explain(self.differences_from_the_api())
        if HAS_ITEMS:
            # After the leaks, which say more of what went wrong.
            self.explain(admissions_without_a_rule(self.world, self.world.ledger))
            self.explain(differences_from_the_ledger())
            self.explain(differences_once_rebuilt(self.world, answers))

    def explain(self, faults: Iterable[str]) -> None:
        """Fail with the acts that led to some faults, if there are any."""
        found = list(faults)
        assert not found, "\n".join([*self.world.log[-60:], *found[:12]])

    def differences_from_the_api(self) -> Iterator[str]:
        """Yield how some pages differ from what the API gives of them."""
        shown = [key for key in self.world.things() if self.world.admissions.is_shown(key)]
        for key in shown[self.world.acts % SHOWN :: SHOWN]:
            address = self.world.path_of(key)
            # A structure moves to the address that its admitted name makes, a page to where its
            # slug was admitted.
            response = Client().get(address, follow=True)
            page = response.content.decode()
            given = from_the_api(response.request["PATH_INFO"])
            if page != given:
                lines = difflib.unified_diff(page.splitlines(), given.splitlines(), lineterm="")
                yield f"{address}\n{chr(10).join(lines)[:3000]}"

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None and self.world.acts > self.looked_at:
                self.look()
        finally:
            admissions = self.world.admissions
            self.totals.update(
                stories=1,
                acts=self.world.acts,
                refused=self.world.refused,
                publications=admissions.publications,
                reviews=admissions.reviews,
            )
            self.by_kind.update(self.world.kinds)
            self.story.__exit__(None, None, None)


def profile() -> hypothesis.settings:
    """Return how much is tried: the same stories each time, unless a seed asks for others."""
    return hypothesis.settings(
        max_examples=STORIES,
        stateful_step_count=STEPS,
        derandomize=not SEED,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.normal,
        phases=(Phase.generate, Phase.shrink),
    )


@pytest.mark.long
def test_nothing_is_public_that_was_not_admitted(peopled_site: World) -> None:
    Door.base = peopled_site
    Door.totals.clear()
    Door.by_kind.clear()
    machine: Any = Door
    if SEED:
        machine = seed(int(SEED))(Door)
    if not HAS_ITEMS:
        warnings.warn(f"not looked at, equality and ledger: {WHY_NOT}", stacklevel=1)
    started = time.monotonic()
    try:
        run_state_machine_as_test(machine, settings=profile())
    finally:
        seconds = time.monotonic() - started
        done = {"seconds": round(seconds), **Door.totals, "by_kind": dict(Door.by_kind)}
        print(f"\n{done}")
        if REPORT:
            Path(REPORT).write_text(json.dumps(done), encoding="utf-8")
