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

const (
	dockerForm = "docker"
	kubeForm   = "kube-token"
	// execInfo is what a Kubernetes client says of itself.
	execInfo = "KUBERNETES_EXEC_INFO"
)

// formOf returns which form of a call args are, and the connector's name in it.
func formOf(args []string) (form, name string, ok bool) {
	if len(args) < 2 {
		return "", "", false
	}
	self := args[0]
	for i := len(self) - 1; i >= 0; i-- {
		if self[i] == '/' {
			self = self[i+1:]
			break
		}
	}
	const helper = "docker-credential-"
	switch {
	case self == "": // package filepath would look at what is before the slash
		return "", "", false
	case len(self) >= len(helper) && self[:len(helper)] == helper:
		return dockerForm, "", len(args) == 2 && args[1] == "get"
	case args[1] == kubeForm:
		// All arguments are in the state: those that are wrong got no answer.
		return kubeForm, "", true
	case len(args) != 3:
		return "", "", false
	case args[1] == "get":
		return "get", args[2], isName(args[2])
	}
	return dockerForm, "", args[1] == "docker" && args[2] == "get"
}

// isName reports whether s can name a connector, as package connector says.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// place returns what lies at rest below the directory that a variable names, or
// the standard ones. False is for every path that package cli would change, or
// look for elsewhere.
func place(own, xdg, home, rest string) (string, bool) {
	if path := getenv(own); path != "" {
		return path, clean(path)
	}
	if path := getenv(xdg); path != "" && xdgHonoured {
		return path + rest, clean(path)
	}
	path := getenv("HOME")
	return path + home + rest, clean(path)
}

// clean reports whether path is absolute and as filepath.Clean returns it.
func clean(path string) bool {
	if len(path) < 2 || path[0] != '/' {
		return false
	}
	start := 1
	for i := 1; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			continue
		}
		if part := path[start:i]; part == "" || part == "." || part == ".." {
			return false
		}
		start = i + 1
	}
	return true
}

// readInput reads a client's request as package docker does: to its end, or that
// of its line. It waits a moment for a client that is about to write, and for no
// person nor a client that writes one letter after another.
func readInput() ([]byte, bool) {
	const patience = time.Second
	begun := time.Now()
	b := make([]byte, 0, 4096)
	for len(b) < cap(b) && readable(0, int64(max(0, patience-time.Since(begun)))) {
		n, err := syscall.Read(0, b[len(b):cap(b)])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			break
		}
		b = b[:len(b)+max(n, 0)]
		if n <= 0 || b[len(b)-1] == '\n' {
			return b, true
		}
	}
	return b, false
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

// getenv is os.Getenv, for which there is no time.
func getenv(name string) string {
	value, _ := syscall.Getenv(name)
	return value
}
