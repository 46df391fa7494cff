#!/usr/bin/env bash
{{ title }}
# Calls ks-reset, and asks before the first write. Started again, it continues. Exit codes are those of ks-reset.
# Without a terminal, KS_RESET_APPROVED={{ digest }} approves.
set -euo pipefail

plan=${1:-plan.json}
digest={{ digest }}
flags=({{ flags }})
log=${KS_RESET_LOG:-ks-reset-${digest:0:16}.log}

say() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" | tee -a "$log"; }

run() { # CODES COMMAND...: run a command with its output in the log; stop unless its exit code is one of CODES
  local codes=$1 code=0
  shift
  say "run: $*"
  "$@" 2>&1 | tee -a "$log" || code=${PIPESTATUS[0]}
  say "exit code $code"
  case " $codes " in *" $code "*) return 0 ;; esac
  say "Stopped. Code 7 can be continued: start this script again. Other codes: ks-reset --help."
  exit "$code"
}

approve() { # WHAT: go / no-go
  local answer
  if [ -n "${KS_RESET_APPROVED:-}" ]; then
    [ "$KS_RESET_APPROVED" = "$digest" ] || { say "KS_RESET_APPROVED is another digest than $digest. Nothing was sent."; exit 4; }
    say "approved by KS_RESET_APPROVED: $1"
    return 0
  fi
  [ -t 0 ] || { say "There is no terminal to ask on. Set KS_RESET_APPROVED=$digest to approve."; exit 4; }
  read -r -p "$1 Type 'yes ${digest:0:16}' to go on: " answer
  [ "$answer" = "yes ${digest:0:16}" ] || { say "Not approved: $1"; exit 4; }
  say "approved by ${USER:-$(id -un)}: $1"
}

grep -qF "\"digest\": \"$digest\"" "$plan" || { say "$plan is not the plan $digest. Nothing was sent."; exit 6; }
run "0" ks-reset --version
run "0 3" ks-reset doctor "${flags[@]}"
run "0" ks-reset snapshot --out "before-${digest:0:16}.json.gz" "${flags[@]}"
approve {{ first }}
run "0" ks-reset apply "$plan" --yes "${flags[@]}"
{% if verifies %}
run "0" ks-reset verify "${flags[@]}"
{% endif %}
say "Done."
