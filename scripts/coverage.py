"""Measure the coverage of a run: ``python -m scripts.coverage -m pytest``, with its options before.

SlipCover takes its instruments out of the lines that ran, where coverage.py is called at each:
the suite takes a tenth longer and not twice as long. Its settings are in pyproject.toml.
"""

import slipcover.__main__


def main() -> int:
    """Run SlipCover, and return its exit code: 2 below the floor, else that of what was run."""
    # It would take packages that pytest imports from their files for modules. Ours are imported.
    slipcover.wrap_spec_from_file_location = lambda *_arguments: None
    return int(slipcover.__main__.main())


if __name__ == "__main__":
    raise SystemExit(main())
