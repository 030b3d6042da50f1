"""Maturity of the seven systems: a team answers alone, sees where it disagrees, and closes the biggest gaps."""

from scorecard.core.maturity_file import Model, Practice, System
from scorecard.maturity.answering import Left, Part, Sheet, finish, save, sheet, waiting
from scorecard.maturity.cycles import DIARY, Standing, close, cycles, late, model, model_at, open_cycle, record_file, remind, reminded, save_model, standings
from scorecard.maturity.cycles import one as cycle
from scorecard.maturity.results import PracticeResult, Results, SystemResult, admit, agree, results
from scorecard.store.maturity import Agreed, Asked, Cycle, Draft

__all__ = [
    "DIARY",
    "Agreed",
    "Asked",
    "Cycle",
    "Draft",
    "Left",
    "Model",
    "Part",
    "Practice",
    "PracticeResult",
    "Results",
    "Sheet",
    "Standing",
    "System",
    "SystemResult",
    "admit",
    "agree",
    "close",
    "cycle",
    "cycles",
    "finish",
    "late",
    "model",
    "model_at",
    "open_cycle",
    "record_file",
    "remind",
    "reminded",
    "results",
    "save",
    "save_model",
    "sheet",
    "standings",
    "waiting",
]
