"""Every case again, with facts as they are read from a cluster: redaction changes no finding, action or consequence."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.credentials.redact import redact_object
from ks_reset.facts.gather import redacted_obj
from ks_reset.model import Options
from tests import build, cases
from tests.catalogue.test_detection import test_what_is_installed_is_detected
from tests.catalogue.test_proofs import (
    test_only_an_object_proven_to_be_kubespheres_is_removed,
    test_the_controllers_that_react_are_found_and_no_others,
)
from tests.findings.test_rules import test_a_rule_reports_these_findings
from tests.simulation.test_actors import (
    test_chains_read_as_in_the_golden_file,
    test_the_simulation_predicts_these_outcomes,
)
from tests.steps.test_steps import test_a_step_plans_these_actions

__all__ = [
    "test_a_rule_reports_these_findings",
    "test_a_step_plans_these_actions",
    "test_chains_read_as_in_the_golden_file",
    "test_only_an_object_proven_to_be_kubespheres_is_removed",
    "test_the_controllers_that_react_are_found_and_no_others",
    "test_the_simulation_predicts_these_outcomes",
    "test_what_is_installed_is_detected",
]


@pytest.fixture(autouse=True)
def redacted_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "made_obj", redacted_obj)
    monkeypatch.setattr(cases, "asked", redacted_options)


def redacted_options(**fields: Any) -> Options:
    """The options of a case, with the objects of an installation as a plan holds them."""
    options = build.asked(**fields)
    install = options.material.install
    if install is None:
        return options
    objects = tuple(structs.replace(o, body=redact_object(o.body, o.kind.key)) for o in install.objects)
    material = structs.replace(options.material, install=structs.replace(install, objects=objects))
    return structs.replace(options, material=material)
