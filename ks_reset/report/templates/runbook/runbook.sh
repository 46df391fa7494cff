#!/usr/bin/env bash
{{ title }}
{{ _("Calls ks-reset, and asks before the first write. Started again, it continues. Exit codes are those of ks-reset.") | comment }}
{% set approves %}{% trans digest=digest %}Without a terminal, KS_RESET_APPROVED={{ digest }} approves.{% endtrans %}{% endset %}
{{ approves | comment }}
set -euo pipefail

plan=${1:-plan.json}
digest={{ digest }}
flags=({{ flags }})
log=${KS_RESET_LOG:-ks-reset-${digest:0:16}.log}

say() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" | tee -a "$log"; }

{% set about %}{{ _("run a command with its output in the log; stop unless its exit code is one of CODES") }}{% endset %}
run() { # CODES COMMAND...: {{ about }}
  local codes=$1 code=0
  shift
  say "{{ _("run: ") }}$*"
  "$@" 2>&1 | tee -a "$log" || code=${PIPESTATUS[0]}
  say "{{ _("exit code ") }}$code"
  case " $codes " in *" $code "*) return 0 ;; esac
  say "{{ _("Stopped. Code 7 can be continued: start this script again. Other codes: ks-reset --help.") }}"
  exit "$code"
}

approve() { # WHAT: {{ _("go / no-go") }}
  local answer
  if [ -n "${KS_RESET_APPROVED:-}" ]; then
    [ "$KS_RESET_APPROVED" = "$digest" ] || { say "{% trans digest="${digest}" %}KS_RESET_APPROVED is another digest than {{ digest }}. Nothing was sent.{% endtrans %}"; exit 4; }
    say "{% trans what="${1}" %}approved by KS_RESET_APPROVED: {{ what }}{% endtrans %}"
    return 0
  fi
  [ -t 0 ] || { say "{% trans digest="${digest}" %}There is no terminal to ask on. Set KS_RESET_APPROVED={{ digest }} to approve.{% endtrans %}"; exit 4; }
  read -r -p "{% trans what="${1}", digest="${digest:0:16}" %}{{ what }} Type 'yes {{ digest }}' to go on:{% endtrans %} " answer
  [ "$answer" = "yes ${digest:0:16}" ] || { say "{% trans what="${1}" %}Not approved: {{ what }}{% endtrans %}"; exit 4; }
  say "{% trans who="${USER:-$(id -un)}", what="${1}" %}approved by {{ who }}: {{ what }}{% endtrans %}"
}

grep -qF "\"digest\": \"$digest\"" "$plan" || { say "{% trans plan="${plan}", digest="${digest}" %}{{ plan }} is not the plan {{ digest }}. Nothing was sent.{% endtrans %}"; exit 6; }
run "0" ks-reset --version
run "0 3" ks-reset doctor "${flags[@]}"
run "0" ks-reset snapshot --out "before-${digest:0:16}.json.gz" "${flags[@]}"
approve {{ first }}
run "0" ks-reset apply "$plan" --yes "${flags[@]}"
{% if verifies %}
run "0" ks-reset verify "${flags[@]}"
{% endif %}
say "{{ _("Done.") }}"
