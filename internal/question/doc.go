// Package question gives a cached answer at about the cost of starting a process:
// before the rest of the program is initialised.
//
// # Why it is first
//
// A package is initialised once all that it imports are, and of those that are
// ready, the one whose import path comes first (the language specification,
// "Program initialization"; cmd/link since Go 1.21). Our module's path sorts before
// github.com and golang.org. On Linux this package imports nothing but
//
//	errors hash/fnv runtime strconv syscall time unsafe
//
// and so runs before packages os and unicode, and before all of the command line and
// the AWS SDK. (Elsewhere it imports os and golang.org/x/sys, and only package warm
// answers.) For the same reason it reads its arguments from /proc, and
// has small copies of what packages strings and os have. Tests keep the list, and by
// GODEBUG=inittrace=1 what is initialised before an answer.
//
// # What is answered
//
// Four forms of a call are a question: `aws-connector get NAME`, `aws-connector
// docker get` and `docker-credential-ecr get`, these two with what is on standard
// input, and `aws-connector kube-token` with all of its arguments and what the client
// says in KUBERNETES_EXEC_INFO. The ordinary path answers it the first time, from an entry of the
// cache, and lets [cache.Dir.PutAnswer] keep the finished answer. From then on it is
// written out and the process ends:
//
//   - by this package, from a key in the kernel's keyring of the user, where Linux
//     takes the answer. No cryptography is on the way: the kernel keeps it from other
//     users, and off the disks. It forgets it when the answer is no longer fresh.
//   - by package warm, from a file of the cache: sealed where the user's quota of keys is
//     used up, plain in containers and on macOS, which have no key to seal it with.
//
// # Why it is never an old one
//
// With the answer everything is kept that it depends on. In a key it is compared; in
// a file it is additional data of AES-GCM, so that nothing is trusted or parsed and
// in another state the file does not open. The state is
//
//   - the form of the call, the connector's name or what the client sent, the user,
//     the host, the directory of the cache, and the [Variables] of the environment;
//   - the stamps (device, inode, size, and the times of the last writing and the last
//     change in nanoseconds) of connectors.toml, of this program, and of the files
//     that variables name;
//   - the stamps of the files listed with the answer: the entry of the cache that it
//     was made of, so that `cache clear` and a renewal end it, those by which the
//     keystore tells versions of a key apart, and the list of users where a session
//     is named after one;
//   - in a kernel's key, which key seals the cache.
//
// Each stamp is taken before the ordinary path reads the file, and is worth nothing
// where the file changed within the last two seconds, for a clock may tick only
// every hundredth of a second, or of two. Files are opened to be stamped: a network
// file system tells of a change made elsewhere only then.
//
// The answer is fresh as long as its entry is, by the same [Alive].
//
// Not kept at all are answers for which more decides: of auth_method implicit,
// web-identity and process; those that are recorded in an audit trail; and those of a
// call that tells what it does, that has other flags, or that another aws-connector waits
// for. Whatever is unexpected is left to the ordinary path, without a word, and so
// is a disk that does not answer within a second.
package question
