"""Runs a submission in a sandbox, fetches what its answers do as plain data, and judges that outside."""
