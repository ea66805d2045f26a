"""A database as the team's is after some months: everything there is, in every state.

For tests of what screens offer and of who may do what. It is made once for a module, in a
transaction that each test starts from (:func:`tests.conftest.module_transaction`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import DraftStateMixin, Locale, Workflow
from wagtail_localize.models import Translation, TranslationSource

from contributions import decisions
from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from contributions.lifecycle import ALLOWED_TRANSITIONS, transition
from contributions.models import Contribution, ContributionState
from core.models import User
from core.registry import page_types
from events.models import Registration
from home.models import HomePage
from network.models import Structure
from network.verification import submit_correction
from newsletter import sending
from newsletter.models import Delivery, NewsletterIssuePage, Segment
from outbox.models import OutgoingEmail
from resources.models import NewsPage
from review.actors import acting
from review.workflow import WORKFLOW
from tests.factories import (
    DocumentFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    UserFactory,
    full_body,
    the_home_page,
)
from tests.factories.contributions import (
    ContributionFactory,
    ContributionFileFactory,
    member,
    ticks,
)
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.network import StructureFactory
from tests.factories.newsletter import (
    NewsletterIssuePageFactory,
    SubscriberFactory,
    validated_issue,
)
from tests.factories.pages import OurPageFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wagtail.models import Page

TEAM = ("Direction", "Coordination", "Relecture")
ROLES = (*TEAM, "Partenaires")


@dataclass
class World:
    """What was made.

    Attributes:
        people: who acts, one of each group; what there is was made by others.
        pages: a public page of each type.
        reviewed: the kind of thing of the team for each step of its review.
    """

    people: dict[str, User] = field(default_factory=dict)
    pages: dict[type[Page], Any] = field(default_factory=dict)


def page_factories() -> dict[type[Page], Callable[..., Any]]:
    """Return the factory of each page type; that of the home page finds the one there is."""
    found: dict[type[Page], Callable[..., Any]] = {HomePage: lambda **_values: the_home_page()}
    for factory in _subclasses(OurPageFactory):
        if not factory._meta.abstract:
            found[factory._meta.model] = factory
    assert set(page_types()) <= set(found), "A page type has no factory."
    return found


def _subclasses(base: type[Any]) -> Iterator[type[Any]]:
    for each in base.__subclasses__():
        yield each
        yield from _subclasses(each)


def fill() -> World:
    """Fill the database."""
    world = World()
    author, first, second, partner = (
        member(group, f"collegue-{group.lower()}", first_name="Collègue", last_name=group)
        for group in ("Relecture", "Direction", "Coordination", "Partenaires")
    )
    for role in ROLES:
        world.people[role] = member(role, f"moi-{role.lower()}", first_name="Moi", last_name=role)
    world.pages = public_pages(author, first)
    files_in_use(author, first)
    states_of_pages(author, first, second)
    structures(author, first, second)
    contributions(author, first, second, [partner, world.people["Partenaires"]])
    translations(author, first)
    newsletter(second)
    registrations()
    emails()
    accounts()
    Redirect.objects.create(old_path="/avant", redirect_link="https://www.example.org/")
    return world


def public_pages(author: User, publisher: User) -> dict[type[Page], Any]:
    """Make a public page of each type, with the revision that it was published from."""
    made = {}
    factories = page_factories()
    for model in page_types():
        existing = model.objects.first()
        page = existing or factories[model]()
        page = model.objects.get(pk=page.pk)
        if page.live and not isinstance(page, NewsletterIssuePage):
            page.save_revision(user=author).publish(user=publisher)
        made[model] = model.objects.get(pk=page.pk)
    return made


def files_in_use(author: User, publisher: User) -> None:
    """Make files, some of which the public sees, and a page of every block that shows them."""
    DocumentFactory(title="Document dont rien ne se sert", uploaded_by_user=author)
    ImageFactory(title="Image dont rien ne se sert", uploaded_by_user=author)
    page = StandardPageFactory(
        title="Page aux fichiers",
        body=full_body(
            ImageFactory(title="Image publique", uploaded_by_user=author),
            DocumentFactory(title="Document public", uploaded_by_user=author),
            the_home_page(),
        ),
    )
    page.save_revision(user=author).publish(user=publisher)
    EmergencyNumberFactory()
    FunderFactory()


def states_of_pages(author: User, first: User, second: User) -> None:
    """Make a page in each state that changes what its screens offer."""
    NewsPageFactory(title="Brouillon", draft=True).save_revision(user=author)
    NewsPageFactory(title="Réservée", private=True).save_revision(user=author)
    NewsPageFactory(title="Programmée", scheduled=True).save_revision(user=first).publish(
        user=first
    )
    changed = NewsPageFactory(title="En ligne")
    changed.save_revision(user=first).publish(user=first)
    changed.title = "En ligne, et modifiée depuis"
    changed.save_revision(user=author)
    locked = NewsPageFactory(title="Verrouillée", locked=True, locked_by=first)
    locked.save_revision(user=author)
    changed.create_alias(update_slug="alias", user=first)
    for step in range(3):
        page = NewsPageFactory(title=f"En relecture, étape {step}", draft=True)
        page.save_revision(user=author)
        submit(page, author)
        if step == 1:
            approve(page, first)
        if step == 2:
            reject(page, first)


def structures(author: User, first: User, second: User) -> None:
    """Make a structure in each state."""
    for title, values in (
        ("Structure publique", {}),
        ("Structure confidentielle", {"shelter": True}),
        ("Structure en brouillon", {"draft": True}),
        ("Structure verrouillée", {"locked": True, "locked_by": first}),
    ):
        structure = StructureFactory(name=title, **values)
        revision = structure.save_revision(user=author)
        if structure.live:
            revision.publish(user=first)
    corrected = StructureFactory(name="Structure qui a envoyé une correction")
    corrected.save_revision(user=first).publish(user=first)
    submit_correction(Structure.objects.get(pk=corrected.pk), {"name": "Corrigée"}, "Bonjour.")
    for step in range(2):
        structure = StructureFactory(name=f"Structure en relecture, étape {step}", draft=True)
        structure.save_revision(user=author)
        submit(structure, author)
        if step:
            approve(structure, first)


def submit(instance: Any, user: User) -> None:
    """Propose something to the review."""
    Workflow.objects.get(name=WORKFLOW).start(type(instance).objects.get(pk=instance.pk), user)


def approve(instance: Any, user: User) -> None:
    """Approve the step at which a review is."""
    act(instance, user, "approve", **ticks())


def reject(instance: Any, user: User) -> None:
    """Ask for changes, at the step at which a review is."""
    act(instance, user, "reject", comment="À revoir.")


def act(instance: Any, user: User, action: str, **values: Any) -> None:
    """Take an action on the step at which a review is."""
    instance = type(instance).objects.get(pk=instance.pk)
    state = instance.current_workflow_task_state
    instance.current_workflow_task.on_action(state, user, action, **values)


def contributions(author: User, first: User, second: User, partners: list[User]) -> None:
    """Make a contribution of each kind, and one in each state, some with files and an account."""
    for kind in ContributionKind:
        ContributionFactory(kind=kind, title=f"De nature {kind.value}", account=partners[1])
    for state in ContributionState:
        contribution_in(state, author, first, second, partners[0])
    ContributionFactory(
        title="Brouillon de partenaire", state=ContributionState.DRAFT, account=partners[1]
    )


def contribution_in(
    state: ContributionState, author: User, first: User, second: User, partner: User
) -> Contribution:
    """Make a contribution that came to a state by what people do."""
    initial = (
        ContributionState.DRAFT if state == ContributionState.DRAFT else ContributionState.RECEIVED
    )
    contribution = ContributionFactory(
        title=f"À l'état {state.value}", state=initial, account=partner
    )
    ContributionFileFactory(contribution=contribution)
    if state in {ContributionState.DRAFT, ContributionState.RECEIVED}:
        return contribution
    if state in {
        ContributionState.IN_REVIEW,
        ContributionState.SCHEDULED,
        ContributionState.PUBLISHED,
    }:
        draft = make_draft(contribution, author)
        if state == ContributionState.SCHEDULED:
            page = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
            page.go_live_at = timezone.now() + dt.timedelta(days=3)
            page.save_revision(user=author)
        if state != ContributionState.IN_REVIEW:
            approve(draft, first)
            approve(draft, second)
        contribution = Contribution.objects.get(pk=contribution.pk)
    elif state == ContributionState.CHANGES_REQUESTED:
        decisions.request_changes(contribution, first, "Quand ?")
    elif state == ContributionState.REJECTED:
        decisions.reject(contribution, first, "Hors sujet.")
    else:
        assert state in ALLOWED_TRANSITIONS[initial]
        transition(contribution, state, user=first)
    contribution.refresh_from_db()
    assert contribution.state == state
    return contribution


def translations(author: User, publisher: User) -> None:
    """Have some pages translated: one to do, one published, one to do again, one in review."""
    english = Locale.objects.get_or_create(language_code="en")[0]
    pages = [
        StandardPageFactory(title="À traduire"),
        StandardPageFactory(title="Traduite"),
        StandardPageFactory(title="À reprendre"),
        StandardPageFactory(title="Traduction en relecture"),
    ]
    translate(the_home_page(), english).save_target(user=publisher, publish=True)
    for page in pages:
        translation = translate(page, english)
        if page.title in {"Traduite", "À reprendre"}:
            translation.save_target(user=publisher, publish=True)
        if page.title == "Traduction en relecture":
            submit(page.get_translation(english), author)
    page = pages[2]
    page.title = "À reprendre, car modifiée"
    page.save_revision(user=author).publish(user=publisher)
    page.refresh_from_db()
    translate(ResourcePageFactory().resource_type, english)


def translate(instance: Any, locale: Locale) -> Translation:
    """Submit for translation, as « Traduire » does, and save what it makes as a draft."""
    source, _made = TranslationSource.update_or_create_from_instance(instance)
    translation, _made = Translation.objects.get_or_create(source=source, target_locale=locale)
    # What has no draft is written as it is.
    with acting(system="demonstration"):
        translation.save_target(publish=not isinstance(instance, DraftStateMixin))
    return translation


def newsletter(sender: User) -> None:
    """Make an issue in preparation, one that two people approved, and one that was sent."""
    SubscriberFactory()
    Segment.objects.create(name="Le Nord")
    NewsletterIssuePageFactory(draft=True, title="En préparation").save_revision(user=sender)
    validated_issue(title="Validée")
    sending.schedule(
        validated_issue(title="Programmée"), sender, timezone.now() + dt.timedelta(days=1)
    )
    mailing = sending.schedule(validated_issue(title="Envoyée"), sender)
    assert sending.start(mailing)
    mailing.deliveries.update(state=Delivery.State.UNCERTAIN)


def registrations() -> None:
    """Make a session to come with people, and one that is over."""
    for days in (10, -10):
        session = only_session(WebinarPageFactory(days=days))
        RegistrationFactory(session=session)


def emails() -> None:
    """Make a letter in each state, about somebody who is registered."""
    person = Registration.objects.latest("pk")
    for state in OutgoingEmail.State:
        is_open = state in OutgoingEmail.OPEN
        OutgoingEmail.objects.create(
            kind="events/confirm",
            thing=person,
            address="prenom.nom-compose@une-adresse-plutot-longue.example.org",
            subject="Un objet",
            text="Un texte",
            state=state,
            attempts=2,
            error="550 5.1.1 <prenom.nom-compose@une-adresse-plutot-longue.example.org>: "
            "Recipient address rejected: User unknown in virtual mailbox table",
            ended_at=None if is_open else timezone.now(),
        )


def accounts() -> None:
    """Make accounts and a group that have more rights than the team."""
    UserFactory(is_superuser=True, username="racine")
    technicians = Group.objects.create(name="Technique")
    technicians.permissions.add(Permission.objects.get(codename="change_workflow"))
    UserFactory(username="technicienne").groups.add(technicians)
    Group.objects.create(name="Accueil")


def all_groups() -> list[str]:
    """Return the names of the groups that migrations make."""
    return sorted(Group.objects.values_list("name", flat=True))
