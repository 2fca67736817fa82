#!/bin/bash
# doctor.sh BIN FAKEAWSD: what doctor says of a real gnome-keyring in each of its
# states, and that it says so without asking the keyring for anything secret.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" != inside ]; then
	aws_connector=$1 fakeawsd=$2
	HOME=$(mktemp -d)
	export HOME aws_connector
	mkdir -p "$HOME/.config/aws-connector"
	mkfifo "$HOME/url"
	"$fakeawsd" >"$HOME/url" &
	fake=$!
	trap 'kill $fake; rm -rf "$HOME"' EXIT
	read -r url <"$HOME/url"
	cat >"$HOME/.config/aws-connector/connectors.toml" <<X
cache.seal = "off"
[connectors.deploy]
auth_method = "session-token"
region = "eu-central-1"
key = "main"
endpoint_url = "$url"
X
	unset XDG_CONFIG_HOME XDG_CACHE_HOME AWS_PROFILE AWS_CA_BUNDLE
	for state in unlocked locked fresh none stopped; do
		mode=$state
		[ "$state" != stopped ] || mode=unlocked
		"$here/keyring.sh" "$mode" "$here/doctor.sh" inside "$state"
	done
	mkdir -m 700 "$HOME/run"
	env -u DISPLAY -u WAYLAND_DISPLAY -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR="$HOME/run" \
		dbus-run-session -- "$here/doctor.sh" inside startable
	exit
fi

state=$2
PATH=$(dirname "$aws_connector"):$PATH
fail() { echo "doctor.sh: $state: $*" >&2; cat "$HOME/out" >&2; exit 1; }
wants() { # STATUS TEXT
	local status=0
	"$aws_connector" doctor >"$HOME/out" || status=$?
	[ "$status" = "$1" ] || fail "exit status $status, want $1"
	tr -s ' \n' ' ' <"$HOME/out" | grep -qF "$2" || fail "no \"$2\""
	! grep -q CANARY "$HOME/out" || fail "a secret"
}
await() { for _ in $(seq 250); do "$@" && return; sleep .02; done; fail "no $*"; }
seen() { [ "$(grep -c "member=$1\$" "$HOME/bus")" -ge "$2" ]; }
case $state in
unlocked)
	wants 1 'broken: key "main": it is not in the OS keyring (gnome-keyring-daemon), and used by deploy'
	printf '{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARYwJalrXUtnFEMIK7MDENG"}' | "$aws_connector" key add main --stdin 2>"$HOME/added"
	wants 0 ': all well'
	;;
locked)
	touch "$HOME/bus"
	dbus-monitor --session >"$HOME/bus" 2>&1 &
	monitor=$!
	await seen NameLost 1
	wants 1 'broken: OS keyring: the keyring is locked (gnome-keyring-daemon)'
	DISPLAY=:0 wants 0 'warning: OS keyring: the keyring is locked (gnome-keyring-daemon); its dialog will ask'
	await seen GetConnectionUnixProcessID 2
	kill $monitor
	! grep -E 'member=(Unlock|Prompt|OpenSession|GetSecrets?)$' "$HOME/bus" || fail "the keyring was asked"
	;;
fresh) wants 1 'broken: OS keyring: this user has no keyring yet' ;;
none) wants 1 'broken: OS keyring: no OS keyring can be reached' ;;
startable) # the bus would start gnome-keyring for whoever asks
	wants 0 'note: OS keyring: no keyring is running yet'
	dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
		string:org.freedesktop.secrets | grep -q false || fail "a keyring was started"
	;;
stopped)
	kill -STOP "$KEYRING_PID"
	wants 1 'broken: OS keyring: the keyring did not answer in time'
	kill -CONT "$KEYRING_PID"
	;;
esac
echo "doctor.sh: $state: ok"
