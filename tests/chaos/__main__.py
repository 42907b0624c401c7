"""`make chaos`: kill everything while money moves, then compare every row with what really moved.

Settings from the environment: N payments, SECONDS at most, SEED, FAULTS (share of exchanges), KILL_EVERY seconds,
REDIS=1. Ctrl-C ends the storm early; what was accepted until then is settled and compared.
"""

import sys

from tests.chaos.options import Options
from tests.chaos.run import run


def main() -> int:
    if sys.argv[1:]:  # a question, not a run of two hours
        sys.stdout.write(f"{__doc__}\n")
        return 2
    options = Options.from_environment()
    sys.stdout.write(f"{options}\n")
    verdict = run(options)
    for name, value in verdict.figures:
        sys.stdout.write(f"{name:<40} {value}\n")
    for finding in verdict.findings[:50]:
        sys.stdout.write(f"WRONG: {finding}\n")
    if len(verdict.findings) > 50:
        sys.stdout.write(f"… and {len(verdict.findings) - 50} more\n")
    sys.stdout.writelines(f"{line}\n" for line in verdict.timelines)
    return 1 if verdict.findings else 0


if __name__ == "__main__":
    sys.exit(main())
