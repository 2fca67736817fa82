package question

import (
	"strconv"
	"syscall"
)

// The answer is given here, or not: initialisation of packages goes on then.
var _ = answer()

// maxAnswer bounds what is read of a key that holds an answer.
const maxAnswer = 64 << 10

// answer answers this process's question from the kernel's keyring of the user. It
// returns where it cannot.
func answer() bool {
	args, ok := arguments()
	if !ok {
		return false
	}
	known = true
	q := read(args)
	if q == nil {
		return false
	}
	var text []byte
	looked, hit := false, false
	inTime := within(diskWait, func() {
		if looked = q.look(); looked {
			text, hit = q.Find()
		}
	})
	if !inTime || !looked {
		return false
	}
	if asked = q; !hit || Unfit() {
		return false
	}
	for written := 0; written < len(text); {
		n, err := syscall.Write(1, text[written:])
		switch {
		case err == syscall.EINTR:
		case err == nil && n > 0:
			written += n
		case written == 0:
			return false // the ordinary path says what is wrong, or waits
		case err == syscall.EAGAIN:
			writable(1)
		default:
			// Said again it would be no answer.
			syscall.Write(2, []byte("aws-connector: standard output: the answer was not written to its end\n"))
			syscall.Exit(1)
		}
	}
	syscall.Exit(0)
	return true
}

// arguments returns those of this process, which package os has not been told yet.
// proc(5)
func arguments() ([]string, bool) {
	const most = 512 // what is longer, package warm asks
	fd, err := syscall.Open("/proc/self/cmdline", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	defer syscall.Close(fd)
	b := make([]byte, most)
	n, err := syscall.Read(fd, b)
	if err != nil || n <= 0 || n == most || b[n-1] != 0 {
		return nil, false
	}
	var args []string
	start := 0
	for i := range n {
		if b[i] == 0 {
			args = append(args, string(b[start:i]))
			start = i + 1
		}
	}
	return args, true
}

// Find returns the answer to q that the kernel keeps, if it is still right.
func (q *Question) Find() ([]byte, bool) {
	var id uintptr
	errno := syscall.Errno(ErrNoKey)
	for _, kind := range KeyTypes {
		if id, errno = findKey(kind, AnswerPrefix+q.Name); errno != ErrNoKey {
			break
		}
	}
	if errno != 0 {
		return nil, false
	}
	b := make([]byte, 8<<10)
	n, errno := readKey(id, b)
	if errno == 0 && n > len(b) && n <= maxAnswer {
		b = make([]byte, n)
		n, errno = readKey(id, b)
	}
	if errno != 0 || n > len(b) {
		return nil, false
	}
	return q.open(b[:n])
}

// open returns the answer in the payload of a key.
func (q *Question) open(payload []byte) ([]byte, bool) {
	r := reader{payload, true}
	if r.text() != payloadTitle {
		return nil, false
	}
	expires, written, boot := r.number(), r.number(), r.number()
	var listed []string
	for n := r.number(); r.ok && n > 0; n-- {
		listed = append(listed, r.text())
	}
	kept, seal, answer := r.text(), r.text(), r.text()
	if !r.ok || len(r.rest) > 0 || !Alive(expires, written, boot, Now(), SinceBoot()) || seal != sealSerial() {
		return nil, false
	}
	state, ok := q.StateOf(listed)
	return []byte(answer), ok && string(state) == kept
}

const payloadTitle = "aws-connector answer 1"

// Payload returns what a key holds for an answer to q, with the times of [Alive]; false
// where it must not be kept.
// It begins with a title, and everything in it has its length before it, as [Text]
// writes it.
func (q *Question) Payload(answer []byte, expires, written, boot int64) (payload []byte, ok bool) {
	state, listed, ok := q.State()
	seal := sealSerial()
	if !ok || seal == "" {
		return nil, false
	}
	b := Text(nil, payloadTitle)
	for _, n := range [...]int64{expires, written, boot, int64(len(listed))} {
		b = Text(b, strconv.FormatInt(n, 10))
	}
	for _, path := range listed {
		b = Text(b, path)
	}
	for _, part := range [...]string{string(state), seal, string(answer)} {
		b = Text(b, part)
	}
	return b, len(b) <= maxAnswer
}

// sealSerial is the number of the key that seals the cache: when that is gone, so
// are the entries, and what was made of them must not outlive them. Empty if there
// is none.
func sealSerial() string {
	id, errno := findKey(UserKey, KeyName)
	if errno != 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// reader takes apart what [Text] wrote.
type reader struct {
	rest []byte
	ok   bool
}

func (r *reader) text() string {
	for i, c := range r.rest {
		if c != ':' {
			continue
		}
		n, err := strconv.Atoi(string(r.rest[:i]))
		if rest := r.rest[i+1:]; err == nil && n >= 0 && n <= len(rest) {
			r.rest = rest[n:]
			return string(rest[:n])
		}
		break
	}
	r.ok, r.rest = false, nil
	return ""
}

func (r *reader) number() int64 {
	n, err := strconv.ParseInt(r.text(), 10, 64)
	if err != nil {
		r.ok = false
		return 0
	}
	return n
}
