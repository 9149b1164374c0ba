"""Sweeps: a search for settings, of one model or of a family of clones, whose trials are ordinary runs.

`settings` says what may be asked of one, `space` and `checks` which settings are searched, `searching` (Optuna's ask and tell) what
is tried next and what is given up, and `driving` starts trials and tells what became of them. Everything that lasts is in
the store: a search is rebuilt from the trials, so that it outlives whoever drove it.
"""
