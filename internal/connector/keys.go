package connector

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// KeyProgram is a table [keys.NAME]: a key that another program keeps, and prints.
type KeyProgram struct {
	Name string
	// Process is the program with its arguments; nil where Err is not.
	Process []string
	// Err is what is wrong with it, an [*Error]; nil for nothing.
	Err error

	file File
}

// Place says where it stands, as "PATH:LINE".
func (k KeyProgram) Place() string {
	return fmt.Sprintf("%s:%d", k.file.Path, k.file.index.line("keys", k.Name))
}

// KeyPrograms returns the keys that other programs keep, the broken ones too, by name.
func (f File) KeyPrograms() []KeyProgram {
	var all []KeyProgram
	for _, name := range slices.Sorted(maps.Keys(f.keys)) {
		k, _ := f.KeyProgram(name)
		all = append(all, k)
	}
	return all
}

// KeyProgram returns the table [keys.name]; false if there is none.
func (f File) KeyProgram(name string) (KeyProgram, bool) {
	raw, ok := f.keys[name]
	if !ok {
		return KeyProgram{}, false
	}
	k := KeyProgram{Name: name, file: f}
	process, member, p := keyProcess(name, raw)
	if p.text == "" {
		k.Process = process
		return k, true
	}
	about := "[keys." + name + "]: "
	if !ValidName(name) || holdsAccessKeyID(name) {
		about = "[keys]: " // it may be a secret in the wrong place
	}
	k.Err = &Error{Path: f.Path, Line: f.index.line("keys", name, member), Problem: about + p.text, Advice: p.advice}
	return k, true
}

// keyProcess reads the table of the key called name. With a problem it returns the
// member that has it, empty for the table as a whole.
func keyProcess(name string, raw any) (process []string, member string, p problem) {
	const form = `it has one key, process = ["/path/to/program", "argument"]`
	if !ValidName(name) || holdsAccessKeyID(name) {
		return nil, "", problem{"not a name", "a name has at most 64 letters, digits, dots, dashes and underscores and begins with a letter or digit"}
	}
	own, ok := raw.(map[string]any)
	if !ok {
		return nil, "", problem{"must be a table", "write [keys." + name + "]"}
	}
	for _, k := range slices.Sorted(maps.Keys(own)) {
		switch {
		case k == "process":
		case isSecret(k):
			return nil, k, problem{"a secret does not belong in this file", "remove it and store it with `aws-connector key add " + name + "`"}
		case Nearest(k, []string{"process"}) != "":
			return nil, k, problem{fmt.Sprintf("unknown key %q", k), `did you mean "process"?`}
		case isField(k):
			return nil, k, problem{fmt.Sprintf("unknown key %q", k), "put it into the connector that uses the key; [keys.NAME] has only process"}
		default:
			return nil, k, problem{fmt.Sprintf("unknown key %q", k), form}
		}
	}
	v, ok := own["process"]
	if !ok {
		return nil, "", problem{"process is missing", form}
	}
	process, err := argv(v)
	switch {
	case errors.Is(err, errSecret):
		return nil, "process", problem{"process " + err.Error(), "remove it: the program finds the key by a name or path of its own, or `aws-connector key add " + name + "` stores it"}
	case err != nil:
		return nil, "process", problem{"process " + err.Error(), form}
	}
	return process, "", problem{}
}

// setKeys takes the tables [keys.NAME]. What is wrong with one of them concerns who
// uses that key alone.
func (f *File) setKeys(v any) error {
	var ok bool
	if f.keys, ok = v.(map[string]any); !ok {
		return f.fileError("keys must be a table", "write [keys.NAME]", "keys")
	}
	// The members of one key, written without its name.
	if _, isList := f.keys["process"].([]any); isList {
		return f.fileError("keys: process is not in a table with a key's name", "write [keys.NAME]", "keys", "process")
	}
	return nil
}

// withKey fills in by which program c's key is kept.
func (f File) withKey(c *Connector) error {
	k, ok := f.KeyProgram(c.Key)
	if c.Key == "" || !ok {
		return nil
	}
	var broken *Error
	if errors.As(k.Err, &broken) {
		told := *broken
		told.Connector = c.Name
		return &told
	}
	c.KeyProcess = k.Process
	return nil
}
