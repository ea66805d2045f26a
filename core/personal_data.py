"""What core holds of people, and the apps that are not ours."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import String

from background.retention import DONE, FAILED, forget_done, forget_failed
from core.compat.localize import hash_of_string
from core.files.temporary import STALE_SECONDS, sweep_temporary_files
from core.models import PersonalDataAct
from core.privacy.common import ACTIVITY, DRAFTS, MINUTES, TASKS, WITH_CONTENT
from core.privacy.erasing import rewritten
from core.privacy.finding import accounts_of
from core.privacy.registry import (
    LegalBasis,
    Person,
    Processing,
    Reader,
    declare,
    declare_all,
    held,
    retention,
)
from core.throttling import purge_request_counts

if TYPE_CHECKING:
    from core.privacy.addresses import Address
    from core.privacy.finding import Mention

AT_ONCE = timedelta(0)

SECURITY = Processing(
    key="security",
    name=_("Protection des formulaires"),
    purpose=_("Empêcher qu'un programme envoie des formulaires par milliers."),
    people=_("les personnes qui envoient un formulaire"),
    data=_("une empreinte de l'adresse du réseau, d'où l'on ne peut pas revenir à l'adresse"),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.NOBODY,),
    is_for_visitors=True,
)
CONTENT = Processing(
    key="content",
    name=_("Noms publiés sur le site"),
    purpose=_("Citer l'auteur ou l'autrice d'une ressource, présenter l'équipe et qui intervient."),
    people=_("les personnes citées sur le site, ou dans un document ou une image"),
    data=_("nom, fonction, crédit d'une image"),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.VISITORS, Reader.PARTNERS, *DRAFTS.readers),
    is_for_visitors=True,
    remains=_(
        "Les noms publiés restent : l'adresse y est effacée, le reste se retire en modifiant le "
        "contenu. Un document ou une image qui cite l'adresse doit être remplacé à la main."
    ),
)
SIGN_IN = Processing(
    key="sign-in",
    name=_("Connexion des comptes"),
    purpose=_("Reconnaître qui est connecté, et ce que fait son navigateur."),
    people=_("les personnes qui ont un compte"),
    data=_("le numéro du compte, ses réglages, la date de ses visites"),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.PERSON,),
)


def sweep_before(before: datetime) -> int:
    """Remove the temporary files that nobody has touched since a moment."""
    return sweep_temporary_files(before.timestamp() + STALE_SECONDS)


def forget_acts(before: datetime) -> int:
    """Delete the proofs of before a moment."""
    return int(PersonalDataAct.objects.filter(at__lt=before).delete()[0])


@receiver(rewritten, sender=String, dispatch_uid="core.hash_string")
def hash_string(mention: Mention, values: dict[str, Any], **kwargs: Any) -> None:
    """Give a string to translate the hash by which it is found."""
    # Another may have the same words by now: that one is found by them.
    with suppress(IntegrityError), transaction.atomic():
        String.objects.filter(pk=mention.pk).update(data_hash=hash_of_string(values["data"]))


def sessions_with(address: Address) -> Q:
    """Return the condition of the sessions of a person, and of those that hold an address."""
    accounts = set(map(str, accounts_of(address)))
    found = []
    for session in Session.objects.iterator():
        data = session.get_decoded()
        if data.get("_auth_user_id") in accounts or address.is_in(data):
            found.append(session.pk)
    return Q(pk__in=found)


def end_sessions(before: datetime) -> int:
    """Delete the sessions that ended before a moment."""
    return int(Session.objects.filter(expire_date__lt=before).delete()[0])


REQUEST_COUNTS = retention(
    "core.request_counts",
    AT_ONCE,
    _("après la fin du comptage"),
    _("l'empreinte est effacée"),
    purge_request_counts,
)
TEMPORARY_FILES = retention(
    "core.temporary_files",
    timedelta(seconds=STALE_SECONDS),
    _("après leur dernier usage"),
    _("les fichiers temporaires sont supprimés"),
    sweep_before,
)
SESSIONS = retention(
    "core.sessions",
    AT_ONCE,
    _("après la fin de la connexion"),
    _("la connexion est oubliée"),
    end_sessions,
)
TASKS_DONE = retention(
    "core.tasks_done", DONE, _("après leur fin"), _("les travaux finis sont oubliés"), forget_done
)
TASKS_FAILED = retention(
    "core.tasks_failed",
    FAILED,
    _("après leur fin"),
    _("les travaux en échec sont oubliés"),
    forget_failed,
)

TEAM_TEXTS = "What the team writes and publishes: nobody is meant by these columns."
NUMBERS = "Keys, numbers, dates and words of ours."

# Core's own.
declare(
    "core.Image",
    held(CONTENT, "credit", WITH_CONTENT),
    held(ACTIVITY, "uploaded_by_user", WITH_CONTENT),
    rest=TEAM_TEXTS,
)
declare(
    "core.Document",
    held(CONTENT, "file text", WITH_CONTENT),
    held(ACTIVITY, "uploaded_by_user", WITH_CONTENT),
    rest=TEAM_TEXTS,
    keeps_mentions="The text is that of the file.",
)
declare(
    "core.DocumentVersion",
    held(CONTENT, "file text", WITH_CONTENT),
    held(ACTIVITY, "admitted_by", WITH_CONTENT),
    rest=TEAM_TEXTS,
    keeps_mentions="The text is that of the file.",
)
declare("core.RequestCount", held(SECURITY, "key", REQUEST_COUNTS), others="number expires_at")
declare_all(
    "core.Rendition core.ResourceType core.Theme core.Audience core.StructureType core.Service "
    "core.Territory core.ContentVersion",
    TEAM_TEXTS,
)

# Tasks, and the processes that do them.
declare(
    "django_tasks_database.DBTaskResult",
    held(TASKS, "args_kwargs return_value exception_class_path traceback", TASKS_FAILED),
    rest=NUMBERS,
)
declare_all("background.Lease background.Beat background.Job background.Lock", NUMBERS)

# Django's.
declare(
    "sessions.Session",
    held(SIGN_IN, "session_key session_data", SESSIONS),
    others="expire_date",
    person=Person(find=sessions_with),
)
declare_all("auth.Permission auth.Group contenttypes.ContentType", NUMBERS)

# Wagtail's.
declare(
    "wagtailcore.Page",
    held(ACTIVITY, "owner locked_by", WITH_CONTENT),
    rest=TEAM_TEXTS,
)
declare(
    "wagtailcore.Revision",
    held(DRAFTS, "content object_str", WITH_CONTENT),
    held(ACTIVITY, "user", WITH_CONTENT),
    rest=NUMBERS,
)
for label in ("wagtailcore.ModelLogEntry", "wagtailcore.PageLogEntry"):
    declare(
        label,
        held(ACTIVITY, "user label data timestamp", WITH_CONTENT),
        rest=NUMBERS,
        person=Person(account="user"),
    )
declare(
    "wagtailcore.Comment",
    held(DRAFTS, "text", WITH_CONTENT),
    held(ACTIVITY, "user resolved_by", WITH_CONTENT),
    rest=NUMBERS,
    person=Person(account="user"),
)
declare(
    "wagtailcore.CommentReply",
    held(DRAFTS, "text", WITH_CONTENT),
    held(ACTIVITY, "user", WITH_CONTENT),
    rest=NUMBERS,
    person=Person(account="user"),
)
declare("wagtailcore.WorkflowState", held(ACTIVITY, "requested_by", WITH_CONTENT), rest=NUMBERS)
declare("wagtailcore.TaskState", held(ACTIVITY, "finished_by comment", WITH_CONTENT), rest=NUMBERS)
declare("wagtailcore.UploadedFile", held(DRAFTS, "file uploaded_by_user", MINUTES), rest=NUMBERS)
declare(
    "wagtailcore.PageSubscription",
    held(SIGN_IN, "user comment_notifications", WITH_CONTENT),
    rest=NUMBERS,
    person=Person(account="user"),
)
declare("wagtailadmin.EditingSession", held(SIGN_IN, "user last_seen_at", MINUTES), rest=NUMBERS)
declare("wagtailadmin.FormState", held(DRAFTS, "data user", MINUTES), rest=NUMBERS)
declare_all(
    "wagtailcore.Locale wagtailcore.Site wagtailcore.GroupSitePermission "
    "wagtailcore.CollectionViewRestriction wagtailcore.Collection "
    "wagtailcore.GroupCollectionPermission wagtailcore.WorkflowContentType wagtailcore.Workflow "
    "wagtailcore.WorkflowTask wagtailcore.Task wagtailcore.GroupApprovalTask "
    "wagtailcore.GroupPagePermission wagtailcore.PageViewRestriction wagtailcore.WorkflowPage "
    "wagtailcore.ReferenceIndex wagtailadmin.Admin wagtailredirects.Redirect taggit.Tag "
    "taggit.TaggedItem",
    NUMBERS,
)
declare("wagtailembeds.Embed", rest="What public players answer.", others="author_name")
INDEX = "Words of what is indexed, written anew with it."
declare("wagtailsearch.IndexEntry", rest=INDEX)
declare("wagtailsearch.SQLiteFTSIndexEntry", rest=INDEX, is_optional=True)
for label in ("wagtaildocs.Document", "wagtailimages.Image"):
    declare(label, rest="No row: ours stand for them.", others="uploaded_by_user")
declare_all("wagtailimages.Rendition", NUMBERS)

# The proof of exports and erasures, without the data.
PROOFS = Processing(
    key="proofs",
    name=_("Preuve des exports et des effacements"),
    purpose=_("Pouvoir montrer qu'une demande a été suivie."),
    people=_("les personnes dont les données ont été exportées ou effacées"),
    data=_("la date, la raison, le nombre de lignes et une empreinte de l'adresse"),
    legal_basis=LegalBasis.OBLIGATION,
    readers=(Reader.DIRECTION,),
    is_for_visitors=True,
    remains=_("La preuve de l'effacement reste, sans la donnée."),
)
PROVEN = retention(
    "core.proofs",
    timedelta(days=5 * 365),
    _("après l'export ou l'effacement"),
    _("sa preuve est supprimée"),
    forget_acts,
)
declare(
    "core.PersonalDataAct",
    held(PROOFS, "act digest reason counts at", PROVEN),
    held(ACTIVITY, "user", PROVEN),
    others="id",
    person=Person(account="user"),
)

# Those of wagtail-localize: what is translated, and by whom.
declare(
    "wagtail_localize.TranslationSource",
    held(DRAFTS, "content_json object_repr", WITH_CONTENT),
    rest=NUMBERS,
)
declare("wagtail_localize.String", held(DRAFTS, "data", WITH_CONTENT), rest=NUMBERS)
declare(
    "wagtail_localize.StringTranslation",
    held(DRAFTS, "data", WITH_CONTENT),
    held(ACTIVITY, "last_translated_by", WITH_CONTENT),
    rest=NUMBERS,
)
declare(
    "wagtail_localize.SegmentOverride",
    held(DRAFTS, "data_json", WITH_CONTENT),
    held(ACTIVITY, "last_translated_by", WITH_CONTENT),
    rest=NUMBERS,
)
declare(
    "wagtail_localize.OverridableSegment", held(DRAFTS, "data_json", WITH_CONTENT), rest=NUMBERS
)
declare_all(
    "wagtail_localize.TranslatableObject wagtail_localize.Translation "
    "wagtail_localize.TranslationLog wagtail_localize.TranslationContext "
    "wagtail_localize.Template wagtail_localize.StringSegment wagtail_localize.TemplateSegment "
    "wagtail_localize.RelatedObjectSegment wagtail_localize.LocaleSynchronization",
    NUMBERS,
)
