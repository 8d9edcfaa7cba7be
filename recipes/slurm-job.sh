#!/bin/bash
# The batch script of a job (docs/slurm.md): it gets the command as its arguments, one by one, and makes ready what it needs:
#   SPENDWISE_MODULES    modules to load, such as "cuda/12.8 apptainer"
#   SPENDWISE_VENV       a Python environment to enter
#   SPENDWISE_CONTAINER  an image that apptainer runs the command in
#   SPENDWISE_BIND       directories that the image sees besides the working directory, with commas between
# Set them in train.env of run.yaml, or write what your site needs below. Keep the exec at the end: Slurm's TERM before the time limit
# reaches this process alone, and after exec that is the program.

refuse() {
  echo "slurm-job.sh: $1" >&2
  exit 2
}

# Taken back before Slurm had answered its submission: nothing is started.
if [ -n "${SPENDWISE_WITHDRAWN:-}" ] && [ -e "$SPENDWISE_WITHDRAWN" ]; then
  echo "slurm-job.sh: job ${SLURM_JOB_ID:-} is withdrawn; nothing was started." >&2
  exit 98
fi
if [ -n "${SPENDWISE_MODULES:-}" ]; then
  for file in /etc/profile.d/modules.sh /etc/profile.d/lmod.sh /usr/share/lmod/lmod/init/bash /usr/share/modules/init/bash; do
    type module >/dev/null 2>&1 && break
    [ -r "$file" ] && . "$file"
  done
  type module >/dev/null 2>&1 || refuse "there is no module command here, and SPENDWISE_MODULES asks for $SPENDWISE_MODULES"
  module load $SPENDWISE_MODULES || refuse "module load $SPENDWISE_MODULES failed"
fi
if [ -n "${SPENDWISE_VENV:-}" ]; then
  [ -r "$SPENDWISE_VENV/bin/activate" ] || refuse "$SPENDWISE_VENV (SPENDWISE_VENV) is not a Python environment"
  . "$SPENDWISE_VENV/bin/activate"
fi
if [ -n "${SPENDWISE_CONTAINER:-}" ]; then
  [ -e "$SPENDWISE_CONTAINER" ] || refuse "$SPENDWISE_CONTAINER (SPENDWISE_CONTAINER) is not there"
  gpus=()
  command -v nvidia-smi >/dev/null && gpus=(--nv)
  set -- apptainer exec "${gpus[@]}" --pwd "$PWD" --bind "$PWD${SPENDWISE_BIND:+,$SPENDWISE_BIND}" "$SPENDWISE_CONTAINER" "$@"
fi

# On several nodes the command is started once on each, and torchrun finds the others by these variables (its flags win over them).
if [ "${SLURM_JOB_NUM_NODES:-1}" -gt 1 ]; then
  export PET_NNODES="$SLURM_JOB_NUM_NODES" PET_RDZV_BACKEND=c10d PET_RDZV_ID="$SLURM_JOB_ID-${SLURM_RESTART_COUNT:-0}"
  MASTER_ADDR=${MASTER_ADDR:-$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)}
  MASTER_PORT=$((20000 + SLURM_JOB_ID % 10000))
  export MASTER_ADDR MASTER_PORT PET_RDZV_ENDPOINT="$MASTER_ADDR:$MASTER_PORT"
  # srun answers TERM by killing at once, so it does not get it: the programs on the nodes do, and have their grace.
  trap 'scancel --signal=TERM "$SLURM_JOB_ID"' TERM
  srun --nodes="$SLURM_JOB_NUM_NODES" --ntasks="$SLURM_JOB_NUM_NODES" --ntasks-per-node=1 --kill-on-bad-exit=0 "$@" &
  started=$!
  while true; do
    wait "$started"
    code=$?
    # A signal ends the wait, and not what is waited for.
    [ "$code" -gt 128 ] && kill -0 "$started" 2>/dev/null || exit "$code"
  done
fi
exec "$@"
