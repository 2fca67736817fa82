// Package zone keeps the local time zone from being read when the program starts.
//
// The TOML parser wants it while it is initialised, for times without a zone,
// which connectors.toml refuses: a sixth of what `version` costs. Packages whose
// imports are initialised are so in the order of their paths
// (https://go.dev/ref/spec#Program_initialization), and this one comes before
// github.com: the parser finds UTC for the local zone, and nothing is read.
package zone

import "time"

// local is the local zone as package time has it: not read yet.
var local = set(time.UTC)

// Restore makes the local zone what it is. Who imports the parser calls it while
// it is initialised itself, hence after the parser.
func Restore() *time.Location {
	set(local)
	return local
}

// set makes l the local zone and returns the one before.
func set(l *time.Location) *time.Location {
	before := time.Local
	time.Local = l
	return before
}
