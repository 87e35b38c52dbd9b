"""A bank to try things out with: made-up people, farmers and loans on the simulated county. Nothing in it is real."""
