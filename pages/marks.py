"""What the marks mean: every mark, icon and word. Everybody may read it."""

from scorecard.output import grammar
from scorecard.ui import block, state

page = state.page("read_scorecard")
rules = next((card.rule_set for card in page.scorecards if card.id == page.scorecard), "wheeler")
block.draw(grammar.page(rules), key="marks")
