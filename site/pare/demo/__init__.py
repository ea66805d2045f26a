"""The demonstration: its texts (YAML), what draws and writes its files, and what loads it."""
