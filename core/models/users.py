from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Someone who signs in: a member of the team, later a partner.

    Ours from the first migration, so that it can grow without a painful swap
    (Django documentation, "Using a custom user model when starting a project").
    """

    @property
    def display_name(self) -> str:
        """Return how colleagues call them: first and last names, or else the user name."""
        return self.get_full_name() or self.get_username()
