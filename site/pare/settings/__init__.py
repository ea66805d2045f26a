"""Settings, one module per use: ``dev``, ``test`` and ``production``, each on top of ``base``."""
