"""What every endpoint shares: errors, caching, responses."""
