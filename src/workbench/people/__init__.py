"""People who use a server together: users with roles, passwords, tokens and sessions.

They lie in tables of their own, never in the journal or the state: nothing secret may come into either. With no user at
all everything is as it is without this package.
"""
