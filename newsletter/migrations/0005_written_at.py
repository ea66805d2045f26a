from django.db import migrations


class Migration(migrations.Migration):
    """Forget a column that is not used any more, and leave it to the last release, which reads it.

    The release after this one drops it.
    """

    dependencies = [
        ("newsletter", "0004_help_texts"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="subscriber", name="written_at"),
            ],
        ),
    ]
