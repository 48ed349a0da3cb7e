{{/* The name of the release's objects, at most 63 characters as DNS asks. */}}
{{- define "nagare.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "nagare.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "nagare.labels" -}}
{{ include "nagare.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "nagare.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "nagare.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The start-up file: the user's keys, and those that only the chart can know. */}}
{{- define "nagare.config" -}}
{{- $name := include "nagare.fullname" . -}}
{{- $service := printf "%s.%s" $name .Release.Namespace -}}
{{- $hosts := list "localhost" "127.0.0.1" $name $service (printf "%s.svc" $service) (printf "%s.svc.cluster.local" $service) -}}
{{- $server := dict "host" "0.0.0.0" "port" 8000 "grpc-port" 8001 "metrics-port" 8002 "allowed-hosts" (concat $hosts .Values.allowedHosts | uniq) "allowed-origins" .Values.allowedOrigins -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "server" (merge $server (default dict $config.server)) -}}
{{- $_ := set $config "data" "/data" -}}
{{- if .Values.auth.secret -}}
{{- $_ := set $config "auth" (merge (dict "tokens" "/etc/nagare-auth/tokens") (default dict $config.auth)) -}}
{{- else if not $config.auth -}}
{{- $_ := set $config "auth" (dict "anonymous" (list "infer")) -}}
{{- end -}}
{{- if .Values.tls.secret -}}
{{- $_ := set $config "tls" (dict "certificate" "/etc/nagare-tls/tls.crt" "key" "/etc/nagare-tls/tls.key") -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}
