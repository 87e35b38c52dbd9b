"""Risk of borrowers: scorecards, their measures, loan classes, tiers, expected loss, and what satellites add."""
