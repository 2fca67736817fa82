#!/bin/sh
# Builds aws-connector and installs it, or removes it. ./install.sh --help says how.
set -eu

usage() {
	cat <<-'END'
	usage: ./install.sh [--ecr-login]
	       ./install.sh --uninstall [--yes]

	Builds aws-connector and installs it into $PREFIX/bin, with the link
	docker-credential-ecr, and its manual page into $PREFIX/share/man/man1.
	PREFIX is ~/.local unless it is set.

	  --ecr-login  also link docker-credential-ecr-login, for Docker configurations
	               that name amazon-ecr-credential-helper
	  --uninstall  remove it; first offers to remove its profiles and helpers from
	               the configuration of the AWS CLI, Docker and kubectl
	  --yes        remove them without asking
	  --help       show this

	Keys, connectors and cached sessions are never removed.
	END
}

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

action=install login_too='' yes=''
for argument; do
	case $argument in
	--ecr-login) login_too=1 ;;
	--uninstall) action=uninstall ;;
	--yes | -y) yes=1 ;;
	--help | -h)
		usage
		exit 0
		;;
	*) die "unknown argument; ./install.sh --help lists them" ;;
	esac
done
[ $action = install ] || [ -z "$login_too" ] || die "--ecr-login and --uninstall exclude each other; --uninstall removes that link too"
[ $action = uninstall ] || [ -z "$yes" ] || die "--yes is for --uninstall"

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

# agreed asks at the terminal; nobody there, or anything but yes, is no.
agreed() {
	[ -z "$yes" ] || return 0
	[ -t 0 ] && [ -t 2 ] || return 1
	printf '%s [y/N] ' "$1" >&2
	read -r answer || return 1
	case $answer in
	y | Y | yes | YES | Yes) ;;
	*) return 1 ;;
	esac
}

# unconfigure takes what runs aws-connector out of the configuration of client $1,
# which people know as $2, once the change was shown.
unconfigure() {
	# What cannot be read or written is left, and told below.
	change=$("$program" configure "$1" --remove --dry-run 2>/dev/null) || return 0
	[ -n "$change" ] || return 0
	printf '%s\n' "$change"
	if ! agreed "Remove this from the configuration of $2?"; then
		return 0
	fi
	"$program" configure "$1" --remove >/dev/null || echo "the configuration of $2 could not be changed" >&2
}

# mentions lists the files that still name the program, or its Docker helper; with
# an argument by the name ecr-login too.
mentions() {
	[ -n "${HOME:-}" ] || return 0
	for file in "${AWS_CONFIG_FILE:-$HOME/.aws/config}" "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" \
		"$HOME/.bashrc" "$HOME/.bash_profile" "$HOME/.profile" "$HOME/.zshrc" "$HOME/.zprofile" \
		"$HOME/.config/fish/config.fish" "$HOME/.config/fish/completions/aws-connector.fish"; do
		if grep -q 'aws-connector' "$file" 2>/dev/null; then
			echo "$file"
		fi
	done
	old=$IFS
	IFS=:
	set -f
	for file in ${KUBECONFIG:-$HOME/.kube/config}; do
		if grep -q 'aws-connector' "$file" 2>/dev/null; then
			echo "$file"
		fi
	done
	set +f
	IFS=$old
	for file in "${DOCKER_CONFIG:-$HOME/.docker}/config.json" "$HOME/.config/containers/auth.json"; do
		if grep -q "\"ecr\"${1:+\\|\"ecr-login\"}" "$file" 2>/dev/null; then
			echo "$file"
		fi
	done
}

if [ $action = uninstall ]; then
	[ -d "$bin" ] || die "there is no directory $bin: set PREFIX to what it was when aws-connector was installed"
	elsewhere=$(command -v aws-connector || true)
	if ! there "$program" && [ -n "$elsewhere" ]; then
		die "aws-connector is not in $bin, but it is here: $elsewhere. Run PREFIX=$(dirname -- "$(dirname -- "$elsewhere")") ./install.sh --uninstall"
	fi
	if [ -f "$program" ] && [ -x "$program" ]; then
		unconfigure aws "the AWS CLI and SDKs"
		unconfigure docker Docker
		unconfigure kube kubectl
	fi
	had_login=''
	if ours "$login"; then
		had_login=1
		remove "$login"
	fi
	if ours "$helper"; then
		remove "$helper"
	fi
	if there "$page"; then
		remove "$page"
	fi
	if there "$program"; then
		remove "$program"
	else
		echo "aws-connector is not installed in $bin"
	fi
	left=$(mentions "$had_login")
	if [ -n "$left" ]; then
		echo "These files still name aws-connector or its Docker helper, so the programs that read them may fail; edit them:"
		printf '%s\n' "$left" | sed 's/^/  /'
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
echo "building aws-connector; the first time Go fetches its modules, which takes a minute or two"
go build -trimpath -tags nethttpomithttp2 -ldflags "-s -w" -buildvcs="$stamp" -o "$new" . || die "aws-connector could not be built"
version=$("$new" version) && [ -n "$version" ] || die "what was built does not run here; nothing was installed"
mv -f "$new" "$program"
echo "installed $program ($version)"

if mkdir -p "${page%/*}" && "$program" man >"$page.new.$$" && [ ! -d "$page" ] && mv -f "$page.new.$$" "$page"; then
	echo "installed $page"
else
	echo "left out the manual page: $page cannot be written" >&2
fi

link "$helper"
if [ -n "$login_too" ]; then
	link "$login"
	first=$(command -v "${login##*/}" || true)
	if [ -n "$first" ] && [ "$first" != "$login" ]; then
		echo "PATH leads to another ${login##*/} first: $first" >&2
	fi
fi

case ":$PATH:" in
*":$bin:"*) ;;
*)
	echo "$bin is not on your PATH. To add it, paste this line and open a new shell:"
	case "$bin:${SHELL:-}" in
	*[\'\"\`\\\$]*) echo "  (its name has characters that a shell reads otherwise: write the line by hand)" ;;
	*/fish) echo "  fish_add_path '$bin'" ;;
	*/zsh) echo "  echo 'export PATH=\"$bin:\$PATH\"' >>~/.zshrc" ;;
	*/bash) echo "  echo 'export PATH=\"$bin:\$PATH\"' >>~/.bashrc" ;;
	*) echo "  echo 'export PATH=\"$bin:\$PATH\"' >>~/.profile" ;;
	esac
	;;
esac
echo "For completion in your shell: aws-connector completion --help"
echo "Next: aws-connector init"
