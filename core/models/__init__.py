"""What every app stands on: users, media, the base page, the controlled vocabularies."""

from core.models.media import Document, DocumentVersion, Image, Rendition
from core.models.mixins import (
    AttachedDocument,
    WithAudiences,
    WithSummary,
    WithTerritory,
    WithThemes,
)
from core.models.pages import BasePage, IndexPage
from core.models.privacy import PersonalDataAct
from core.models.throttling import RequestCount
from core.models.users import User
from core.models.versions import ContentVersion
from core.models.vocabularies import (
    FRENCH_TERMS,
    Audience,
    ResourceType,
    Service,
    StructureType,
    Territory,
    Theme,
    VocabularyTerm,
)

__all__ = [
    "FRENCH_TERMS",
    "AttachedDocument",
    "Audience",
    "BasePage",
    "ContentVersion",
    "Document",
    "DocumentVersion",
    "Image",
    "IndexPage",
    "PersonalDataAct",
    "Rendition",
    "RequestCount",
    "ResourceType",
    "Service",
    "StructureType",
    "Territory",
    "Theme",
    "User",
    "VocabularyTerm",
    "WithAudiences",
    "WithSummary",
    "WithTerritory",
    "WithThemes",
]
