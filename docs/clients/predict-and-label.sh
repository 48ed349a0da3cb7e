#!/bin/sh
# Asks, labels the answer, and waits until the model has learned it: curl alone.
set -eu
url=$1 model=$2

call() {
  if [ -n "${NAGARE_TOKEN:-}" ]; then
    curl -sS --fail-with-body -H "Authorization: Bearer $NAGARE_TOKEN" "$@"
  else
    curl -sS --fail-with-body "$@"
  fi
}
version() {
  call "$url/v2/models/$model/status" | sed 's/.*"version":\([0-9]*\).*/\1/'
}

before=$(version)
answer=$(call "$url/v2/models/$model/infer" -d '{"inputs": [{"name": "window", "datatype": "FP32",
  "shape": [1, 3, 3], "data": [0.1, 7, -1, 0.2, 6, -1, 0.4, 5, -1]}]}')
echo "$answer"
id=$(echo "$answer" | sed 's/.*"prediction_id":"\([^"]*\)".*/\1/')

call "$url/v2/models/$model/labels" -d "{\"id\": \"$id\", \"label\": 1}"
echo

while [ "$(version)" = "$before" ]; do
  sleep 0.2
done
echo "version $before became $(version)"
