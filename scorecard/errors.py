"""Every error that the product raises on purpose.

    ScorecardError                 something was refused; the text is for the person who asked
    ├── UsageError                 the call itself is wrong (exit status 2 on the command line)
    ├── NotAllowed                 this role may not do this
    ├── DefinitionError            a measure, goal or setting is written wrongly
    ├── FileRefused                a file cannot be read, or a row in it breaks a rule
    ├── ChartRefused               a series cannot be charted as asked
    ├── StudyRefused               drivers or an experiment cannot be read from these figures
    ├── StaleEdit                  somebody else changed the row meanwhile
    ├── AlreadyDone                this form was sent before: a second click changes nothing
    ├── NotSent                    a message did not go; it is kept and tried again
    ├── Stopped                    somebody stopped it, or the server ends: nothing of it is stored
    └── StoreError                 the database cannot be opened or written
        ├── StoreBusy              another process holds the files
        ├── StoreDamaged           the files or their audit chain do not verify
        ├── StoreNewer             a newer version of the program wrote it
        ├── StoreReadOnly          the disk is full or refuses writes: nothing was saved
        └── ConstraintBroken       a row breaks a rule of the tables

A message names the thing, what was found, what is allowed, and the next step.
"""

from __future__ import annotations


class ScorecardError(Exception):
    """Something was refused; the text is for the person who asked."""


class UsageError(ScorecardError):
    """The call itself is wrong."""


class NotAllowed(ScorecardError):
    """This role may not do this."""


class DefinitionError(ScorecardError):
    """A measure, goal or setting is written wrongly."""


class FileRefused(ScorecardError):
    """A file cannot be read, or a row in it breaks a rule."""


class ChartRefused(ScorecardError):
    """A series cannot be charted as asked."""


class StudyRefused(ScorecardError):
    """Drivers or an experiment cannot be read from these figures."""


class StaleEdit(ScorecardError):
    """Somebody else changed the row meanwhile."""


class AlreadyDone(ScorecardError):
    """This form was sent before: a second click changes nothing."""


class NotSent(ScorecardError):
    """A message did not go; it is kept and tried again."""


class Stopped(ScorecardError):
    """Somebody stopped the work, or the server ends; nothing of it is stored."""


class StoreError(ScorecardError):
    """The database cannot be opened or written."""


class StoreBusy(StoreError):
    """Another process holds the files."""


class StoreDamaged(StoreError):
    """The files or their audit chain do not verify."""


class StoreNewer(StoreError):
    """A newer version of the program wrote it."""


class StoreReadOnly(StoreError):
    """The disk is full or refuses writes; nothing was saved."""


class ConstraintBroken(StoreError):
    """A row breaks a rule of the tables."""
