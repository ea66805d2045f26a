"""What is kept of people: the registry of it, how it ends, its export and its erasure."""
