package connector

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"aws-connector/internal/charset"
)

// maxFile is more than thousands of connectors take.
const maxFile = 4 << 20

// File is a connectors.toml. The zero value has no connectors.
type File struct {
	Path string
	// Keystore is "system", "file", or empty where no choice was made.
	Keystore string
	// Opening says how the file of Keystore "file" is opened.
	Opening Opening
	// Seal says how cached sessions are protected: "auto", "keyring", "off", or
	// empty where no choice was made.
	Seal string
	// Audit is where answers are recorded: "syslog", or the path of a file, which
	// is absolute or begins with ~/; empty for nowhere.
	Audit string

	// Digest is of the file's text; empty where none was read.
	Digest string

	top        map[string]any
	defaults   map[string]any
	keys       map[string]any
	connectors tables
	narrowed   map[string]Connector
	index      *index
}

// Load reads the file at path. Its error is an [*Error] where the file as a
// whole cannot be used; it wraps fs.ErrNotExist where there is none.
func Load(path string) (File, error) {
	// Before it is opened: a FIFO that nobody writes to would be waited for.
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, &Error{Path: path, Problem: "not a regular file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return File{}, err
	}
	// The file names programs that run as its owner, and whose keys go where.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0 {
		return File{}, &Error{Path: path, Problem: "everybody can write to it", Advice: "chmod go-w " + path}
	}
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), maxFile)+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(f, maxFile+1)); err != nil {
		return File{}, err
	}
	return Parse(path, data.Bytes())
}

// Parse reads data as the file at path. Only what makes the file as a whole
// unusable is an error; the connectors are checked by [File.Lookup].
func Parse(path string, data []byte) (File, error) {
	if len(data) > maxFile {
		return File{}, &Error{Path: path, Problem: fmt.Sprintf("larger than %d bytes", maxFile)}
	}
	var not *charset.Error
	if errors.As(charset.Check(data), &not) {
		return File{}, charsetError(path, not)
	}
	text := string(data)
	problem, line, found := measure(text)
	if problem != "" {
		return File{}, &Error{Path: path, Line: line, Problem: problem, Advice: "split it, or remove what is not a connector"}
	}
	top, plain, err := decodeRest(text, found)
	if err != nil {
		return File{}, syntaxError(path, text, err)
	}
	f := File{Path: path, Digest: fmt.Sprintf("%x", sha256.Sum256(data)), top: top, Opening: Opening{Keep: usualKeep}}
	f.connectors.plain = plain
	f.index = newIndex(text, &f)
	for _, key := range slices.Sorted(maps.Keys(top)) {
		var ok bool
		switch key {
		case "keystore":
			f.Keystore, ok = top[key].(string)
			if !ok || f.Keystore != "system" && f.Keystore != "file" {
				return File{}, f.fileError(`keystore must be "system" or "file"`, "", key)
			}
		case "keystore_identity", "keystore_recipients", "pinentry", "allow_env_passphrase", "unlock_seconds":
			if err := f.setOpening(key, top[key]); err != nil {
				return File{}, err
			}
		case "audit":
			if f.Audit, ok = top[key].(string); !ok || !validAudit(f.Audit) {
				return File{}, f.fileError(`audit must be "syslog" or the path of a file`, "write the path from the root, or from ~/", key)
			}
		case "defaults":
			if f.defaults, ok = top[key].(map[string]any); !ok {
				return File{}, f.fileError("defaults must be a table", "write [defaults]", key)
			}
		case "cache":
			if err := f.setCache(top[key]); err != nil {
				return File{}, err
			}
		case "keys":
			if err := f.setKeys(top[key]); err != nil {
				return File{}, err
			}
		case "connectors":
			if f.connectors.parsed, ok = top[key].(map[string]any); !ok {
				return File{}, f.fileError("connectors must be a table", "write [connectors.NAME]", key)
			}
		default:
			return File{}, f.unknownTop(key)
		}
	}
	if err := f.checkOpening(); err != nil {
		return File{}, err
	}
	return f, f.checkDefaults()
}

// setCache takes the table [cache].
func (f *File) setCache(v any) error {
	table, ok := v.(map[string]any)
	if !ok {
		return f.fileError("cache must be a table", "write [cache]", "cache")
	}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		switch {
		case key == "seal":
			f.Seal, ok = table[key].(string)
			if !ok || f.Seal != "auto" && f.Seal != "keyring" && f.Seal != "off" {
				return f.fileError(`cache: seal must be "auto", "keyring" or "off"`, "", "cache", key)
			}
		case isSecret(key):
			return f.fileError("cache: a secret does not belong here", "remove it; `aws-connector key add NAME` stores a key", "cache", key)
		case isField(key):
			return f.fileError(fmt.Sprintf("cache: unknown key %q", key), "put it under [connectors.NAME] or [defaults]", "cache", key)
		case Nearest(key, []string{"seal"}) != "":
			return f.fileError(fmt.Sprintf("cache: unknown key %q", key), `did you mean "seal"?`, "cache", key)
		default:
			return f.fileError(fmt.Sprintf("cache: unknown key %q", key), "[cache] has seal", "cache", key)
		}
	}
	return nil
}

func validAudit(s string) bool {
	inHome, ok := strings.CutPrefix(s, "~/")
	return s == "syslog" || (filepath.IsAbs(s) || ok && inHome != "") &&
		!strings.HasSuffix(s, "/") && !strings.ContainsFunc(s, unicode.IsControl)
}

func (f File) unknownTop(key string) error {
	shown := fmt.Sprintf("unknown key %q", key)
	switch {
	case key == "passphrase" || key == "password":
		return f.fileError("a secret does not belong here", "remove it; `aws-connector help headless` says where a passphrase may come from", key)
	case isSecret(key):
		return f.fileError("a secret does not belong here", "remove it; `aws-connector key add NAME` stores a key", key)
	case isField(key):
		return f.fileError(shown+" outside a connector", "put it under [connectors.NAME] or [defaults]", key)
	}
	if near := Nearest(key, append([]string{"cache", "keys", "defaults", "connectors"}, topKeys...)); near != "" {
		return f.fileError(shown, fmt.Sprintf("did you mean %q?", near), key)
	}
	if _, isTable := f.top[key].(map[string]any); isTable {
		return f.fileError(shown, adviceForTable(key), key)
	}
	return f.fileError(shown, "the file has keystore and what opens it, audit, [cache], [keys.NAME], [defaults] and [connectors.NAME]: see `aws-connector help toml`", key)
}

// checkDefaults refuses what no connector could take.
func (f File) checkDefaults() error {
	var c Connector
	for _, key := range slices.Sorted(maps.Keys(f.defaults)) {
		field, problem, advice := fieldFor(key, "KEY")
		if problem == "" && (key == "resource_id" || key == "source") {
			problem, advice = fmt.Sprintf("%s names one thing and cannot be a default", key), "put it into the connector"
		}
		if problem == "" {
			if err := field.set(&c, f.defaults[key]); err != nil {
				problem, advice = key+" "+err.Error(), adviceFor(key, f.defaults[key])
			}
		}
		if problem != "" {
			e := f.fileError("defaults: "+problem, advice, "defaults", key)
			return e
		}
	}
	return nil
}

func (f File) fileError(problem, advice string, path ...string) error {
	return &Error{Path: f.Path, Line: lineIn(f.index.text, path...), Problem: problem, Advice: advice}
}

// Default returns the text that [defaults] gives a field, empty where there is none.
func (f File) Default(field string) string {
	s, _ := f.defaults[field].(string)
	return s
}

// Names returns the names of all connectors, the broken ones too, sorted.
func (f File) Names() []string { return slices.Clone(f.index.sorted()) }

// Lookup returns the connector called name. Its error is a [*NotFoundError], or
// an [*Error] that says what is wrong with it or with what it starts from.
func (f File) Lookup(name string) (Connector, error) {
	if c, ok := f.narrowed[name]; ok {
		return c, nil
	}
	c, err := f.alone(name)
	if err == nil && c.Source != "" {
		err = f.follow(&c)
	}
	if err != nil {
		return Connector{}, err
	}
	return c, nil
}

// alone is Lookup without a look at the connectors that this one starts from.
func (f File) alone(name string) (Connector, error) {
	raw, ok := f.connectors.get(name)
	if !ok {
		return Connector{}, &NotFoundError{Path: f.Path, Name: name, Known: f.Names()}
	}
	if !ValidName(name) {
		return Connector{}, f.broken(name, "", problem{text: "not a name", advice: "a name has at most 64 letters, digits, dots, dashes and underscores and begins with a letter or digit"})
	}
	own, ok := raw.(map[string]any)
	if !ok {
		p := problem{text: "must be a table", advice: "write [connectors." + name + "]"}
		if _, list := raw.([]map[string]any); list {
			p.advice += " with single brackets"
		}
		return Connector{}, f.broken(name, "", p)
	}
	c, key, p := resolve(name, own, f.defaults)
	if p.text != "" {
		return Connector{}, f.broken(name, key, p)
	}
	if err := f.withKey(&c); err != nil {
		return Connector{}, err
	}
	return c, nil
}

// broken is the error about a key of the connector called name. The line of a
// key that came from [defaults] is there.
func (f File) broken(name, key string, p problem) error {
	line := f.index.line("connectors", name, key)
	own := f.connectors.own(name)
	if _, here := own[key]; !here && key != "" {
		if _, there := f.defaults[key]; there {
			line = f.index.line("defaults", key)
		}
	}
	return &Error{Path: f.Path, Line: line, Connector: name, Problem: p.text, Advice: p.advice}
}
