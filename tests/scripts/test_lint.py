import yaml

from scripts.lint import CHECKS, ROOT


def test_each_check_runs_before_a_commit_or_a_push():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]

    names = [name for hook in hooks for name in hook["entry"].split()[3:]]

    assert sorted(names) == sorted(CHECKS)
