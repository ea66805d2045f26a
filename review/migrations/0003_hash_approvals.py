"""What was approved before is approved still: its hash takes the place of its revision."""

from django.db import migrations

from review.content import canonical_hash


def fill(apps, schema_editor):
    states = apps.get_model("review", "ReviewState").objects
    for state in states.filter(status="approved", content_hash="").select_related("revision"):
        if state.revision is not None:
            states.filter(pk=state.pk).update(
                # Of today's function, since it is with today's that it will be compared.
                content_hash=canonical_hash(state.revision.content)
            )


class Migration(migrations.Migration):
    dependencies = [("review", "0002_content_hash")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
