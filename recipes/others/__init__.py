"""The parts of recipes/train_with.py, which is the program."""
