from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.second_factor import has_second_factor, reset
from core.models import User


class Command(BaseCommand):
    """Reset the second factor of an account that no colleague can help, at the server."""

    help = "Take the second factor of an account away: it sets up another when it signs in next."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset it.

        Raises:
            CommandError: there is no such account, or it has none.
        """
        user = User.objects.filter(username=options["username"]).first()
        if user is None or not has_second_factor(user):
            raise CommandError(f"No second factor of {options['username']}.")
        reset(user, None)
        self.stdout.write("Reset. Its sessions have ended, and its address was written to.")
