"""The rules that keep the tree readable. Each failure names the file, the line, and the rule.

What services and packages may import of each other stands in pyproject.toml (import-linter, ``make lint``).
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("services", "shared")
MAX_FUNCTION_LINES = 40
MAX_MODULE_LINES = 300
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

#: Who puts things together, and so may know everything.
WIRING = ("services/*/app.py", "services/*/handlers.py", "services/standalone.py", "services/verbs/entry.py")
#: Who else may speak to the outside world, by library.
ADAPTERS = {
    "faststream": ("shared/consumers.py", "shared/envelope.py"),
    "redis": (
        # delivery and what surrounds it: the state of the pipeline itself
        "shared/topology.py",
        "shared/consumers.py",
        "shared/delivery.py",
        "shared/delivery_scripts.py",
        "shared/leases.py",
        "shared/keeper.py",
        "shared/dead_letters.py",
        "shared/conservation.py",
        "shared/status.py",
        "shared/trace.py",
        "shared/barrier.py",
        "shared/embedded.py",
        "shared/endpoints.py",
        "shared/service.py",
        # looks at the server itself
        "services/verbs/doctor.py",
        # one adapter for each thing that a service keeps there
        "services/ingest/admission.py",
        "services/ingest/source_store.py",
        "services/enrich/cluster_store.py",
        "services/bot/subscription_store.py",
        "services/bot/suspension_store.py",
        "services/bot/preferences_store.py",
        "services/bot/recall_store.py",
        "services/bot/alerts/alerted_clusters.py",
        "services/bot/alerts/digest_scripts.py",
        "services/bot/alerts/outbox*.py",
        "services/bot/stores.py",
        "services/bot/review_store.py",
        "services/bot/alerts/telling_store.py",
        "services/bot/alerts/digest_due.py",
        "services/bot/recipient_store.py",
        "services/bot/messengers/inbox.py",
        "services/bot/messengers/pacing_store.py",
        "services/bot/messengers/poller_lease.py",
        "services/bot/messengers/telegram/*.py",
    ),
    "elasticsearch": ("shared/archive/elasticsearch*.py",),
    "elastic_transport": ("shared/archive/elasticsearch*.py",),
    "telegram": ("services/bot/messengers/telegram/*.py", "services/verbs/doctor.py"),
    "httpx": ("services/ingest/fetch.py", "services/bot/messengers/telegram/*.py"),
    "starlette": (
        "services/ingest/push.py",
        "services/bot/messengers/telegram/*.py",
        "shared/endpoints.py",
        "shared/service.py",
    ),
    "hypercorn": ("shared/endpoints.py",),
    # an optional extra
    "spacy": ("services/enrich/ner.py",),
}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def place(path: Path, line: int | None = None) -> str:
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def report(broken: list[str], rule: str) -> None:
    assert not broken, f"{rule}\n" + "\n".join(broken)


# --- imports ---


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every import of a module, those inside functions too: line and top-level package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.partition(".")[0]


def test_only_adapters_and_wiring_import_what_speaks_to_the_outside_world():
    broken = [
        f"{place(path, line)} imports {library}"
        for path in modules(*PACKAGES)
        for line, library in imports(parse(path))
        if library in ADAPTERS
        and not any(fnmatch(place(path), allowed) for allowed in (*WIRING, *ADAPTERS[library]))
    ]

    report(broken, "Only app.py, handlers.py and the adapters in the table of this test may import this:")


#: Built once by its maintainers, never at run time: its sources come with the tools.
BUILD_TIME = "services/enrich/lexicon/"
#: What an adapter may import beside the dependencies, by the optional extra that brings it.
EXTRAS = {"services/enrich/ner.py": "ner"}
#: The parts of a library that is declared under another name.
PARTS = {"elastic_transport": "elasticsearch"}


def names_of(requirements: Iterable[object]) -> set[str]:
    found = (re.match(r"[\w.-]+", line) for line in requirements if isinstance(line, str))
    return {canonicalize_name(name[0]) for name in found if name}


def test_every_library_that_is_imported_is_a_declared_dependency():
    """One that only comes along with a test tool works here and is missing where people install Dateline."""
    file = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = names_of(file["project"]["dependencies"])
    tools = names_of(line for group in file["dependency-groups"].values() for line in group)
    ships = packages_distributions()
    broken = []
    for path in modules(*PACKAGES):
        known = needed | tools if place(path).startswith(BUILD_TIME) else needed
        extra = names_of(file["project"]["optional-dependencies"].get(EXTRAS.get(place(path), ""), ()))
        for line, library in imports(parse(path)):
            if library in sys.stdlib_module_names or library in PACKAGES:
                continue
            shipped_by = names_of([PARTS.get(library, ""), *ships.get(library, [])])
            # An extra need not be installed here, and then nothing but its name tells what ships it.
            if not shipped_by & known and canonicalize_name(library) not in extra:
                broken.append(f"{place(path, line)} imports {library}")

    report(broken, "Name it in pyproject.toml and renew the lock, or do without it:")


def test_the_table_of_adapters_lists_no_module_that_is_gone():
    names = [place(path) for path in modules(*PACKAGES)]
    patterns = {pattern for allowed in ADAPTERS.values() for pattern in allowed}
    broken = [pattern for pattern in sorted(patterns) if not any(fnmatch(name, pattern) for name in names)]

    report(broken, "These adapters do not exist (any more); take them out of the table:")


def effects_of_importing(root: Path, names: list[str]) -> list[str]:
    """Import modules in a process of their own; return the lines of ours that opened or started something."""
    command = [
        sys.executable,
        "-B",
        "-W",
        "ignore",
        str(ROOT / "tests" / "import_watch.py"),
        str(root),
        *names,
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_importing_a_module_opens_nothing_and_starts_nothing():
    names = [
        place(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in modules(*PACKAGES)
        if path.name != "__main__.py"
    ]

    report(effects_of_importing(ROOT, names), "Importing a module must have no effect, but this happened:")


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("import socket; socket.socket().close()", "socket.__new__"),
        ("import asyncio; asyncio.new_event_loop().close()", "socket.__new__"),
        ("import threading; threading.Thread(target=print).start()", "_thread.start_new_thread"),
        ("open(__file__ + '.log', 'a').close()", "open"),
        ("import sqlite3; sqlite3.connect(':memory:').close()", "sqlite3.connect"),
    ],
)
def test_the_watch_sees_an_effect(tmp_path, line, event):
    (tmp_path / "careless.py").write_text(f"import json\n{line}\n")

    (found,) = {line.partition(" ")[2].split()[0] for line in effects_of_importing(tmp_path, ["careless"])}

    assert found == event


# --- sizes and names ---


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines from ``def`` to its end, without its docstring."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_functions_fit_on_a_screen():
    broken = [
        f"{place(path, node.lineno)} {node.name} has {body_lines(node)} lines"
        for path in modules(*PACKAGES, "benchmarks")
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > MAX_FUNCTION_LINES
    ]

    report(broken, f"A function has at most {MAX_FUNCTION_LINES} lines without its docstring:")


def test_modules_can_be_read_in_one_sitting():
    broken = [
        f"{place(path)} has {lines} lines"
        for path in modules(*PACKAGES, "benchmarks")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_MODULE_LINES
    ]

    report(broken, f"A module has at most {MAX_MODULE_LINES} lines (vocabulary lives in data files):")


def test_modules_are_named_for_what_they_hold():
    broken = [
        place(path)
        for path in modules(*PACKAGES, "tests", "benchmarks")
        if VAGUE_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    ]

    report(broken, "Name a module for what it holds:")


#: Commands whose first word says what to do, not with which key.
SUBCOMMANDS = {"XGROUP", "XINFO"}
KEY_IN_SCRIPT = re.compile(r"redis\.call\(\s*'(\w+)',\s*'([^']*)'(?!\s*\.\.)")


def keys_written_into_scripts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The keys that stand as they are in server-side scripts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "redis.call(" in node.value:
            for found in KEY_IN_SCRIPT.finditer(node.value):
                if found[1] not in SUBCOMMANDS:
                    yield node.lineno, found[2]


def test_scripts_are_passed_their_keys():
    broken = [
        f"{place(path, line)} {key}"
        for path in modules(*PACKAGES)
        for line, key in keys_written_into_scripts(parse(path))
    ]

    report(
        broken, "A server-side script is passed its keys; only what it finds out as it goes is built there:"
    )


def test_the_search_for_keys_in_scripts_finds_one():
    script = "SCRIPT = \"redis.call('ZADD', 'a.set', 1, 'b') redis.call('GET', 'a:' .. ARGV[1])\""
    assert [key for _line, key in keys_written_into_scripts(ast.parse(script))] == ["a.set"]


def test_every_package_says_what_it_is_for():
    broken = [
        place(path)
        for path in modules(*PACKAGES)
        if path.name == "__init__.py" and not ast.get_docstring(parse(path))
    ]

    report(broken, "A package's __init__.py has a docstring:")


def test_tests_are_not_packages():
    broken = [place(path) for path in modules("tests") if path.name == "__init__.py"]

    report(broken, "A package under tests/ would shadow the code it tests:")


# --- what is installed, what is tracked ---


def test_no_other_distribution_ships_our_package_names():
    broken = sorted(
        f"{distribution.name} ships {file}"
        for distribution in distributions()
        if distribution.name.lower() != "dateline"
        for file in distribution.files or ()
        if file.parts[0] in PACKAGES and file.suffix == ".py"
    )

    report(broken, "These would hide our packages or be hidden by them:")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-ner.lock"])
def test_lock_files_hold_names_versions_and_hashes_and_no_address(name):
    lines = (ROOT / name).read_text().splitlines()
    broken = [
        f"{name}:{number} {line}"
        for number, line in enumerate(lines, 1)
        if re.search(r"://|--index|--find", line)
    ]

    report(broken, "An address in a lock file ties everybody to one index:")
    assert sum("==" in line for line in lines) > 10
    assert sum("--hash=sha256:" in line for line in lines) > 10


# In pieces, so that this file does not match itself.
MACHINE_PATHS = [
    "/" + name + "/" for name in ("work", "root", "Users", "home/[a-z]+", "tmp/(?!dateline)[a-z]+")
]
INDEX_HOSTS = [
    r"\.".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "(org|com)"),
        ("maven", "(org|apache)"),
        ("golang", "org"),
        ("docker", "(io|elastic)"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
]
FORBIDDEN = re.compile("(?<![\\w.~$}-])(?:" + "|".join(MACHINE_PATHS) + ")|" + "|".join(INDEX_HOSTS))


def tracked_files() -> list[Path]:
    """Every file that is in the repository, or will be once what is new is added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_knows_the_machine_that_it_was_written_on():
    broken = []
    for path in tracked_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        broken += [
            f"{place(path, number)} {found[0]}"
            for number, line in enumerate(lines, 1)
            if (found := FORBIDDEN.search(line))
        ]

    report(broken, "Paths of one machine and hosts of package indexes do not belong into the repository:")


@pytest.mark.parametrize(
    "text", ["see /wo" + "rk/x", "from https://py" + "pi.org/simple", "open('/ho" + "me/me/x')"]
)
def test_the_search_for_machine_paths_finds_one(text):
    assert FORBIDDEN.search(text)
    assert not FORBIDDEN.search(
        "GET /stories/work/ of https://example.org and tests/home/x, mounted on /tmp:size=1m"
    )
