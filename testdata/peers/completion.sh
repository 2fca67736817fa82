#!/bin/bash
# completion.sh PROGRAM: its completion scripts, loaded in real shells.
# Needs bash-completion, fish, and zsh.
set -euo pipefail
program=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/home"
ln -s "$program" "$dir/bin/aws-connector"
cat >"$dir/connectors.toml" <<'X'
[connectors.deploy]
auth_method = "session-token"
region      = "eu-central-1"
key         = "main"
[connectors.develop]
auth_method = "session-token"
region      = "eu-central-1"
X
export PATH="$dir/bin:$PATH" HOME=$dir/home AWS_CONNECTOR_CONFIG=$dir/connectors.toml
export AWS_CONNECTOR_CACHE_DIR=$dir/cache XDG_CONFIG_HOME=$dir/home/.config XDG_DATA_HOME=$dir/home/.local TERM=xterm
unset DBUS_SESSION_BUS_ADDRESS

# Each prints what may stand in place of the line's last word, sorted.
in_bash() {
	bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		. <(aws-connector completion bash)
		COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=63 COMP_KEY=9
		read -ra COMP_WORDS <<<"$1"
		case $1 in *" ") COMP_WORDS+=("") ;; esac
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		compopt() { :; } # there is no line that is edited
		__start_aws-connector aws-connector "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$1" | sed 's/  *(.*//' | sort
}
in_zsh() { # a shell in a terminal of its own; instead of being shown, matches are written down
	: >"$HOME/matches"
	cat >"$HOME/.zshrc" <<'X'
PROMPT=
autoload -Uz compinit
compinit -u -d "$HOME/.zcompdump"
source <(aws-connector completion zsh)
compadd() { local -a found; builtin compadd -O found "$@"; print -rl -- $found >>"$HOME/matches"; builtin compadd "$@" }
ended() { print -n "<ended>" }
zle -N ended
bindkey "^I" complete-word "^X" ended
zle-line-init() { print -n "<begun>" } # from here on the keys are the editor's
zle -N zle-line-init
X
	timeout 60 zsh -fc '
		zmodload zsh/zpty
		zpty z ZDOTDIR=$HOME zsh -d -i
		zpty -r z answer "*<begun>*"
		zpty -n -w z "$1"$'"'\\t\\x18'"'
		zpty -r z answer "*<ended>*"
		zpty -d z
	' zsh "$1"
	sort -u "$HOME/matches"
}
in_fish() {
	fish --no-config -c '
		aws-connector completion fish | source
		complete -C $argv[1]
	' "$1" | cut -f1 | sort
}

failed=0
expect() { # LINE WORD…: each shell offers exactly these
	local line=$1 shell got want
	shift
	want=$(printf '%s\n' "$@" | sort)
	for shell in bash zsh fish; do
		got=$("in_$shell" "$line" | sed '/^$/d')
		if [ "$got" = "$want" ]; then
			echo "ok: $shell: $line -> $*"
		else
			echo "FAILED: $shell: $line offers $(echo $got), want $*"
			failed=1
		fi
	done
}
expect 'aws-connector get ' deploy develop
expect 'aws-connector cache clear deploy ' develop
expect 'aws-connector key remove ' develop main
expect 'aws-connector key ' add import list remove rotate
expect 'aws-connector list --j' --json
expect 'aws-connector help envi' environment
expect 'aws-connector get nothing'
if [ -e "$AWS_CONNECTOR_CACHE_DIR" ]; then
	echo "FAILED: completing left a cache behind"
	failed=1
fi
exit $failed
