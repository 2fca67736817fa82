#!/bin/sh
# Builds aws-connector and installs it into $PREFIX/bin, by default ~/.local/bin,
# and its manual page into $PREFIX/share/man/man1.
# usage: ./install.sh [--uninstall]
set -eu

die() {
	echo "install.sh: $1" >&2
	exit 1
}

if [ -z "${PREFIX:-}" ]; then
	[ -n "${HOME:-}" ] || die "neither HOME nor PREFIX is set"
	PREFIX=$HOME/.local
fi
bin=$PREFIX/bin
page=$PREFIX/share/man/man1/aws-connector.1
program=$bin/aws-connector
link=$bin/docker-credential-ecr

case "${1:-}" in
--uninstall)
	# A docker-credential-ecr that is not ours is left alone.
	if [ "$(readlink "$link" 2>/dev/null || true)" = aws-connector ]; then
		rm -f "$link"
		echo "removed $link"
	fi
	if [ -e "$page" ]; then
		rm -f "$page"
		echo "removed $page"
	fi
	if [ -e "$program" ]; then
		rm -f "$program"
		echo "removed $program"
	else
		echo "aws-connector is not installed in $bin"
	fi
	echo "Keys, connectors and cached sessions were left where they are."
	exit 0
	;;
"") ;;
*) die "unknown argument; usage: ./install.sh [--uninstall]" ;;
esac

command -v go >/dev/null 2>&1 || die "Go is needed to build: https://go.dev/dl/"
case "$PREFIX" in
/*) ;;
*) die "PREFIX must be an absolute path" ;;
esac
cd "$(dirname "$0")"
mkdir -p "$bin"
# Built beside the old one and renamed over it: a running program is not disturbed.
new=$program.new.$$
trap 'rm -f "$new"' EXIT
CGO_ENABLED=0 go build -trimpath -o "$new" .
mv -f "$new" "$program"
echo "installed $program ($("$program" version))"

if mkdir -p "${page%/*}" && "$program" man >"$page.new.$$" && mv -f "$page.new.$$" "$page"; then
	echo "installed $page"
else
	rm -f "$page.new.$$"
	echo "left out the manual page: $page cannot be written" >&2
fi

if [ -e "$link" ] && [ "$(readlink "$link" 2>/dev/null || true)" != aws-connector ]; then
	echo "left $link as it is: another program's" >&2
else
	ln -sf aws-connector "$link"
	echo "linked $link"
fi

case ":$PATH:" in
*":$bin:"*) ;;
*) echo "Next: put $bin on your PATH." ;;
esac
echo "For completion in your shell: aws-connector completion --help"
echo "Next: aws-connector init"
