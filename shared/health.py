"""The health check that a container runs: ``python -m shared.health [ready|live]``.

It asks the service in the same container and leaves with 0 (healthy) or 1 (not). Only the standard library is
used: this runs every few seconds beside the service, so it has to start quickly and stay small.
"""

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

DEFAULT_PORT = 8080
TIMEOUT_SECONDS = 3.0
CHECKS = ("ready", "live")


def probe(check: str, port: int, timeout: float = TIMEOUT_SECONDS) -> tuple[bool, str]:
    """Ask the service on this machine; never raises for a service that is away, slow or talks nonsense.

    Returns whether it is healthy, and a line to show (Docker keeps the output of the last few checks).
    """
    # An address, not a name: resolving "localhost" may give ::1 first, where nothing listens.
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", f"/health/{check}")
        response = connection.getresponse()
        body = response.read(2048).decode("utf-8", "replace").strip()
    except (OSError, HTTPException) as error:
        return False, f"no answer on port {port}: {error or type(error).__name__}"
    finally:
        connection.close()
    return response.status == 200, f"{response.status} {body}"


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run the check that the arguments name; return 0 if it passed, 1 if not, 2 for a usage error."""
    check = arguments[0] if arguments else "ready"
    port = environment.get("DATELINE_HTTP_PORT", str(DEFAULT_PORT))
    if len(arguments) > 1 or check not in CHECKS or not port.isdecimal():
        print("usage: [DATELINE_HTTP_PORT=8080] python -m shared.health [ready|live]", file=sys.stderr)  # noqa: T201 - a command's own output
        return 2
    healthy, line = probe(check, int(port))
    print(line)  # noqa: T201 - a command's own output
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
