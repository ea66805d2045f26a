"""The network: its structures, the page that lists them, and what keeps them up to date."""

from network.models.exports import StructureExport
from network.models.imports import StructureImport, import_path, import_storage
from network.models.location import StructureLocation
from network.models.pages import DirectoryPage
from network.models.published import PublishedPlace
from network.models.reminders import Reminder
from network.models.structures import SYNCED_FROM_SOURCE, Structure

__all__ = [
    "SYNCED_FROM_SOURCE",
    "DirectoryPage",
    "PublishedPlace",
    "Reminder",
    "Structure",
    "StructureExport",
    "StructureImport",
    "StructureLocation",
    "import_path",  # The first migration names these two here.
    "import_storage",
]
