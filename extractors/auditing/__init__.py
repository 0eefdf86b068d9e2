"""Accounting identities checked after the fact: the oracle that the SQL models are compared with."""
