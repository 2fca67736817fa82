//go:build !linux && !darwin

package question

// Nothing is answered here on these systems.
const (
	configHome, cacheHome = "", ""
	xdgHonoured           = false
)

func private(string) bool { return false }

func stampOf(string) (stamp, bool) { return stamp{}, false }

func stampIn(any) (stamp, bool) { return stamp{}, false }

func ownStamp() (stamp, bool) { return stamp{}, false }

// ReadOwn reads nothing.
func ReadOwn(string, int64) ([]byte, bool) { return nil, false }

func hostOf() (string, bool) { return "", false }

func readable(int, int64) bool { return false }

// Unfit reports that nothing is to be answered.
func Unfit() bool { return true }
