"""The form of a maturity cycle for who has a personal link. It admits to answering that cycle, and to nothing else."""

from scorecard.ui import maturity_guest, maturity_style

maturity_style.draw()
maturity_guest.draw()
