"""Crop calendars by region and crop: dated data, gaps of a book, and the windows of a season."""
