//go:build !linux && !darwin && !freebsd

package audit

// full knows nothing here: what cannot be written is told when it is written.
func full(string) bool { return false }
