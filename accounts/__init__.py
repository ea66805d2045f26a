"""Who signs in, how, and who manages their accounts."""
