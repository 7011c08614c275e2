# Sourced by the sdk-* scripts after lib.sh: the hub in conformance mode, started and stopped.
CONFORMANCE_LOG=$CARGO_TARGET_DIR/conformance.log
CONFORMANCE_PID=

build_hub() { need_rust; cargo build --locked -p hub --bin hub; }

# start_conformance ARGS...: serves on 127.0.0.1:8000, where the public suites look for it.
start_conformance() {
  "$CARGO_TARGET_DIR/debug/hub" conformance "$@" >"$CONFORMANCE_LOG" 2>&1 &
  CONFORMANCE_PID=$!
  local _
  for _ in $(seq 240); do
    kill -0 "$CONFORMANCE_PID" 2>/dev/null || break
    # Another server on the port must not be taken for ours: ours says so in its own output.
    grep -q '^conformance mode on' "$CONFORMANCE_LOG" &&
      curl -sf http://127.0.0.1:8000/healthz >/dev/null && return 0
    sleep 0.25
  done
  cat "$CONFORMANCE_LOG" >&2
  die "the hub in conformance mode does not serve (conformance $*)"
}

stop_conformance() {
  [ -n "$CONFORMANCE_PID" ] || return 0
  kill -TERM "$CONFORMANCE_PID" 2>/dev/null || true
  wait "$CONFORMANCE_PID" 2>/dev/null || true
  CONFORMANCE_PID=
}

# with_conformance "SERVER ARGS" COMMAND...: the command's status is the answer.
with_conformance() {
  local arguments=$1 code=0
  shift
  # shellcheck disable=SC2086 # several words on purpose
  start_conformance $arguments
  "$@" || code=$?
  stop_conformance
  return "$code"
}
trap 'stop_conformance; print_part_times' EXIT
