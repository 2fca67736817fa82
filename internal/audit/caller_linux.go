package audit

import (
	"fmt"
	"os"
	"strings"
)

// Parent returns the process that started this one.
func Parent() Caller {
	c := Caller{PID: os.Getppid()}
	// Not its command line, which may hold secrets.
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", c.PID))
	if err == nil {
		c.Program = strings.TrimSuffix(string(name), "\n")
	}
	return c
}
