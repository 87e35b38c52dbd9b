"""Vocabulary and geometry: the words, keys, grids and tables that every other package speaks.

Nothing here touches the network, torch or a database.
"""
