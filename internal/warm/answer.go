package warm

import (
	"bytes"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aws-connector/internal/question"
)

// maxFile bounds what is read of an answer's file.
const maxFile = 64 << 10

// Find returns the answer to q that a file of the cache keeps, if it is still right.
func Find(q *question.Question) ([]byte, bool) {
	file, ok := question.ReadOwn(q.Dir+"/"+q.Name, maxFile)
	if !ok {
		return nil, false
	}
	h, head, body, err := ParseHeader(q.Name, file)
	if err != nil || !h.Alive(time.Now(), SinceBoot()) {
		return nil, false
	}
	public, sealed, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok {
		return nil, false
	}
	mode, listed, _ := strings.Cut(string(public), "\n")
	key, ok := keyFor(mode, h.Sealed)
	if !ok {
		return nil, false
	}
	gcm, err := NewGCM(key)
	if err != nil {
		return nil, false
	}
	state, ok := q.StateOf(strings.Split(listed, "\n"))
	if !ok {
		return nil, false
	}
	answer, err := gcm.Open(nil, nil, sealed, bytes.Join([][]byte{head, public, state}, nil))
	return answer, err == nil
}

// Seal returns the file that holds an answer to q; false where it must not be kept.
// The times of h are those of the entry that the answer was made of, but for its
// end, which is when the answer is no longer fresh.
//
// The body of the file is a line that says with which key it is sealed, a line for
// each file watched, an empty line, and what AES-GCM made of the answer, with all
// of the file before that line and the state as additional data.
//
// It is sealed with the operating system's key where that gives one, though the
// entries be plain by choice: a plain answer would be believed from whoever can
// write the file, whatever was chosen.
func Seal(q *question.Question, answer []byte, h Header) (file []byte, ok bool) {
	state, listed, ok := q.State()
	if !ok {
		return nil, false
	}
	mode := modeKernel
	if why := refusal(); why != "" {
		mode = modeRefused + why
	}
	h.Name, h.Sealed = q.Name, mode == modeKernel
	key, ok := keyFor(mode, h.Sealed)
	if !ok {
		return nil, false
	}
	gcm, err := NewGCM(key)
	if err != nil {
		return nil, false
	}
	file = append(h.Encode(), mode+"\n"+strings.Join(listed, "\n")...)
	ad := append(file[:len(file):len(file)], state...)
	return gcm.Seal(append(file, "\n\n"...), nil, answer, ad), true
}

const (
	modeKernel = "kernel"
	// modeRefused, with the number of the error, is for where the operating system
	// gives no key.
	modeRefused = "refused "
)

// keyFor returns the key of a mode, if that is still the right one.
func keyFor(mode string, sealed bool) ([]byte, bool) {
	switch why, refused := strings.CutPrefix(mode, modeRefused); {
	case sealed && mode == modeKernel:
		key, err := question.KernelKey(question.KeyName)
		return key, err == nil
	case sealed:
	case refused && why != "" && why == refusal():
		return public[:], true
	}
	return nil, false
}

// refusal returns the number of the error with which the operating system refuses
// a key; empty where it gives one, or would make one.
func refusal() string {
	_, err := question.KernelKey(question.KeyName)
	if errno, ok := err.(syscall.Errno); ok && errno != question.ErrNoKey {
		return strconv.Itoa(int(errno))
	}
	return ""
}
