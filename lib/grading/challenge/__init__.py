"""The challenge for instructors: invitations, re-runs of what students handed in, marks."""
