"""Energy sites: plans, when something was built, how far it is, and what that says of the plan. No imagery here."""
