"""The documentation, held against the code that it speaks of."""

import importlib
import re
from pathlib import Path

import pytest
import typer
from pydantic.fields import FieldInfo
from typer.core import TyperGroup

from services.bot.alerts.outbox import ROW_LIFETIME
from services.cli import app
from services.ingest.admission import REMEMBER_SECONDS
from services.ingest.sources import SourceConfig
from shared.settings import Settings
from shared.stages import Limits
from shared.topology import STREAMS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def every_setting() -> dict[str, FieldInfo]:
    """Return the fields of the shared settings and of each service's own."""
    fields = dict(Settings.model_fields)
    for path in sorted((ROOT / "services").glob("*/settings.py")):
        module = importlib.import_module(f"services.{path.parent.name}.settings")
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, Settings):
                fields |= found.model_fields
    return fields


SETTINGS = every_setting()


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return re.split(r"^## ", text.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row that begins with code."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\|\s*`.*$", text, re.M)
    ]


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@each_page
def test_links_inside_the_repository_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        goal = page.parent / path if path else page
        assert goal.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", goal.read_text(), flags=re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, f"{page.name}: {target}"


@each_page
def test_variables_that_are_named_exist(page):
    known = {f"DATELINE_{field.upper()}" for field in SETTINGS}
    known |= {f"{name}_FILE" for name in known}
    known |= set(re.findall(r"\$\{(\w+):-", (ROOT / "docker-compose.yml").read_text()))
    known |= {"DATELINE_TEST_REDIS", "DATELINE_TEST_ELASTICSEARCH", "DATELINE_REQUIRE_SERVERS"}

    assert set(re.findall(r"DATELINE_\w*[A-Z]\b", page.read_text())) <= known


def test_every_setting_is_documented_with_its_default():
    documented = {
        cells[0].strip("`"): cells[-1].strip("`") for cells in rows(section(OPERATIONS, "Settings"))
    }

    assert set(documented) == {f"DATELINE_{field.upper()}" for field in SETTINGS}
    for field, information in SETTINGS.items():
        if isinstance(information.default, str | int | float):
            shown = (
                f"{information.default:g}"
                if isinstance(information.default, float)
                else str(information.default)
            )
            assert documented[f"DATELINE_{field.upper()}"] == shown, field


def test_every_secret_is_named_as_a_file():
    secrets = [field for field, info in SETTINGS.items() if "SecretStr" in str(info.annotation)]

    assert {f"DATELINE_{field.upper()}_FILE" for field in secrets} == set(
        re.findall(r"DATELINE_\w+_FILE", section(OPERATIONS, "Secrets"))
    )


def test_the_table_of_streams_is_that_of_the_code():
    table = section((ROOT / "docs" / "architecture.md").read_text(), "Streams")

    assert [[cell.replace("`", "") for cell in cells] for cells in rows(table)] == [
        [stream.name, ", ".join(stream.groups), stream.purpose] for stream in STREAMS
    ]


def test_every_setting_of_a_source_is_documented():
    table = section((ROOT / "docs" / "sources.md").read_text(), "`sources.toml`")

    assert [cells[0].strip("`") for cells in rows(table)] == list(SourceConfig.model_fields)


def test_the_arithmetic_of_memory_uses_the_times_of_the_code():
    page = section((ROOT / "docs" / "architecture.md").read_text(), "Beyond one machine")

    assert f"at the door, {REMEMBER_SECONDS // 86400} days" in page
    assert ROW_LIFETIME.days == 7
    assert "alerts, seven days" in page
    assert Limits().once_seconds == 7 * 86400
    assert "three keys, seven days" in page


def verbs() -> dict[str, set[str]]:
    """Return every verb of the console script, with the verbs below it."""
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return {name: set(getattr(below, "commands", ())) for name, below in command.commands.items()}


@each_page
def test_commands_that_are_named_exist(page):
    known = verbs()
    for verb, below in re.findall(r"\bdateline ([a-z]+)(?: ([a-z]+))?", page.read_text(), flags=re.M):
        assert verb in known, f"{page.name}: dateline {verb}"
        if known[verb] and below:
            assert below in known[verb], f"{page.name}: dateline {verb} {below}"
