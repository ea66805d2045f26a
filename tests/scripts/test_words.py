import pytest

from scripts.words import has_word, in_module


@pytest.mark.parametrize("name", ["say_body", "SaidBody", "isSaid", "TELL", "mend", "whoever"])
def test_a_name_with_one_of_the_words_is_found(name):
    assert has_word(name)


@pytest.mark.parametrize("name", ["essay", "recommended", "stellar", "amend", "serialize_body"])
def test_a_word_within_another_is_not(name):
    assert not has_word(name)


def test_names_and_docstrings_are_read_and_comments_strings_and_uses_are_not(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        '"""Say it."""\n'
        "from theirs import say\n"
        "# Whoever says so.\n"
        "def f(said):\n"
        '    return say("whoever")\n'
        "class Told:\n"
        '    """A way that goes around it."""\n'
    )

    assert in_module(module) == [
        (1, "docstring with say"),
        (4, "name said"),
        (7, "docstring with goes around"),
    ]


def test_the_name_of_a_module_counts(tmp_path):
    module = tmp_path / "said.py"
    module.write_text("")

    assert in_module(module) == [(1, "module said")]
