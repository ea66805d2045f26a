"""How the acts of the table of rights are done on what the menu « Paramètres » has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, CollectionViewRestriction

from tests.pare.acts import NEW, act, maker, root, seen
from tests.screens import Screen

if TYPE_CHECKING:
    from tests.pare.acts import Doing, Stage

# Redirects

FORMER, TARGET = "/ancienne-adresse", "https://www.example.org/"


@maker("redirect")
def make_redirect(stage: Stage, model: Any, state: str) -> Redirect:
    made: Redirect = Redirect.objects.create(old_path="/avant", redirect_link=TARGET)
    return made


@act("voir", "redirect")
def see_redirects(doing: Doing) -> bool:
    return seen(doing, "wagtailredirects:index")


@act("créer", "redirect")
def create_redirect(doing: Doing) -> bool:
    data = {"old_path": FORMER, "redirect_link": TARGET, "is_permanent": "on"}
    doing.post(reverse("wagtailredirects:add"), data)
    return Redirect.objects.filter(old_path=FORMER).exists()


@act("modifier", "redirect")
def change_redirect(doing: Doing) -> bool:
    data = {"old_path": FORMER, "redirect_link": TARGET}
    doing.post(reverse("wagtailredirects:edit", args=[doing.thing.pk]), data)
    return Redirect.objects.filter(pk=doing.thing.pk, old_path=FORMER).exists()


@act("importer des redirections", "redirect")
def import_redirects(doing: Doing) -> bool:
    file = SimpleUploadedFile("liste.csv", f"from,to\n{FORMER},{TARGET}\n".encode())
    answer = doing.post(reverse("wagtailredirects:start_import"), {"import_file": file})
    if answer.status_code != 200:
        return False
    process = reverse("wagtailredirects:process_import")
    forms = Screen(answer.content.decode(), process).forms
    (sent,) = (dict(form.sent()) for form in forms if form.action == process)
    doing.post(process, sent | {"from_index": "0", "to_index": "1"})
    return Redirect.objects.filter(old_path=FORMER).exists()


@act("supprimer", "redirect")
def delete_redirect(doing: Doing) -> bool:
    doing.post(reverse("wagtailredirects:delete", args=[doing.thing.pk]))
    return not Redirect.objects.filter(pk=doing.thing.pk).exists()


# Collections


@maker("collection")
def make_collection(stage: Stage, model: Any, state: str) -> Collection:
    made: Collection = root().add_child(name="Photos de presse")
    return made


@act("voir", "collection")
def see_collections(doing: Doing) -> bool:
    return seen(doing, "wagtailadmin_collections:index")


@act("créer", "collection")
def create_collection(doing: Doing) -> bool:
    doing.post(reverse("wagtailadmin_collections:add"), {"name": NEW, "parent": root().pk})
    return Collection.objects.filter(name=NEW).exists()


@act("modifier", "collection")
def change_collection(doing: Doing) -> bool:
    address = reverse("wagtailadmin_collections:edit", args=[doing.thing.pk])
    doing.post(address, {"name": NEW, "parent": root().pk})
    return Collection.objects.filter(pk=doing.thing.pk, name=NEW).exists()


@act("restreindre une collection", "collection")
def restrict_collection(doing: Doing) -> bool:
    address = reverse("wagtailadmin_collections:set_privacy", args=[doing.thing.pk])
    doing.post(address, {"restriction_type": "login"})
    return CollectionViewRestriction.objects.filter(collection=doing.thing.pk).exists()


@act("supprimer, vide", "collection")
def delete_collection(doing: Doing) -> bool:
    doing.post(reverse("wagtailadmin_collections:delete", args=[doing.thing.pk]))
    return not Collection.objects.filter(pk=doing.thing.pk).exists()
