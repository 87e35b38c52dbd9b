"""How good predictions are: figures, their intervals, and the tests that print them."""
