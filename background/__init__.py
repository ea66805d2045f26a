"""What is done without a reader waiting: tasks, and what runs by the clock."""
