"""The models of the review, whose tables the app `contributions` made."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("contributions", "0008_move_review"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ExternalContent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("object_id", models.CharField(max_length=40)),
                        ("translation_key", models.UUIDField(blank=True, db_index=True, null=True)),
                        ("is_pending", models.BooleanField(default=True)),
                        (
                            "is_suspended",
                            models.BooleanField(
                                default=False,
                                help_text="Retiré ou repris par son auteur : ce qui est approuvé ne l'est plus.",
                            ),
                        ),
                        (
                            "content_type",
                            models.ForeignKey(
                                help_text="Le type de base, sous lequel les versions sont rangées.",
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="contenttypes.contenttype",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "contenu venu de l'extérieur",
                        "verbose_name_plural": "contenus venus de l'extérieur",
                        "default_permissions": (),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("content_type", "object_id"), name="external_content_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewState",
                    fields=[
                        (
                            "taskstate_ptr",
                            models.OneToOneField(
                                auto_created=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                parent_link=True,
                                primary_key=True,
                                serialize=False,
                                to="wagtailcore.taskstate",
                            ),
                        ),
                        ("ticked", models.JSONField(default=list, verbose_name="points vérifiés")),
                    ],
                    options={
                        "verbose_name": "étape de relecture",
                        "verbose_name_plural": "étapes de relecture",
                        "default_permissions": (),
                    },
                    bases=("wagtailcore.taskstate",),
                ),
                *(
                    migrations.CreateModel(
                        name=name,
                        fields=[
                            (
                                "task_ptr",
                                models.OneToOneField(
                                    auto_created=True,
                                    on_delete=django.db.models.deletion.CASCADE,
                                    parent_link=True,
                                    primary_key=True,
                                    serialize=False,
                                    to="wagtailcore.task",
                                ),
                            ),
                            (
                                "checklist",
                                models.TextField(
                                    help_text="Un par ligne. Chacun doit être coché pour approuver.",
                                    verbose_name="points à vérifier",
                                ),
                            ),
                            (
                                "groups",
                                models.ManyToManyField(
                                    help_text="Pages/snippets at this step in a workflow will be moderated or approved by these groups of users",
                                    to="auth.group",
                                    verbose_name="groups",
                                ),
                            ),
                        ],
                        options={"verbose_name": one, "verbose_name_plural": several},
                        bases=("wagtailcore.task",),
                    )
                    for name, one, several in (
                        ("EditorialReview", "relecture éditoriale", "relectures éditoriales"),
                        ("Validation", "validation", "validations"),
                    )
                ),
            ]
        ),
    ]
