"""`python -m tests.benchmarks`: what things cost, beside their budgets. CPU time, never a test."""

from __future__ import annotations

import logging
import sys

from tests.benchmarks import costs, health_scores, loading, month, packs, screens


def main() -> None:
    logging.disable(logging.WARNING)  # Streamlit's test runner warns that it is no server
    for measured in (*costs.ALL, *screens.ALL, *packs.ALL, *loading.ALL, month.a_months_measures, *health_scores.ALL):
        sys.stdout.writelines(f"{cost}\n" for cost in measured())
        sys.stdout.flush()


if __name__ == "__main__":
    main()
