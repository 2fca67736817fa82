//go:build race

package main

// raced says that the race detector is in, which multiplies memory.
const raced = true
