"""The container set-up, read from its files: what cannot be run here is at least held to its rules."""

import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from shared.embedded import find_server
from shared.settings import Settings

ROOT = Path(__file__).parent.parent
COMPOSE = ROOT / "docker-compose.yml"

OURS = {"setup", "ingest", "enrich", "index", "bot"}
ONE_SHOT = {"setup"}
#: Services that may run many times: nothing in them may be bound to one name or one port of the host.
SCALED = {"enrich", "index"}
#: Elasticsearch writes its keystore into its own configuration folder at every start.
WRITABLE = {"elasticsearch"}


def load() -> dict[str, Any]:
    return dict(YAML(typ="safe").load(COMPOSE.read_text()))


DOCUMENT = load()
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
every_service = pytest.mark.parametrize("name", sorted(SERVICES))
each_of_ours = pytest.mark.parametrize("name", sorted(OURS))


def megabytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([mg])b?", text.lower()).groups()
    return int(number) * (1024 if unit == "g" else 1)


def limits(name: str) -> dict[str, Any]:
    return SERVICES[name]["deploy"]["resources"]["limits"]


def networks(name: str) -> set[str]:
    return set(SERVICES[name]["networks"])


def without_defaults(text: str) -> str:
    """Resolve ``${NAME:-default}`` as compose does when the variable is not set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def check_schema(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_file_follows_the_compose_specification():
    result = check_schema(COMPOSE)

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_specification_would_catch_a_misspelt_key(tmp_path):
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text().replace("stop_grace_period:", "stop_grace_periode:"))

    assert check_schema(broken).returncode == 1


def test_the_services_are_the_two_stores_the_setup_and_the_four_services():
    assert set(SERVICES) == OURS | {"redis", "elasticsearch"}


@every_service
def test_it_has_a_health_check_or_runs_once(name):
    check = SERVICES[name]["healthcheck"]

    if name in ONE_SHOT:
        assert SERVICES[name]["restart"] == "no"
        assert check == {"disable": True}
    else:
        assert SERVICES[name]["restart"] == "unless-stopped"
        assert {"test", "interval", "timeout", "retries", "start_period"} <= set(check)


@every_service
def test_it_has_limits_and_rotated_logs(name):
    assert {"cpus", "memory", "pids"} <= set(limits(name))
    assert {"max-size", "max-file"} <= set(SERVICES[name]["logging"]["options"])


@every_service
def test_it_has_no_privileges(name):
    service = SERVICES[name]

    assert int(service["user"].partition(":")[0]) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(service)


@every_service
def test_its_file_system_is_read_only(name):
    assert SERVICES[name].get("read_only", False) is (name not in WRITABLE)


@every_service
def test_it_can_be_found_by_any_name_and_stopped_in_peace(name):
    assert "container_name" not in SERVICES[name]
    seconds = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert seconds >= 2 * Settings.model_fields["drain_seconds"].default


def test_only_the_push_endpoint_is_published_and_only_on_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert set(published) == {"ingest"}
    (port,) = published["ingest"]
    assert without_defaults(port).startswith("127.0.0.1:")
    assert port.endswith(":" + SERVICES["ingest"]["environment"]["DATELINE_HTTP_PORT"])


def test_a_service_that_scales_is_bound_to_nothing_of_the_host():
    for name in SCALED:
        assert not {"ports", "container_name", "volumes", "hostname"} & set(SERVICES[name]), name


def test_the_stores_reach_nothing_and_only_who_must_reaches_the_world():
    assert DOCUMENT["networks"]["backend"]["internal"] is True
    assert {name for name in SERVICES if "egress" in networks(name)} == {"ingest", "bot"}
    assert all("backend" in networks(name) for name in SERVICES)


@each_of_ours
def test_the_merge_has_lost_nothing(name):
    """``<<`` replaces nested keys: a service with its own block must have repeated all of the common one."""
    service, common = SERVICES[name], DOCUMENT["x-service"]

    assert set(common) <= set(service)
    assert DOCUMENT["x-environment"].items() <= service["environment"].items()
    assert set(common["networks"]) <= networks(name)
    assert service["image"] == common["image"]
    assert service["init"] is True
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])


@each_of_ours
def test_it_starts_when_what_it_needs_is_ready(name):
    needs = {other: condition["condition"] for other, condition in SERVICES[name]["depends_on"].items()}

    assert needs["redis"] == "service_healthy"
    if name in ONE_SHOT:
        assert needs["elasticsearch"] == "service_healthy"
    else:
        assert needs["setup"] == "service_completed_successfully"


@each_of_ours
def test_its_environment_holds_known_settings_and_no_secrets(name):
    fields = Settings.model_fields
    secrets = {field for field, info in fields.items() if "SecretStr" in str(info.annotation)}
    for variable, value in SERVICES[name]["environment"].items():
        field = variable.removeprefix("DATELINE_").lower()
        if field.endswith("_file"):
            assert field.removesuffix("_file") in secrets, f"{variable} is the file of no secret"
            assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"], f"{value} is not mounted"
        else:
            assert field in fields, f"{variable} is not a setting"
            assert "token" not in field, f"{variable} belongs in a file"


def test_every_secret_is_a_file_and_is_used():
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}

    assert used == set(DOCUMENT["secrets"])
    assert all(set(secret) == {"file"} for secret in DOCUMENT["secrets"].values())


def test_redis_leaves_room_to_rewrite_its_file_and_evicts_nothing():
    options = redis_options()

    assert options["appendonly"] == "yes"
    assert options["maxmemory-policy"] == "noeviction"
    assert megabytes(options["maxmemory"]) <= 0.75 * megabytes(limits("redis")["memory"])


def test_elasticsearch_gets_half_of_its_memory_as_heap():
    heaps = re.findall(r"-Xm[sx](\d+[mg])", SERVICES["elasticsearch"]["environment"]["ES_JAVA_OPTS"])

    assert len(heaps) == 2
    assert {megabytes(heap) * 2 for heap in heaps} == {megabytes(limits("elasticsearch")["memory"])}


def redis_options() -> dict[str, str]:
    program, *arguments = SERVICES["redis"]["command"]
    assert program == "redis-server"
    names, values = arguments[::2], arguments[1::2]
    return {name.removeprefix("--"): value for name, value in zip(names, values, strict=True)}


@pytest.fixture
def redis_of_the_file(tmp_path: Path) -> Iterator[int]:
    """A real server, started with the arguments that the compose file gives it; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    extra = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path)]
    command = [str(find_server()), *SERVICES["redis"]["command"][1:], *extra]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if "Ready to accept connections" in line:
                break
        else:
            pytest.fail("the server refused the arguments of the compose file")
        yield port
        server.terminate()


async def test_redis_understands_its_arguments(redis_of_the_file):
    from redis.asyncio import Redis

    async with Redis(port=redis_of_the_file) as redis:
        found = {name: (await redis.config_get(name))[name] for name in redis_options()}

    expected = redis_options() | {"maxmemory": str(megabytes(redis_options()["maxmemory"]) * 2**20)}
    assert found == expected


@each_of_ours
def test_the_health_check_is_a_module_that_exists(name):
    if name in ONE_SHOT:
        return
    marker, *command = SERVICES[name]["healthcheck"]["test"]
    assert marker == "CMD"
    assert command[0] == "python"

    result = subprocess.run(
        [sys.executable, *command[1:]],
        env={"DATELINE_HTTP_PORT": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (result.returncode, result.stderr) == (1, ""), (
        "nothing runs here, so the check has to say unhealthy"
    )


# --- the image ---

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def stages() -> list[str]:
    return re.split(r"^(?=FROM )", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE), flags=re.MULTILINE)[
        1:
    ]


def test_the_image_is_built_in_stages_and_ends_as_an_ordinary_user():
    build, final = stages()

    assert build.startswith("FROM python:3.11-slim AS build\n")
    assert final.startswith("FROM python:3.11-slim\n")
    assert re.findall(r"^USER (.+)$", final, flags=re.MULTILINE) == ["10001:10001"]
    assert final.index("\nUSER ") > final.rindex("\nRUN ")
    assert 'ENTRYPOINT ["dateline"]' in final
    assert SERVICES["bot"]["user"] == "10001:10001"


def test_the_image_holds_no_compiler_and_installs_nothing_that_is_not_hashed():
    build, final = stages()

    assert not re.search(r"apt-get|pip install|gcc|build-essential", final)
    installs = re.findall(r"pip install (.+)$", build, flags=re.MULTILINE)
    assert installs == ["--require-hashes -r requirements.lock", "--no-deps --no-build-isolation ."]


def test_what_the_image_copies_is_what_the_ignore_file_lets_through():
    copied = {
        source.removeprefix("./")
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        for source in line.split()[:-1]
    }
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)


def test_the_wheel_in_the_image_holds_every_package_that_it_copies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert set(packages) == {"services", "shared"}
    assert all(f"COPY {package} ./{package}\n" in DOCKERFILE for package in packages)


# --- the secrets ---


def create_secrets(folder: Path, typed: str) -> None:
    subprocess.run(
        [ROOT / "deploy" / "secrets" / "create"],
        env={"PATH": os.environ["PATH"], "DATELINE_SECRETS_DIR": str(folder)},
        input=typed,
        text=True,
        capture_output=True,
        check=True,
    )


def test_the_script_makes_every_secret_that_the_file_mounts_and_never_overwrites(tmp_path):
    folder = tmp_path / "secrets"
    create_secrets(folder, "123456:first\n")
    create_secrets(folder, "123456:second\n")

    assert {path.name for path in folder.iterdir()} == {
        Path(secret["file"]).name for secret in DOCUMENT["secrets"].values()
    }
    assert (folder / "telegram_token").read_text() == "123456:first"
    assert len((folder / "push_token").read_text()) == 64
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o444 for path in folder.iterdir())
