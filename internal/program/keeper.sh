# keeper.sh MARK [group]: MARK is in the environment of all that is to end.
mark=$1 group=${2-}
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
	set -- $found
	parents=" $* "
	found=$(processes 2>/dev/null | while read -r process parent; do
		case "$parents" in *" $parent "*) echo "$process" ;; esac
	done)
done
[ -z "$doomed" ] || kill -s KILL $doomed 2>/dev/null
# What lost its parent before, as at ^C, still has the program's environment. What
# was being started while it was looked for is found the second time.
for _ in 1 2; do
	for environ in $(grep -lsaF -e "$mark" /proc/[0-9]*/environ); do
		environ=${environ#/proc/}
		kill -s KILL "${environ%/environ}" 2>/dev/null
	done
done
[ "$group" != group ] || kill -s KILL 0
