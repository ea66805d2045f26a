from django.conf import settings
from django.db import migrations

FACTS = {
    "EmergencyNumber": ("number", "channel", "is_prominent", "verified_on", "sort_order"),
    "Funder": ("url", "logo_id", "sort_order"),
}


def share(apps, schema_editor):
    """Give translations the facts of their French row, which saving it did not do."""
    for name, facts in FACTS.items():
        rows = apps.get_model("home", name).objects.all()
        for source in rows.filter(locale__language_code=settings.LANGUAGE_CODE):
            rows.filter(translation_key=source.translation_key).exclude(pk=source.pk).update(
                **{fact: getattr(source, fact) for fact in facts}
            )


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0005_permissions"),
    ]

    operations = [migrations.RunPython(share, migrations.RunPython.noop)]
