#!/bin/sh
#SBATCH --job-name=mqtt-bench
#SBATCH --array=0-3
#SBATCH --cpus-per-task=1
#SBATCH --time=10
#SBATCH --output=mqtt-bench-%A_%a.log
# A load as a Slurm job array: each task is a shard and writes its report into the folder that the job was submitted from.
#
#   BENCH_START=$(date -u -d '+60 seconds' +%Y-%m-%dT%H:%M:%SZ) sbatch deploy/bench/slurm.sh pubsub --url mqtt://broker --clients 10000
#   mqtt-bench report shard-JOB-*.json
set -eu

: "${SLURM_ARRAY_TASK_ID:?is for sbatch}"
exec "${MQTT_BENCH:-mqtt-bench}" "$@" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --run "slurm-$SLURM_ARRAY_JOB_ID" \
  ${BENCH_START:+--start-at "$BENCH_START"} \
  --json "shard-$SLURM_ARRAY_JOB_ID-$SLURM_ARRAY_TASK_ID.json"
