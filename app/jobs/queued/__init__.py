"""What workers do with the office's jobs: one handler for each kind."""
