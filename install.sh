#!/bin/sh
# Builds aws-connector and installs it into $PREFIX/bin, by default ~/.local/bin,
# and its manual page into $PREFIX/share/man/man1.
# With --ecr-login it also answers by the name of amazon-ecr-credential-helper,
# for Docker configurations that say "ecr-login".
# usage: ./install.sh [--ecr-login | --uninstall]
set -eu

die() {
	echo "install.sh: $1" >&2
	exit 1
}

there() { [ -e "$1" ] || [ -L "$1" ]; }

# ours tells whether $1 is a link that is made here.
ours() { [ "$(readlink "$1" 2>/dev/null || true)" = aws-connector ]; }

# link makes $1 such a link, unless something else is there.
link() {
	if there "$1" && ! ours "$1"; then
		echo "left $1 as it is: another program's" >&2
		return
	fi
	rm -f "$1"
	ln -s aws-connector "$1"
	echo "linked $1"
}

remove() {
	if [ -d "$1" ] && [ ! -L "$1" ]; then
		die "$1 is a directory: it was left alone"
	fi
	rm -f "$1"
	echo "removed $1"
}

[ $# -le 1 ] || die "too many arguments; usage: ./install.sh [--ecr-login | --uninstall]"
case "${1:-}" in
"" | --ecr-login | --uninstall) ;;
*) die "unknown argument; usage: ./install.sh [--ecr-login | --uninstall]" ;;
esac

if [ -z "${PREFIX:-}" ]; then
	[ -n "${HOME:-}" ] || die "neither HOME nor PREFIX is set"
	# What root makes in another user's home that user cannot use.
	if [ "$(id -u)" = 0 ] && [ -d "$HOME" ] && [ -z "$(find "$HOME/." -prune -user 0)" ]; then
		die "HOME is another user's, and this is root: run it as that user, or set PREFIX"
	fi
	PREFIX=$HOME/.local
fi
case "$PREFIX" in
/*) ;;
*) die "PREFIX must be an absolute path" ;;
esac
while [ "$PREFIX" != "${PREFIX%/}" ]; do
	PREFIX=${PREFIX%/}
done
bin=$PREFIX/bin
page=$PREFIX/share/man/man1/aws-connector.1
program=$bin/aws-connector
helper=$bin/docker-credential-ecr
login=$bin/docker-credential-ecr-login

if [ "${1:-}" = --uninstall ]; then
	for name in "$helper" "$login"; do
		if ours "$name"; then
			remove "$name"
		fi
	done
	if there "$page"; then
		remove "$page"
	fi
	if there "$program"; then
		remove "$program"
	else
		echo "aws-connector is not installed in $bin"
	fi
	echo "Keys, connectors and cached sessions were left where they are."
	exit 0
fi

command -v go >/dev/null 2>&1 || die "Go is needed to build: https://go.dev/dl/"
# Where this file is, and not a link to it; CDPATH would lead elsewhere.
self=$0
while [ -L "$self" ]; do
	to=$(readlink "$self")
	case "$to" in
	/*) self=$to ;;
	*) self=$(dirname -- "$self")/$to ;;
	esac
done
unset CDPATH
cd -- "$(dirname -- "$self")"
[ "$(head -n 1 go.mod 2>/dev/null)" = "module aws-connector" ] || die "$PWD is not the source of aws-connector"

[ ! -d "$program" ] || die "$program is a directory"
mkdir -p "$bin" || die "$bin cannot be made: set PREFIX to a directory that you may write to"
# Built beside the old one and renamed over it: a running program is not disturbed.
new=$program.new.$$
trap 'rm -f "$new" "$page.new.$$"' EXIT
trap 'exit 1' HUP INT TERM
# For this machine and from this module, whatever is set for other work.
GOOS=$(go env GOHOSTOS) GOARCH=$(go env GOHOSTARCH) CGO_ENABLED=0 GO111MODULE=on GOWORK=off
export GOOS GOARCH CGO_ENABLED GO111MODULE GOWORK
unset GOFLAGS
stamp=auto
# Git refuses a tree of another user's, and then Go does.
if [ -e .git ] && command -v git >/dev/null 2>&1 && ! git status >/dev/null 2>&1; then
	stamp=false
fi
go build -trimpath -ldflags "-s -w" -buildvcs="$stamp" -o "$new" . || die "aws-connector could not be built"
version=$("$new" version) && [ -n "$version" ] || die "what was built does not run here; nothing was installed"
mv -f "$new" "$program"
echo "installed $program ($version)"

if mkdir -p "${page%/*}" && "$program" man >"$page.new.$$" && [ ! -d "$page" ] && mv -f "$page.new.$$" "$page"; then
	echo "installed $page"
else
	echo "left out the manual page: $page cannot be written" >&2
fi

link "$helper"
if [ "${1:-}" = --ecr-login ]; then
	link "$login"
	first=$(command -v "${login##*/}" || true)
	if [ -n "$first" ] && [ "$first" != "$login" ]; then
		echo "PATH leads to another ${login##*/} first: $first" >&2
	fi
fi

case ":$PATH:" in
*":$bin:"*) ;;
*) echo "Next: put $bin on your PATH." ;;
esac
echo "For completion in your shell: aws-connector completion --help"
echo "Next: aws-connector init"
