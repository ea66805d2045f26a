"""Where the public is led by links, and whether something is still there."""
