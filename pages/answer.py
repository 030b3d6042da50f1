"""The form behind a personal link: of a maturity cycle, or of feedback to a leader. It admits to answering that one, and to nothing else."""

from scorecard.ui import leadership_guest, maturity_guest, maturity_style, state

state.guests()
maturity_style.draw()
if leadership_guest.here():
    leadership_guest.draw()
else:
    maturity_guest.draw()
