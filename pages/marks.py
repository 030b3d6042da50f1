"""What the marks mean: every mark, icon and word. Everybody may read it."""

from scorecard.output import grammar
from scorecard.ui import block, state

state.page("read_scorecard")
block.draw(grammar.page(), key="marks")
