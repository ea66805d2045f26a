"""What migrations do that Django's own operations do slowly."""

from django.db.migrations.operations import AlterField, SeparateDatabaseAndState
from django.db.migrations.state import ProjectState


class AlterTexts(SeparateDatabaseAndState):
    """Alter what people read of fields: their labels and help texts, unknown to the database.

    Django builds a model and all that are related to it again for each field that is altered. Here
    they are built once, so that a new database is ready sooner.
    """

    def __init__(self, *alterations: AlterField) -> None:
        super().__init__(state_operations=alterations)
        self.alterations = alterations

    def deconstruct(self) -> tuple[str, list[AlterField], dict[str, object]]:
        return type(self).__name__, list(self.alterations), {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        built = state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
        if built is not None:
            state.__dict__["apps"] = built
            state.reload_models([(app_label, each.model_name_lower) for each in self.alterations])

    def describe(self) -> str:
        return "Alter labels and help texts"
