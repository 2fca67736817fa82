//go:build !darwin && !windows

package keystore

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

const passwd = "/etc/passwd"

// accountFiles are what accountHome depends on.
func accountFiles() []string { return []string{passwd} }

func stateInHome() string { return ".local/state/aws-connector" }

// accountHome returns the home that /etc/passwd has for this user, empty where it
// has none. It asks no other source: a program built with cgo would go to the
// network, one built without would not, and the two must agree.
func accountHome() string {
	f, err := os.Open(passwd)
	if err != nil {
		return ""
	}
	defer f.Close()
	uid := strconv.Itoa(os.Getuid())
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// name:password:uid:gid:comment:home:shell
		if fields := strings.Split(lines.Text(), ":"); len(fields) == 7 && fields[2] == uid {
			return fields[5]
		}
	}
	return ""
}
