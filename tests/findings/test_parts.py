"""A way on in parts: each command stands alone and is one that can be typed; nothing of the message is lost."""

import re

import pytest

from ks_reset.model import Finding
from ks_reset.report.commands import split_message
from tests.commands import takes_all_flags
from tests.findings.test_cures import CURES, complete
from tests.findings.test_rules import RuleCase

SPLIT = {
    "ks-reset plan defuse --out plan.json removes these references; do not install before.": [
        (True, "ks-reset plan defuse --out plan.json"),
        (False, "removes these references; do not install before."),
    ],
    "Keep a copy: (umask 077; kubectl get pods -o yaml > a.yaml). Then: ks-reset verify.": [
        (False, "Keep a copy:"),
        (True, "(umask 077; kubectl get pods -o yaml > a.yaml)"),
        (False, "Then:"),
        (True, "ks-reset verify"),
    ],
    """Put it back (kubectl patch x y -p '{"a": "b. c"}'); or wait.""": [
        (False, "Put it back"),
        (True, """kubectl patch x y -p '{"a": "b. c"}'"""),
        (False, "or wait."),
    ],
    "kubectl get ns a -o json | jq '.x=[\"k\"]' | kubectl replace --raw /api -f -; it is back then.": [
        (True, "kubectl get ns a -o json | jq '.x=[\"k\"]' | kubectl replace --raw /api -f -"),
        (False, "it is back then."),
    ],
    "ks-reset never deletes objects, and kubectl is another program.": [
        (False, "ks-reset never deletes objects, and kubectl is another program."),
    ],
}


@pytest.mark.parametrize("text", SPLIT)
def test_prose_and_commands_are_told_apart(text: str) -> None:
    assert [(part.is_command, part.text) for part in split_message(text)] == SPLIT[text]


@pytest.mark.parametrize(("case", "finding"), CURES)
def test_each_command_of_a_way_on_stands_alone_and_nothing_is_lost(case: RuleCase, finding: Finding) -> None:
    text = complete(finding)
    parts = split_message(text)
    for part in parts:
        if part.is_command and part.text.startswith("ks-reset"):
            words = part.text.replace("'/my files/config'", "FILE").split()
            assert takes_all_flags(words), (case, part.text)
        assert part.is_command or not re.search(r"kubectl --|ks-reset plan ", part.text), (case, part.text)
    assert re.sub(r"[\s().,;:]", "", "".join(part.text for part in parts)) == re.sub(r"[\s().,;:]", "", text)
