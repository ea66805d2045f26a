"""What the review needs to know of contributions is kept with its marks: it moves out next."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("contributions", "0005_version_content"),
    ]

    operations = [
        migrations.AddField(
            "outsidecontent",
            "is_suspended",
            models.BooleanField(
                default=False,
                help_text="Retiré ou repris par son auteur : ce qui est approuvé ne l'est plus.",
            ),
        ),
        migrations.AddField(
            "outsidecontent",
            "translation_key",
            models.UUIDField(null=True, blank=True, db_index=True),
        ),
    ]
