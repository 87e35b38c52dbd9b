"""The application: settings, command line, jobs, database, API and web page."""
