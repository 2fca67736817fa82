//go:build !linux

package main

import "os"

// peak returns 0: memory is measured on Linux alone.
func peak(*os.ProcessState) int64 { return 0 }
