package serve

import "os"

// passed are the signals that must not end this process before the program it runs.
func passed() []os.Signal { return []os.Signal{os.Interrupt} }

func ends() []os.Signal { return []os.Signal{os.Interrupt} }

// typed is always true: what is typed reaches every process of a console, and
// nothing else can be sent.
func typed(os.Signal) bool { return true }
