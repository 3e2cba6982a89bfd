"""The ministry of 2019 in a box: real programs on this machine, over the real protocols."""
