package question

import (
	"hash/fnv"
	"strconv"
	"syscall"
	"time"
)

// settled is how long ago a file must have been changed last for its stamp to
// tell it from a later version, in nanoseconds: longer than any clock of a file
// system ticks.
var settled = int64(2e9)

// Question is a call that may be answered from what is kept, with the state in
// which the process that was asked was started.
type Question struct {
	config string // connectors.toml
	// Dir is the cache's directory, and Name of the question's own: that of a slot of
	// the cache, but for what [Suffix] it ends with.
	Dir, Name string
	state     []byte
	// listed are the files whose stamps are in the state too.
	listed []string
	stamps []byte
	// vague means that a stamp may not tell a file from a later version of it.
	vague bool
}

// Suffix ends the names of the cache's slots that hold an answer.
const Suffix = ".warm"

// asked and input are set while this package is initialised, and so have no
// initial value.
var (
	asked *Question
	known bool
	input []byte
)

// Asked returns what this process was asked, in the state that it was started in;
// nil where that is nothing that may be answered from what is kept. False means that
// it is not known yet, and [Ask] can tell.
func Asked() (q *Question, ok bool) { return asked, known }

// Input returns what was read of standard input, which is the beginning of it for
// whoever reads on.
func Input() []byte { return input }

// Ask returns the question that args, the environment and standard input ask; nil
// for anything else. args[0] is the name that the program was called by.
func Ask(args []string) *Question {
	q := read(args)
	if q == nil || !q.look() {
		return nil
	}
	return q
}

// read is what [Ask] does without a disk.
func read(args []string) *Question {
	form, name, ok := formOf(args)
	if !ok {
		return nil
	}
	for _, v := range silencing {
		if getenv(v) != "" {
			return nil
		}
	}
	q := &Question{}
	if q.config, ok = place("AWS_CONNECTOR_CONFIG", "XDG_CONFIG_HOME", configHome, "/aws-connector/connectors.toml"); !ok {
		return nil
	}
	if q.Dir, ok = place("AWS_CONNECTOR_CACHE_DIR", "XDG_CACHE_HOME", cacheHome, ""); !ok {
		return nil
	}
	q.Dir += "/aws-connector"
	asks := name
	if form == dockerForm {
		if input, ok = readInput(); !ok {
			return nil
		}
		asks, name = string(input), form
	}
	q.state = make([]byte, 0, 1024)
	// By HOME the versions of the OS keyring's keys are found where the list of users
	// has no home for this one, and by USER the user's name where it has none.
	for _, s := range [...]string{form, asks, q.config, q.Dir, getenv("HOME"), getenv("USER"), strconv.Itoa(syscall.Getuid()), strconv.Itoa(syscall.Geteuid())} {
		q.state = Text(q.state, s)
	}
	eachVariable(func(v string) {
		if value := getenv(v); value != "" {
			q.state = Text(Text(q.state, v), value)
		}
	})
	if form == kubeForm {
		for _, arg := range args[2:] {
			q.state = Text(q.state, arg)
		}
		q.state = Text(q.state, getenv(execInfo))
	}
	// A collision is a miss, and the name is nobody's but its owner's to read.
	sum := fnv.New64a()
	sum.Write(q.state)
	if name == "" {
		name = form
	}
	q.Name = name + "-" + strconv.FormatUint(sum.Sum64(), 36) + Suffix
	return q
}

// look takes the state from the disk, and reports whether that is one in which there
// may be an answer.
func (q *Question) look() bool {
	host, ok := hostname()
	if !ok || !private(q.Dir) {
		return false
	}
	// The question is not named after it: each container has another one.
	q.state = Text(q.state, host)
	return q.note(stampOf(q.config)) && q.note(ownStamp()) && q.noteTrusted()
}

// hostname is a part of what role_session_name may say.
var hostname = hostOf

// diskWait is how long a disk may take: the ordinary path has time left for its own.
const diskWait = time.Second

// within reports whether f ends within limit. Else it is left behind.
func within(limit time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// noteTrusted takes the stamps of the files that variables name.
func (q *Question) noteTrusted() bool {
	for _, name := range Trust {
		value := getenv(name)
		if value == "" {
			continue
		}
		if value[0] == '~' {
			return false
		}
		start := 0
		for i := 0; i <= len(value); i++ {
			if i < len(value) && value[i] != ':' {
				continue
			}
			s, ok := stampOf(value[start:i])
			// What is in a directory the ordinary path looks at.
			if !ok || s.dir {
				return false
			}
			q.add(s)
			start = i + 1
		}
	}
	return true
}

// Watch takes the stamps of files that the answer depends on; it must be called
// before they are read. One that is absent is watched too.
func (q *Question) Watch(paths ...string) {
	for _, path := range paths {
		s, ok := stampOf(path)
		q.list(path, s, ok)
	}
}

// Read is [Question.Watch] of the file at path that was read. sys is what fs.FileInfo
// says of the open file.
func (q *Question) Read(path string, sys any) {
	s, ok := stampIn(sys)
	q.list(path, s, ok)
}

func (q *Question) list(path string, s stamp, ok bool) {
	for i := range len(path) {
		ok = ok && path[i] != '\n'
	}
	if !ok || path == "" {
		q.vague = true
		return
	}
	q.listed = append(q.listed, path)
	q.stamps = Text(q.stamps, s.text)
	q.vague = q.vague || s.young()
}

// note adds the stamp of a file that must be there to the state.
func (q *Question) note(s stamp, ok bool) bool {
	if !ok || s.text == absent {
		return false
	}
	q.add(s)
	return true
}

func (q *Question) add(s stamp) {
	q.state = Text(q.state, s.text)
	q.vague = q.vague || s.young()
}

// State returns what an answer to q depends on, and the files whose stamps are part
// of it; false where an answer must not be kept.
func (q *Question) State() (state []byte, listed []string, ok bool) {
	return append(q.state[:len(q.state):len(q.state)], q.stamps...), q.listed, !q.vague && len(q.listed) > 0
}

// StateOf returns what [Question.State] does of q as it is now, where listed are the
// files; false where that cannot be told.
func (q *Question) StateOf(listed []string) ([]byte, bool) {
	state := q.state[:len(q.state):len(q.state)]
	for _, path := range listed {
		s, ok := stampOf(path)
		if !ok {
			return nil, false
		}
		state = Text(state, s.text)
	}
	return state, true
}

// stamp tells one version of a file from another.
type stamp struct {
	text string
	// changed is when the file was written or changed last, by the clock of its
	// file system, in nanoseconds since 1970.
	changed int64
	dir     bool
}

// absent is the stamp of no file.
const absent = "absent"

// young reports whether a later version of the file could have the same stamp. A
// time to come is one that the clock may show again.
func (s stamp) young() bool { return s.changed > Now()-settled }

// Text appends s to b, so that it can be told where it ends.
func Text(b []byte, s string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
}
