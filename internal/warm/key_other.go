//go:build !linux

package warm

import "syscall"

// KeyName is the description of the key, where there is one.
const KeyName = ""

const errNoKey = syscall.Errno(0)

// KernelKey fails: this operating system gives no such key.
func KernelKey(string) ([]byte, error) { return nil, syscall.ENOSYS }
