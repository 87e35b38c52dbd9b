# Shared by the scripts beside it; source it, do not run it. Sets ROOT, VENV and PY and names what the scripts have in
# common. Works with bash 3.2 and later (macOS ships that one).

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"
PY="$VENV/bin/python"

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 2; }

# Hash of the contents and names of the files given on standard input, one a line, relative to the working directory.
hash_files() {
  "$1" -c '
import hashlib, pathlib, sys
whole = hashlib.sha256()
for name in sorted(set(sys.stdin.read().splitlines())):
    content = pathlib.Path(name).read_bytes()
    whole.update(f"{name}\0{len(content)}\0".encode() + content)
print(whole.hexdigest())'
}

# Whether PATH has a Node that the front end's tools take: 20.19 or later in its line, 22.12 or later in its, or newer.
node_on_path_is_good() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || return 1
  local version npm_version
  version="$(node --version 2>/dev/null)" || return 1
  npm_version="$(npm --version 2>/dev/null)" || return 1
  version="${version#v}"
  local major="${version%%.*}" rest="${version#*.}"
  local minor="${rest%%.*}"
  [ "${npm_version%%.*}" -ge 10 ] 2>/dev/null || return 1
  [ "$major" -eq 20 ] && [ "$minor" -ge 19 ] && return 0
  [ "$major" -eq 22 ] && [ "$minor" -ge 12 ] && return 0
  [ "$major" -ge 23 ]
}

# Puts a good Node first on PATH: the one there already, else the one that scripts/setup laid into .venv.
use_node() {
  node_on_path_is_good || export PATH="$VENV/bin:$PATH"
}
