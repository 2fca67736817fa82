#!/bin/bash
# keystore_use.sh BIN: by way of keyring.sh, in each of its modes: when `key add` says
# that there is no keyring, and what becomes of keys when another keystore is chosen.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" != inside ]; then
	aws_connector=$1
	HOME=$(mktemp -d)
	export HOME aws_connector
	trap 'rm -rf "$HOME"' EXIT
	mkdir -p "$HOME/.config/aws-connector"
	(umask 077 && echo 'correct horse' >"$HOME/passphrase")
	unset XDG_CONFIG_HOME XDG_CACHE_HOME AWS_CONNECTOR_CONFIG AWS_CONNECTOR_PASSPHRASE_FILE
	for state in unlocked locked fresh none stopped; do
		mode=$state
		[ "$state" != stopped ] || mode=unlocked
		printf '[connectors.me]\nauth_method = "session-token"\nregion = "eu-central-1"\nkey = "main"\n' >"$HOME/.config/aws-connector/connectors.toml"
		"$here/keyring.sh" "$mode" "$here/keystore_use.sh" inside "$state"
	done
	exit
fi

state=$2
fail() { echo "keystore_use.sh: $state: $*" >&2; cat "$HOME/out" >&2; exit 1; }
does() { # STATUS TEXT COMMAND…
	local want=$1 text=$2 status=0
	shift 2
	echo '{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARYwJalrXUtnFEMIK7MDENG"}' |
		"$aws_connector" "$@" >"$HOME/out" 2>&1 || status=$?
	[ "$status" = "$want" ] || fail "exit status $status, want $want"
	grep -qF "$text" "$HOME/out" || fail "no \"$text\""
	! grep -q CANARY "$HOME/out" || fail "a secret"
}
case $state in
unlocked)
	export AWS_CONNECTOR_PASSPHRASE_FILE=$HOME/passphrase
	does 0 'stored key "main"' key add main --stdin
	does 0 '`aws-connector keystore use file --copy` copies them' keystore use file
	grep -q ': main$' "$HOME/out" || fail "it does not name the key"
	does 0 'copied key "main" (AKIAIOSFODNN7EXAMPLE) from the OS keyring' keystore use file --copy
	does 0 'key "main" (AKIAIOSFODNN7EXAMPLE) is ' keystore use file --copy
	does 0 main key list
	does 0 'keys are in the OS keyring from now on' keystore use system
	does 0 main key list
	;;
locked) does 3 'the keyring is locked' key add main --stdin ;;
fresh) does 3 'this user has no keyring yet' key add main --stdin ;;
none) does 3 '`aws-connector keystore use file --identity PATH`' key add main --stdin ;;
stopped)
	kill -STOP "$KEYRING_PID"
	does 3 'the keyring did not answer in time' key add main --stdin
	kill -CONT "$KEYRING_PID"
	;;
esac
[ "$state" = none ] || ! grep -qE 'no OS keyring|start a keyring|--identity' "$HOME/out" || fail "it says that there is no keyring"
echo "keystore_use.sh: $state: ok"
