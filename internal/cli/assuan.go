package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// assuan speaks with a server that a process started, as GnuPG does with pinentry.
// https://www.gnupg.org/documentation/manuals/assuan/
type assuan struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	stop func() bool
}

// Codes of libgpg-error that mean something here, in the low half of a number.
const (
	gpgTimeout       = 62
	gpgCanceled      = 99
	gpgNotConfirmed  = 114
	gpgFullyCanceled = 198
)

const (
	// assuanLine is the longest line of the protocol, in bytes.
	assuanLine = 1000
	// assuanRead is what is taken as one.
	assuanRead = 4096
	// assuanEnd is how long a server that was dismissed may take to end.
	assuanEnd = 2 * time.Second
)

// refusal is an error that the server answered with.
type refusal int

func (r refusal) Error() string { return "error " + strconv.Itoa(int(r)) }

// code is the number without the part of GnuPG that it came from.
func (r refusal) code() int { return int(r) & 0xffff }

// dial starts a server; it ends with ctx.
func dial(ctx context.Context, path string) (*assuan, error) {
	cmd := exec.CommandContext(ctx, path)
	cmd.WaitDelay, cmd.Env = time.Second, outside(os.Environ())
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &assuan{cmd: cmd, in: in, out: bufio.NewReaderSize(io.LimitReader(out, outputLimit), assuanRead)}
	// A script's own children may hold the stream open when the script was killed.
	s.stop = context.AfterFunc(ctx, func() { out.Close() })
	if _, _, err := s.answer(); err != nil { // it greets
		s.close()
		return nil, err
	}
	return s, nil
}

// do sends a command and returns the data and the status lines that it brought.
// Its error is a [refusal], or says that the server is gone.
func (s *assuan) do(command string) (data string, status []string, err error) {
	if _, err := io.WriteString(s.in, command+"\n"); err != nil {
		return "", nil, err
	}
	return s.answer()
}

func (s *assuan) answer() (data string, status []string, err error) {
	for {
		line, err := s.out.ReadSlice('\n')
		if err != nil {
			return "", nil, errors.New("it ended in the middle of the dialogue")
		}
		word, rest, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
		switch word {
		case "OK":
			return data, status, nil
		case "ERR":
			number, _, _ := strings.Cut(rest, " ")
			n, _ := strconv.Atoi(number)
			return "", status, refusal(n)
		case "D":
			data += unescaped(rest)
		case "S":
			status = append(status, rest)
		case "INQUIRE": // nothing that is asked here needs one
			fmt.Fprintln(s.in, "CAN")
		}
	}
}

// close ends the server, which has no reason to stay. killed says that it did not end by itself, interrupted
// that the person's Ctrl-C ended it.
func (s *assuan) close() (killed, interrupted bool) {
	_, _ = io.WriteString(s.in, "BYE\n")
	s.in.Close()
	late := time.AfterFunc(assuanEnd, func() { _ = s.cmd.Process.Kill() })
	err := s.cmd.Wait()
	late.Stop()
	s.stop()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false, false
	}
	return exit.ExitCode() < 0, strings.HasSuffix(exit.String(), "interrupt")
}

// outside returns the environment of a program of the system's: that of the AWS
// CLI's installer has its own libraries first, and keeps what was there before.
func outside(environ []string) []string {
	const libraries, before = "LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG"
	own, ok := os.LookupEnv(before)
	if !ok {
		return environ
	}
	environ = slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, libraries+"=") })
	return append(environ, libraries+"="+own)
}

// escaped writes text as the argument of a command, cut to what a line may have.
func escaped(s string) string {
	s = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
	const most = assuanLine - len("SETREPEATERROR ")
	if len(s) <= most {
		return s
	}
	s = strings.ToValidUTF8(s[:most-len("…")], "")
	for n := 1; n <= 2 && n <= len(s); n++ { // not half of a %XX
		if s[len(s)-n] == '%' {
			s = s[:len(s)-n]
		}
	}
	return s + "…"
}

func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
