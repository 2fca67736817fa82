package warm

import (
	"bytes"
	"hash/fnv"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// Suffix ends the names of the cache's slots that hold an answer.
	Suffix = ".warm"
	// maxFile bounds what is read of an answer's file.
	maxFile = 64 << 10
)

// settled is how long ago a file must have been changed last for its stamp to
// tell it from a later version: longer than any clock of a file system ticks.
var settled = 2 * time.Second

// Question is a call that this package may answer, with the state in which the
// process that was asked was started.
type Question struct {
	dir   string // of the cache
	slot  string
	state []byte
	// listed are the files whose stamps are in the state too.
	listed []string
	stamps []byte
	// vague means that a stamp may not tell a file from a later version of it.
	vague bool
}

// Ask returns the question that args, the environment and standard input ask; nil
// for anything else. args[0] is the name that the program was called by.
func Ask(args []string) *Question {
	form, name, ok := formOf(args)
	if !ok {
		return nil
	}
	for _, v := range silencing {
		if getenv(v) != "" {
			return nil
		}
	}
	config, ok := place("AWS_CONNECTOR_CONFIG", "XDG_CONFIG_HOME", configHome, "/aws-connector/connectors.toml")
	if !ok {
		return nil
	}
	q := &Question{}
	if q.dir, ok = place("AWS_CONNECTOR_CACHE_DIR", "XDG_CACHE_HOME", cacheHome, ""); !ok {
		return nil
	}
	q.dir += "/aws-connector"
	if !private(q.dir) {
		return nil
	}
	if form == "docker" {
		if input, ok = readInput(); !ok {
			return nil
		}
		name = string(input)
	}
	for _, s := range [...]string{form, name, config, q.dir, strconv.Itoa(os.Geteuid())} {
		q.state = text(q.state, s)
	}
	for _, v := range Variables() {
		q.state = text(q.state, getenv(v))
	}
	if form == kubeToken {
		for _, arg := range args[2:] {
			q.state = text(q.state, arg)
		}
		q.state = text(q.state, getenv(execInfo))
	}
	// No secret is in it that a name could give away to anybody but its owner, and a
	// collision is a miss.
	sum := fnv.New64a()
	sum.Write(q.state)
	if name == "" || form == "docker" {
		name = form
	}
	q.slot = name + "-" + strconv.FormatUint(sum.Sum64(), 36) + Suffix
	if !q.note(stampOf(config)) || !q.note(ownStamp()) || !q.noteTrusted() {
		return nil
	}
	return q
}

const (
	kubeToken = "kube-token"
	execInfo  = "KUBERNETES_EXEC_INFO"
)

// formOf returns which form of a call args are, and the connector's name in it.
func formOf(args []string) (form, name string, ok bool) {
	if len(args) < 2 {
		return "", "", false
	}
	helper := strings.HasPrefix(args[0][strings.LastIndexByte(args[0], '/')+1:], "docker-credential-")
	switch {
	case helper:
		return "docker", "", len(args) == 2 && args[1] == "get"
	case args[1] == kubeToken:
		// All arguments are in the state: those that are wrong got no answer.
		return kubeToken, "", true
	case len(args) != 3:
		return "", "", false
	case args[1] == "get":
		return "get", args[2], isName(args[2])
	}
	return "docker", "", args[1] == "docker" && args[2] == "get"
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
	if path := getenv(xdg); path != "" && runtime.GOOS != "darwin" {
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
	for part := range strings.SplitSeq(path[1:], "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// readInput reads a client's request as package docker does: to its end, or that
// of its line. It waits for a client that is about to write, and for no person.
func readInput() ([]byte, bool) {
	const patience = time.Second
	b := make([]byte, 0, 4096)
	for len(b) < cap(b) && readable(0, patience) {
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
		for path := range strings.SplitSeq(value, ":") {
			s, ok := stampOf(path)
			// What is in a directory the ordinary path looks at.
			if !ok || s.dir {
				return false
			}
			q.add(s)
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

// Read is [Question.Watch] of the file at path, which was opened and is info.
func (q *Question) Read(path string, info os.FileInfo) {
	s, ok := stampIn(info)
	q.list(path, s, ok)
}

func (q *Question) list(path string, s stamp, ok bool) {
	if !ok || strings.ContainsRune(path, '\n') || path == "" {
		q.vague = true
		return
	}
	q.listed = append(q.listed, path)
	q.stamps = text(q.stamps, s.text)
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
	q.state = text(q.state, s.text)
	q.vague = q.vague || s.young()
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
func (s stamp) young() bool { return s.changed > time.Now().Add(-settled).UnixNano() }

// Find returns the answer that is kept, and still right.
func (q *Question) Find() ([]byte, bool) {
	file, ok := readOwn(q.dir + "/" + q.slot)
	if !ok {
		return nil, false
	}
	h, head, body, err := ParseHeader(q.slot, file)
	if err != nil || !h.Alive(time.Now(), SinceBoot()) {
		return nil, false
	}
	end := bytes.Index(body, []byte("\n\n"))
	if end < 0 {
		return nil, false
	}
	mode, paths, _ := strings.Cut(string(body[:end]), "\n")
	key, ok := keyFor(mode, h.Sealed)
	if !ok {
		return nil, false
	}
	gcm, err := NewGCM(key)
	if err != nil {
		return nil, false
	}
	ad := bytes.Join([][]byte{head, body[:end], q.state}, nil)
	for path := range strings.SplitSeq(paths, "\n") {
		s, ok := stampOf(path)
		if !ok {
			return nil, false
		}
		ad = text(ad, s.text)
	}
	answer, err := gcm.Open(nil, nil, body[end+2:], ad)
	return answer, err == nil
}

// Seal returns the name of the slot for an answer to q and the file that holds
// it; false where it must not be kept. written and boot are those of the entry that
// it was made of, and until is when it is no longer fresh. sealed says whether that
// entry was sealed, and off whether none shall be.
//
// The body of the file is a line that says with which key it is sealed, a line for
// each file watched, an empty line, and what AES-GCM made of the answer, with all
// of the file before it and the state as additional data.
func (q *Question) Seal(answer []byte, h Header, off bool) (slot string, file []byte, ok bool) {
	if q.vague || len(q.listed) == 0 {
		return "", nil, false
	}
	mode := modeOf(h.Sealed, off)
	key, ok := keyFor(mode, h.Sealed)
	if !ok {
		return "", nil, false
	}
	gcm, err := NewGCM(key)
	if err != nil {
		return "", nil, false
	}
	h.Name = q.slot
	file = append(h.Encode(), mode+"\n"+strings.Join(q.listed, "\n")...)
	ad := bytes.Join([][]byte{file, q.state, q.stamps}, nil)
	return q.slot, gcm.Seal(append(file, "\n\n"...), nil, answer, ad), true
}

const (
	modeKernel = "kernel"
	modeOff    = "off"
	// modeRefused, with the number of the error, is for where the operating system
	// gives no key.
	modeRefused = "refused "
)

func modeOf(sealed, off bool) string {
	if sealed {
		return modeKernel
	}
	if off {
		return modeOff
	}
	return modeRefused + refusal()
}

// keyFor returns the key of a mode, if that is still the right one.
func keyFor(mode string, sealed bool) ([]byte, bool) {
	switch why, refused := strings.CutPrefix(mode, modeRefused); {
	case sealed && mode == modeKernel:
		key, err := KernelKey(KeyName)
		return key, err == nil
	case sealed:
	case mode == modeOff, refused && why != "" && why == refusal():
		return public[:], true
	}
	return nil, false
}

// refusal returns the number of the error with which the operating system refuses
// a key; empty where it gives one, or would make one.
func refusal() string {
	_, err := KernelKey(KeyName)
	if errno, ok := err.(syscall.Errno); ok && errno != errNoKey {
		return strconv.Itoa(int(errno))
	}
	return ""
}

func text(b []byte, s string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
}

func getenv(name string) string {
	value, _ := syscall.Getenv(name)
	return value
}
