//go:build !linux

package program

func isNested() bool { return false }
