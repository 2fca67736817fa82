package question

import (
	"syscall"
	"time"
)

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

// getenv is os.Getenv, for which there is no time.
func getenv(name string) string {
	value, _ := syscall.Getenv(name)
	return value
}
