#!/bin/sh
# A load on several hosts by GNU parallel over ssh: each host is a shard, its report comes back into this folder, and the
# sum of all is shown. mqtt-bench must be installed on each of them.
#
#   deploy/bench/parallel.sh hosts.txt pubsub --url mqtt://broker --clients 10000 --rate 1
#
# hosts.txt has one host a line, as ssh takes it; options of ssh come from PARALLEL_SSH ("ssh -i key").
set -eu

fail() {
  echo "error: $*" >&2
  exit 1
}

[ $# -ge 2 ] || fail 'usage: parallel.sh HOSTS-FILE SCENARIO [OPTION]...'
hosts=$1
shift
[ -s "$hosts" ] || fail "no hosts in '$hosts'"
command -v parallel >/dev/null || fail 'GNU parallel is not installed'

count=$(grep -c . "$hosts")
run=$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
start=$(date -u -d "+${BENCH_DELAY:-15} seconds" +%Y-%m-%dT%H:%M:%SZ)
folder=${BENCH_FOLDER:-mqtt-bench-$run}
mkdir -p "$folder"

# What ssh hands to the shell over there, every word in quotes.
quoted() {
  for word; do printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"; done
}
command=$(quoted "${MQTT_BENCH:-mqtt-bench}" "$@" --run "$run" --start-at "$start" --output json --quiet)

# Each host gets one job, its own: by the host's number, not by who is free first.
status=0
# shellcheck disable=SC2016,SC2086 # what stands in {= =} is for parallel; PARALLEL_SSH is a command with its options
grep . "$hosts" | parallel -q --will-cite -j "$count" --results "$folder/{#}/" \
  ${PARALLEL_SSH:-ssh} {} "$command --shard {= \$_ = seq() - 1 =}/$count" >/dev/null || status=$?
[ "$status" -eq 0 ] || echo "warning: $status of $count shards failed" >&2

reports=
for number in $(seq "$count"); do
  if [ -s "$folder/$number/stdout" ]; then
    mv "$folder/$number/stdout" "$folder/shard-$((number - 1)).json"
    reports="$reports $folder/shard-$((number - 1)).json"
  else
    sed "s/^/shard $((number - 1)): /" "$folder/$number/stderr" >&2 || true
  fi
done
[ -n "$reports" ] || fail 'no shard came to a report'
# shellcheck disable=SC2086 # names without spaces, a list of them
"${MQTT_BENCH:-mqtt-bench}" report $reports
