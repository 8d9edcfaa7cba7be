#!/bin/bash
# Starts one inference server of a fleet on whatever machine the job runs on (docs/fleet.md):
#   serve-job.sh FILE FIRST-LAST HOST COMMAND...
# takes a port in the range that nobody has, puts it in the place of {port}, and writes into FILE, by one rename, where the server is:
# {"host":"node7","port":8003,"ends":1796000000}. `ends`: seconds since 1970 when the job's time is over, null where nothing tells.
# HOST `-` is this machine's own name; the variable SPENDWISE_HOST wins, where others know it under another one.
set -u
file=$1 range=$2 host=$3
shift 3
if [ "$host" = - ]; then host=$(hostname); fi
host=${SPENDWISE_HOST:-$host}
first=${range%-*} last=${range#*-}
count=$((last - first + 1))
port=
start=$((RANDOM % count))
for ((i = 0; i < count; i++)); do
  try=$((first + (start + i) % count))
  # Held as long as the server lives, so that two jobs of one machine never take the same; without flock the look below has to do.
  exec 9>>"${TMPDIR:-/tmp}/spendwise-port-$try.lock" || continue
  if command -v flock >/dev/null && ! flock -n 9; then continue; fi
  if (exec 3<>"/dev/tcp/127.0.0.1/$try") 2>/dev/null; then continue; fi
  port=$try
  break
done
if [ -z "$port" ]; then
  echo "serve-job.sh: no port of $range is free on $host; widen serve.ports" >&2
  exit 1
fi

ends=${SPENDWISE_JOB_END:-${SLURM_JOB_END_TIME:-}}
if [ -z "$ends" ] && [ -n "${SLURM_JOB_ID:-}" ]; then
  when=$(squeue --noheader --jobs="$SLURM_JOB_ID" --format=%e 2>/dev/null)
  ends=$(date -d "$when" +%s 2>/dev/null)
fi
case $ends in '' | *[!0-9]*) ends=null ;; esac

"${@//\{port\}/$port}" &
server=$!
trap 'kill -TERM $server 2>/dev/null' TERM INT
printf '{"host":"%s","port":%d,"ends":%s}\n' "$host" "$port" "$ends" >"$file.$$" && mv "$file.$$" "$file"
# A signal ends the wait before the server has ended.
wait $server
code=$?
while kill -0 $server 2>/dev/null; do
  wait $server
  code=$?
done
rm -f "$file"
exit $code
