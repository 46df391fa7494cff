"""Have helm put the chart ks-core on, where it is not deployed; a run that was cut off is done again by helm itself."""

from collections.abc import Iterable

from ks_reset.credentials.recorded import unrecorded
from ks_reset.facts import helm_releases
from ks_reset.facts.installation import RELEASE, SYSTEM
from ks_reset.model import Action, Kind, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "helm remembers what belongs to the release, and takes it off again one day."
SECRET = Kind("", "v1", "Secret", "secrets", True)


def actions(ground: StepContext) -> Iterable[Action]:
    for chart in ground.options.install.charts if ground.options.install else ():
        world = ground.facts.world(chart.cluster)
        if world and helm_releases.state(world.of(SECRET.key)) != helm_releases.DEPLOYED:
            yield Action(
                STEP.name,
                chart.cluster,
                Verb.INSTALL,
                SECRET,
                RELEASE,
                SYSTEM,
                why=f"{len(chart.makes)} object(s) come of it",
                body=chart.values,
                sealed=any(unrecorded(chart.values)),
                chart=chart.sha256,
            )


STEP = Step("install-chart", WHY, after=("fasten-seatbelt",), actions=actions)
