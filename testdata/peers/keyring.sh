#!/bin/bash
# keyring.sh MODE COMMAND…: runs COMMAND on a private bus with a real gnome-keyring.
# MODE: unlocked, locked, fresh (no keyring was ever made), none (no keyring daemon).
# COMMAND finds the daemon's pid in $KEYRING_PID, the bus's in $BUS_PID. Its HOME stays.
set -euo pipefail
export KEYRING_MODE=$1
shift
dir=$(mktemp -d)
export KEYRING_DIR=$dir
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/run" "$dir/data"
chmod 700 "$dir/run"
# No activatable service: only the daemon that is started here answers.
cat >"$dir/session.conf" <<X
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=$dir/run</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
X
status=0
env -u DISPLAY -u WAYLAND_DISPLAY -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR="$dir/run" XDG_DATA_HOME="$dir/data" \
	dbus-run-session --config-file="$dir/session.conf" -- bash -c '
set -euo pipefail
start() { # gnome-keyring reads the password up to the end of its standard input
	gnome-keyring-daemon --foreground --components=secrets "$@" <&0 >"$KEYRING_DIR/log" 2>&1 &
	export KEYRING_PID=$!
}
wait_for() { for _ in $(seq 250); do "$@" && return; sleep .02; done; echo "keyring.sh: gnome-keyring did not come up" >&2; exit 97; }
named() {
	dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
		string:org.freedesktop.secrets 2>/dev/null | grep -q true
}
made() { [ -e "$XDG_DATA_HOME/keyrings/login.keyring" ]; }
export BUS_PID=$PPID
case $KEYRING_MODE in
none) ;;
fresh) start </dev/null; wait_for named ;;
unlocked) start --unlock < <(printf password); wait_for named ;;
locked)
	start --unlock < <(printf password); wait_for named; wait_for made
	kill "$KEYRING_PID"; wait "$KEYRING_PID" || true
	start </dev/null; wait_for named ;;
*) echo "keyring.sh: unknown mode" >&2; exit 96 ;;
esac
trap "kill \${KEYRING_PID:-} 2>/dev/null || true" EXIT
"$@"
' keyring.sh "$@" || status=$?
exit $status
