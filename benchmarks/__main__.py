"""``python -m benchmarks``: run every benchmark and write ``benchmarks/RESULTS.md``."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run each benchmark in a process of its own; one that fails is named and fails the run."""
    parts = [
        "# Results\n",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores. Figures of one run; compare ratios, not absolutes.\n",
    ]
    failed = []
    for script in sorted(path for path in HERE.glob("[a-z]*.py") if path.stem != "stories"):
        print(f"== {script.stem}", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{script.stem}"],
            capture_output=True,
            text=True,
            cwd=HERE.parent,
        )
        if done.returncode:
            failed.append(script.stem)
            print(done.stderr, file=sys.stderr)
        parts.append(
            f"## {script.stem}\n\n`python -m benchmarks.{script.stem}`\n\n```\n{done.stdout.strip()}\n```\n"
        )
    (HERE / "RESULTS.md").write_text("\n".join(parts), encoding="utf-8")
    print(f"wrote {HERE / 'RESULTS.md'}; failed: {', '.join(failed) or 'none'}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
