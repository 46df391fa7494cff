# shellcheck shell=bash
{{ _("Functions of the scripts in this folder. Each check waits up to KS_WAIT seconds; a failed request is no proof.") | comment }}
wait_seconds=${KS_WAIT:-300}
failed=0
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT

state() { # CONTEXT RESOURCE [custom]: {{ _("what the objects of a type have, a line each; nothing for a deleted custom type") }}
  local crd
  kubectl --context "$1" get "$2" -A -o go-template-file=state.tmpl 2>"$said/error" && return 0
  [ "${3:-}" = custom ] && crd=$(kubectl --context "$1" get customresourcedefinitions "$2" --ignore-not-found -o name) &&
    [ -z "$crd" ] && return 0
  cat "$said/error" >&2
  return 1
}

retry() { # COMMAND...: {{ _("run it until it succeeds or the time is over") }}
  local end=$((SECONDS + wait_seconds))
  until "$@" >"$said/answer" 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      failed=1; printf 'NOT PROVEN: %s\n' "$*" >&2; head -n 20 "$said/answer" >&2; return 1
    fi
    sleep 1
  done
}

none_left() { # CONTEXT RESOURCE FILE [custom]
  local seen
  seen=$(state "$1" "$2" "${4:-}") && [ -r "$3" ] || return 1
  grep -Fxf "$3" <<<"$seen"
  [ "$?" -eq 1 ] # {{ _("2 is an error of grep") }}
}

all_there() { # CONTEXT RESOURCE FILE [custom]
  local seen
  seen=$(state "$1" "$2" "${4:-}") && [ -r "$3" ] || return 1
  grep -Fxvf - "$3" <<<"$seen"
  [ "$?" -eq 1 ]
}

is_silent() { local out; out=$("$@") && [ -z "$out" ]; }
is_printed() { local wanted=$1 out; shift; out=$("$@") && [ "$out" = "$wanted" ]; }
is_refused() { # {{ _("a dry run: it deletes nothing") }}
  local answer
  answer=$(kubectl --context "$1" delete namespace kube-node-lease --dry-run=server 2>&1)
  grep -q ks-reset-seatbelt <<<"$answer"
}
has_no_pods() { # CONTEXT NAMESPACE DEPLOYMENT
  local pods
  pods=$(kubectl --context "$1" -n "$2" get pods -o name) || return 1
  ! grep -F "pod/$3-" <<<"$pods"
}

absent() { retry none_left "$@"; }
present() { retry all_there "$@"; }
silent() { retry is_silent "$@"; }
prints() { retry is_printed "$@"; }
belted() { [ "${KS_UNBELTED:-}" = yes ] || retry is_refused "$@"; } # {{ _("not asked while the seatbelts are taken off") }}
quiet() { retry has_no_pods "$@"; }

lock_file() { printf 'locks/%s' "$(cksum <<<"$*" | tr ' ' -)"; }
note_locks() { # SECONDS COMMAND...: {{ _("note what each command prints, and that it printed the same after so many seconds") }}
  local seconds=$1 read before after; shift
  mkdir -p locks
  before=$(for read in "$@"; do bash -c "$read" || echo unread; done)
  sleep "$seconds"
  after=$(for read in "$@"; do bash -c "$read" || echo unread; done)
  if [ "$before" != "$after" ] || grep -q unread <<<"$after"; then
    failed=1; echo "NOT PROVEN: {{ _("a leader-election lock is renewed; its controller still runs somewhere") }}" >&2; return 1
  fi
  for read in "$@"; do bash -c "$read" >"$(lock_file "$read")"; done
}
unmoved() { # COMMAND: {{ _("a lock is in the version noted when it was proven quiet") }}
  local file; file=$(lock_file "$1")
  if [ ! -f "$file" ] || ! is_printed "$(cat "$file")" bash -c "$1"; then
    failed=1; printf 'NOT PROVEN: {% trans what="%s" %}{{ what }} was not noted as quiet, or has moved since{% endtrans %}\n' "$1" >&2; return 1
  fi
}

keep() { # CONTEXT RESOURCE STEM: {{ _("the objects of a type before the step, readable for you alone") }}
  local file=before/$3.yaml
  mkdir -p before
  [ -f "$file" ] || (umask 077; kubectl --context "$1" get "$2" -A -o yaml >"$file.part" && mv "$file.part" "$file") || {
    echo "{% trans what="${2}", where="${1}" %}No copy of {{ what }} on {{ where }} could be kept; nothing was sent.{% endtrans %}" >&2; exit 1; }
}

go_on() { [ "$failed" = 0 ] || finish "$1"; }
finish() { if [ "$failed" = 0 ]; then echo "proven: $1"; else echo "NOT PROVEN: {% trans what="${1}" %}{{ what }}. Do not go on.{% endtrans %}" >&2; exit 1; fi; }
