# The program's process id, or nothing where it was not started.
read -r program
# Until the process that wrote it ends.
read -r _

# processes prints every process and its parent.
processes() {
	if [ -r /proc/self/stat ]; then
		for stat in /proc/[0-9]*/stat; do
			# "1 (name) S 0 …", and a name may hold anything.
			read -r line <"$stat" || continue
			rest=${line##*) }
			rest=${rest#* }
			echo "${line%% *} ${rest%% *}"
		done
	else
		ps -A -o pid= -o ppid=
	fi
}

# A program may have put what it started into groups of their own.
doomed= found=$program
while [ -n "$found" ]; do
	doomed="$doomed $found"
	found=$(processes 2>/dev/null | while read -r process parent; do
		case " $(echo $found) " in *" $parent "*) echo "$process" ;; esac
	done)
done
[ -z "$doomed" ] || kill -s KILL $doomed 2>/dev/null
[ "$1" != group ] || kill -s KILL 0
