"""`python -m scorecard`."""

from scorecard.cli import main
from scorecard.store.lock import keep_to_oneself

if __name__ == "__main__":
    keep_to_oneself()
    main(prog_name="scorecard")
