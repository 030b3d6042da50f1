"""Maturity: results of the newest closed cycle; answering, cycles. Members answer, leaders open and close, everybody reads."""

from scorecard.ui import maturity_cycles, maturity_model, maturity_roadmap, maturity_session, maturity_style, maturity_views, state

page = state.page("read_scorecard")
maturity_style.draw()
view, cycle = maturity_views.asked(page)

if view == maturity_views.ASSESS:
    maturity_views.assess(page, cycle)
elif view == maturity_views.CYCLES:
    maturity_cycles.draw(page)
elif view == maturity_views.SESSION:
    maturity_session.draw(page, cycle)
elif view == maturity_views.ROADMAP:
    maturity_roadmap.draw(page)
elif view == maturity_views.MODEL:
    maturity_model.draw(page)
else:
    maturity_views.results(page, cycle)
