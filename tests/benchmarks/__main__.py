"""`python -m tests.benchmarks`: what things cost, beside their budgets. CPU time, never a test."""

from __future__ import annotations

import sys

from tests.benchmarks import costs


def main() -> None:
    for cost in costs.ALL:
        sys.stdout.write(f"{cost()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
