#!/usr/bin/env bash
# Builds Telegraf 1.37.2 with the three plugins that the bench needs, from the Go module proxy (Go 1.25 or newer, 5 minutes).
set -euo pipefail
export GOFLAGS=-mod=mod
go install -tags 'custom,inputs.mqtt_consumer,outputs.influxdb_v2,parsers.json_v2' github.com/influxdata/telegraf/cmd/telegraf@v1.37.2
echo "built $(go env GOPATH)/bin/telegraf; give its path as TELEGRAF if it is elsewhere"
