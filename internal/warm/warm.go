// Package warm gives a cached answer that lies in a file, before most of the program
// is initialised: where the kernel keeps none for package question, which has the
// page on both.
//
// It imports little, so that it is initialised before net/http, encoding/json, the
// command line and the AWS SDK: package os, question, and
//
//	bytes crypto/aes crypto/cipher errors io math strconv strings syscall time
//
// It has the format of the cache's files too, their clocks and their key, so that
// package cache judges as it does.
package warm

import (
	"bytes"
	"io"
	"os"
	"time"

	"aws-connector/internal/question"
)

// The answer is given here, or not at all: initialisation of packages goes on
// where there is none.
var _ = answer()

// asked is set by answer, and so must have no initial value.
var asked *question.Question

// Asked returns what this process was asked, in the state that it was started in;
// nil where that is nothing that may be answered from what is kept.
func Asked() *question.Question { return asked }

// Stdin returns standard input, what was read of it already included.
func Stdin() io.Reader {
	if len(question.Input()) == 0 {
		return os.Stdin
	}
	return io.MultiReader(bytes.NewReader(question.Input()), os.Stdin)
}

// answer answers this process's question. It returns where it cannot.
func answer() bool {
	q, known := question.Asked()
	if !known {
		q = question.Ask(os.Args)
	}
	if q == nil {
		return false
	}
	asked = q
	find := findSoon
	if known { // the disk answered just now
		find = Find
	}
	text, ok := find(q)
	if !ok || question.Unfit() {
		return false
	}
	n, err := os.Stdout.Write(text)
	switch {
	case err == nil:
		os.Exit(0)
	case n > 0:
		// Said again it would be no answer.
		os.Stderr.WriteString("aws-connector: standard output: the answer was not written to its end\n")
		os.Exit(1)
	}
	return false
}

// findSoon is [Find], if the disk answers within a second: the ordinary path has time
// left for its own.
func findSoon(q *question.Question) ([]byte, bool) {
	type found struct {
		text []byte
		ok   bool
	}
	done := make(chan found, 1)
	go func() {
		text, ok := Find(q)
		done <- found{text, ok}
	}()
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case f := <-done:
		return f.text, f.ok
	case <-timer.C:
		return nil, false
	}
}
