"""Loans as a core system's file tells them: read strictly, reconciled, and set beside what they allow."""
