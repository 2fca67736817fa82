// Package warm gives an answer that is in the cache at about the cost of starting
// a process: before the rest of the program is initialised.
//
// # Why it is first
//
// A package is initialised once all that it imports are, and of those that are
// ready, the one whose import path comes first (the language specification,
// "Program initialization"; cmd/link since Go 1.21). Our module's path sorts before
// github.com and golang.org, and this package imports little, so that it is ready
// before net/http, encoding/json, the command line and the AWS SDK are. It may
// import package os and:
//
//	bytes crypto/aes crypto/cipher errors hash/fnv io runtime strconv strings syscall time unsafe
//	golang.org/x/sys on systems other than Linux
//
// and nothing of this module. Tests keep both: the list, and by
// GODEBUG=inittrace=1 what is initialised before an answer.
//
// # What is answered
//
// Four forms of a call are a question: `aws-connector get NAME`, `aws-connector
// docker get` and `docker-credential-ecr get`, these two with what is on standard
// input, and `aws-connector kube-token` with all of its arguments and what the
// client says in KUBERNETES_EXEC_INFO. The ordinary path answers it the first time, from an entry of
// the cache, and lets [cache.Dir.PutAnswer] keep the finished answer in a file of
// the cache. From then on this package writes it out and ends the process.
//
// # Why it is never an old one
//
// With the answer everything is sealed that it depends on, as additional data of
// AES-GCM, and none of it is trusted or parsed: in another state the file does not
// open. The state is
//
//   - the form of the call, the connector's name or what the client sent, the user,
//     the directory of the cache, and the [Variables] of the environment;
//   - the stamps (device, inode, size, and the times of the last writing and the last
//     change in nanoseconds) of connectors.toml, of this program, and of the files
//     that variables name;
//   - the stamps of the files listed in the answer's own: the entry of the cache that
//     it was made of, so that `cache clear` and a renewal end it, and those by which
//     the keystore tells versions of a key apart.
//
// Each stamp is taken before the ordinary path reads the file, and is worth nothing
// where the file changed within the last two seconds, for a clock may tick only
// every hundredth of a second, or of two. Files are opened to be stamped: a network
// file system tells of a change made elsewhere only then.
//
// The answer is fresh as long as its entry is, by the same [Header.Alive].
//
// Not kept at all are answers of auth_method implicit, whose credentials depend on
// much more, answers that are recorded in an audit trail, and those of a call that
// tells what it does or that another aws-connector waits for. Whatever is
// unexpected is left to the ordinary path, without a word.
package warm

import (
	"bytes"
	"io"
	"os"
)

// The answer is given here, or not at all: initialisation of packages goes on
// where there is none.
var _ = answer()

// asked and input are set by answer, and so must have no initial value.
var (
	asked *Question
	input []byte
)

// Asked returns what this process was asked, in the state that it was started in;
// nil where that is nothing that this package may answer.
func Asked() *Question { return asked }

// Stdin returns standard input, what was read of it here included.
func Stdin() io.Reader {
	if len(input) == 0 {
		return os.Stdin
	}
	return io.MultiReader(bytes.NewReader(input), os.Stdin)
}

// answer answers this process's question. It returns where it cannot.
func answer() bool {
	q := Ask(os.Args)
	if q == nil {
		return false
	}
	asked = q
	text, ok := q.Find()
	if !ok || deaf() {
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
