"""What a form gives, what is stored of it, and what is read again, are the same."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from contributions.forms import ContributionForm, describe_answers, initial_values
from contributions.kinds import FIELDS_BY_KIND, ContributionKind
from contributions.models import Contribution
from contributions.submissions import Submission, content_of, field_names, store_submission
from core.drafts import SubmittedContent
from core.models import ResourceType
from tests.factories.contributions import ContributionFactory, form_data

pytestmark = pytest.mark.django_db

EVERY_FIELD = {
    "date": "2027-02-28",
    "starts_at": "2027-03-01T09:00",
    "ends_at": "2027-03-01T17:00",
    "place": "Lille",
    "department": "59",
    "organiser": "Association Exemple",
    "audience": "Tout public",
    "speaker": "Une personne, Une autre",
    "authors": "Une équipe",
    "resource_type": "guide",
    "listed_type": "association",
    "is_confidential": "on",
    "street": "3 rue des Lilas",
    "postcode": "59000",
    "municipality": "Lille",
    "contact_phone": "03 20 00 00 00",
    "contact_email": "contact@example.org",
    "link": "https://www.example.org/page",
}


def submit(kind: ContributionKind, **more: Any) -> Submission:
    form = ContributionForm(kind, form_data(kind, **more))
    assert form.is_valid(), form.errors
    return form.submission()


def stored(submission: Submission) -> Contribution:
    contribution = Contribution(kind=submission.kind)
    store_submission(contribution, submission)
    contribution.save()
    return Contribution.objects.get(pk=contribution.pk)


def test_every_field_of_a_kind_is_one_of_the_typed_content() -> None:
    known = {field.name for field in dataclasses.fields(SubmittedContent)}

    assert {name for kind in FIELDS_BY_KIND for name in field_names(kind)} <= known


@pytest.mark.parametrize("data", [{}, EVERY_FIELD], ids=["least", "most"])
@pytest.mark.parametrize("kind", ContributionKind)
def test_what_is_stored_is_read_again_with_its_types(
    kind: ContributionKind, data: dict[str, str]
) -> None:
    submission = submit(kind, **data)

    contribution = stored(submission)

    assert content_of(contribution) == submission.content
    assert contribution.consented_at is not None
    assert json.loads(json.dumps(contribution.answers)) == contribution.answers
    assert not {"", False, None} & set(contribution.answers.values())


@pytest.mark.parametrize("kind", ContributionKind)
def test_a_form_that_is_shown_again_and_sent_unchanged_changes_nothing(
    kind: ContributionKind,
) -> None:
    submission = submit(kind, **EVERY_FIELD)
    shown = ContributionForm(kind, initial=initial_values(stored(submission)))

    # As a browser sends them: what the fields show, without what is empty.
    sent = {name: shown[name].value() for name in shown.fields if shown[name].value()}
    again = ContributionForm(kind, {**sent, "consent": "on", "consent_version": "2026-11"})

    assert again.is_valid(), again.errors
    assert again.submission() == submission


def test_a_draft_of_a_partner_may_lack_everything() -> None:
    form = ContributionForm(ContributionKind.TRAINING, {"title": "À finir"}, is_draft=True)
    assert form.is_valid()

    contribution = stored(form.submission())

    assert contribution.answers == {}
    assert contribution.consented_at is None
    assert content_of(contribution) == form.submission().content


def test_answers_are_described_in_the_order_of_the_form_with_labels() -> None:
    contribution = stored(submit(ContributionKind.STRUCTURE, **EVERY_FIELD))

    described = {str(label): str(value) for label, value in describe_answers(contribution)}

    assert list(described)[:3] == [
        "Nom de la structure",
        "Type de cette structure",
        "Ce que fait la structure, et pour qui",
    ]
    assert described["Département"] == "Nord (59)"
    assert described["L'adresse est confidentielle (hébergement, mise à l'abri)"] == "Oui"


def test_a_term_that_was_removed_since_is_described_by_its_slug() -> None:
    ResourceType.objects.filter(slug="disparu").delete()
    contribution = ContributionFactory(
        kind=ContributionKind.RESOURCE, answers={"resource_type": "disparu"}
    )

    assert ("Type de ressource", "disparu") in describe_answers(contribution)
    assert content_of(contribution).resource_type is None
