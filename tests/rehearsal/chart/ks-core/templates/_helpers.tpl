{{- define "validateHostClusterName" -}}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" .) -}}
{{- fail (printf "Invalid hostClusterName '%s': a lowercase RFC 1123 subdomain must consist of lower case." .) -}}
{{- end -}}
{{- . -}}
{{- end }}
