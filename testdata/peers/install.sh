#!/bin/bash
# install.sh: the real Go builds and installs a program that runs, from another
# directory, by a link, and whatever is set for other work.
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
ln -s "$tree/install.sh" "$dir/link"
cd "$dir"
export PREFIX="$dir/a prefix"
for shell in dash bash; do
	CDPATH=$tree GOOS=plan9 GOARCH=386 GOFLAGS=-n GOWORK=/nowhere GO111MODULE=off "$shell" ./link >out 2>&1 || { cat out; exit 1; }
	version=$("$PREFIX/bin/aws-connector" version)
	grep -qF "installed $PREFIX/bin/aws-connector ($version)" out || { cat out; exit 1; }
	"$PREFIX/bin/docker-credential-ecr" version | grep -q '^docker-credential-ecr (aws-connector) '
	[ ! -e "$PREFIX/bin/docker-credential-ecr-login" ]
	"$shell" ./link --ecr-login >out 2>&1 || { cat out; exit 1; }
	"$PREFIX/bin/docker-credential-ecr-login" version | grep -q ' (aws-connector) '
	grep -q '^\.TH' "$PREFIX/share/man/man1/aws-connector.1"
	"$shell" ./link --uninstall >out
	[ -z "$(find "$PREFIX" ! -type d)" ] || { find "$PREFIX"; exit 1; }
done
echo "install.sh: built, installed and removed by dash and bash"
