package question

// stepBack is how far before its writing an entry is still believed, in nanoseconds:
// a caller may have looked at its clock before another process wrote, and a clock
// that is kept right is set back by seconds. Further back it was set to another time.
const stepBack = int64(60e9)

// NoBoot stands for a boot clock that is not known.
const NoBoot = -1

// Alive reports whether what was written then, at boot after the machine's start, is
// valid at now, where sinceBoot is the time since the machine was started. All of
// them are in nanoseconds, since 1970 where nothing else is said.
//
// A wall clock can be set back. Since the writing at least sinceBoot-boot has passed,
// even if the machine was started again meanwhile, and so the entry is dead once
// that is all it had left; where the boot clock does not tell, one that seems to
// come from the future is not believed.
func Alive(expires, written, boot, now, sinceBoot int64) bool {
	if now >= expires || now < written-stepBack {
		return false
	}
	return boot == NoBoot || sinceBoot < boot || sinceBoot-boot < expires-written
}
