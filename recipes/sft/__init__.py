"""The parts of recipes/train_sft.py, which is the program."""
