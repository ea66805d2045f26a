"""The least that is valid of everything, published unless told otherwise.

Terms of vocabularies and territories are not made: migrations bring them
(``Theme.objects.get(slug="reperage")``), as they bring the home page.
"""

from tests.factories.bodies import full_body, stream
from tests.factories.files import (
    broken_pdf,
    encrypted_pdf,
    image_file,
    scanned_pdf,
    text_pdf,
)
from tests.factories.media import DocumentFactory, ImageFactory, UserFactory
from tests.factories.pages import (
    CampaignPageFactory,
    EmergencyNumberFactory,
    FunderFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
    ResourceIndexPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    news_index,
    resource_index,
    the_home_page,
)
from tests.factories.publishing import admit, publish

__all__ = [
    "CampaignPageFactory",
    "DocumentFactory",
    "EmergencyNumberFactory",
    "FunderFactory",
    "ImageFactory",
    "NewsIndexPageFactory",
    "NewsPageFactory",
    "ResourceIndexPageFactory",
    "ResourcePageFactory",
    "StandardPageFactory",
    "TeamPageFactory",
    "UserFactory",
    "admit",
    "broken_pdf",
    "encrypted_pdf",
    "full_body",
    "image_file",
    "news_index",
    "publish",
    "resource_index",
    "scanned_pdf",
    "stream",
    "text_pdf",
    "the_home_page",
]
