#!/usr/bin/env bash
# Builds InfluxDB 2.7 from the Go module proxy into the cache that test/engines/influxdb.ts looks in. Wants Go 1.25 or newer,
# cargo and a C compiler; installs clang and protoc where they are missing. About 5 minutes on two cores.
set -euo pipefail
version=2.7.12
cache="$HOME/.cache/faultline-engines"
target="$cache/influxd-$version"
[ -x "$target" ] && exit 0

missing=()
command -v clang >/dev/null || missing+=(clang)
command -v protoc >/dev/null || missing+=(protobuf-compiler)
if [ ${#missing[@]} -gt 0 ]; then
  sudo=''; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

build=$(mktemp -d)
trap 'chmod -R u+w "$build"; rm -rf "$build"' EXIT
mkdir -p "$cache"
cd "$build"
cat > go.mod <<'MOD'
module influxd.build
go 1.25
MOD
cat > tools.go <<'GO'
//go:build tools

package tools

import _ "github.com/influxdata/influxdb/v2/cmd/influxd"
GO
# The Rust crate of Flux turns warnings into errors, and today's compiler knows more warnings than it did.
printf '#!/bin/sh\nexec "$@" --cap-lints=warn\n' > rustc-cap
chmod +x rustc-cap
GOBIN="$build" go install github.com/influxdata/pkg-config@v0.2.14
go get "github.com/influxdata/influxdb/v2/cmd/influxd@v$version"
RUSTC_WRAPPER="$build/rustc-cap" RUSTUP_TOOLCHAIN=stable PKG_CONFIG="$build/pkg-config" GOFLAGS=-mod=mod \
  go build -ldflags="-s -w" -o "$build/influxd" github.com/influxdata/influxdb/v2/cmd/influxd
mv "$build/influxd" "$target.$$"
mv "$target.$$" "$target"
