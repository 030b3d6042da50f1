"""DuckDB for the children that stage and type files: its native module, without the package around it.

Each lives for one file, and importing the package costs it more than reading most files does (0.1 s of 0.2 s).
"""

from __future__ import annotations

try:
    import _duckdb as duckdb
except ImportError:  # a build that names its native module otherwise
    import duckdb

__all__ = ["duckdb"]
