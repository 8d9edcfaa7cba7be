#!/bin/bash
# The batch script of a training job (docs/slurm.md): it gets train.command as its arguments, one by one.
# Put here what a job needs first, for example:
#   module load cuda/12.8
#   source "$HOME/venvs/spendwise/bin/activate"
# Keep the exec: Slurm's TERM before the time limit reaches this process alone, and after exec that is the trainer.
exec "$@"
