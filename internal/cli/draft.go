package cli

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

// draft is a connector that is not written yet.
type draft struct {
	file     connector.File
	name     string
	fields   []draftField
	store    *keystore.Store
	keyIsNew bool
}

type draftField struct{ name, value string }

func (d *draft) set(name, value string) { d.fields = append(d.fields, draftField{name, value}) }

func (d *draft) value(name string) string {
	for _, f := range d.fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (d *draft) method() connector.Method { return connector.Method(d.value("auth_method")) }

// appendTo returns old with the connector behind it, if that makes a valid file.
func (d *draft) appendTo(old []byte) ([]byte, error) {
	end := "\n"
	if bytes.Contains(old, []byte("\r\n")) {
		end = "\r\n"
	}
	var b bytes.Buffer
	b.Write(old)
	if len(old) > 0 && !bytes.HasSuffix(old, []byte("\n")) {
		b.WriteString(end)
	}
	if len(old) == 0 {
		b.WriteString("# Connectors: named ways of getting AWS credentials." + end + "# `aws-connector help toml` explains every field." + end)
		if d.file.Keystore == "file" {
			b.WriteString(end + "# Keys are in keys.age beside this file, encrypted." + end + `keystore = "file"` + end)
		}
	}
	b.WriteString(end + strings.ReplaceAll(d.table(), "\n", end))
	f, err := connector.Parse(d.file.Path, b.Bytes())
	if err == nil {
		_, err = f.Lookup(d.name)
	}
	var broken *connector.Error
	if errors.As(err, &broken) {
		return nil, &usageError{text: fmt.Sprintf("with connector %q the file would not be right: %s", d.name, broken.Problem), advice: strings.TrimPrefix(broken.Advice+"; nothing was written", "; ")}
	}
	return b.Bytes(), err
}

// table is the connector in TOML, each field under what it means.
func (d *draft) table() string {
	const width = 78
	meaning := map[string]string{}
	for _, f := range connector.Fields() {
		meaning[f.Name] = f.Meaning
	}
	for _, c := range choices {
		if c.method == d.method() {
			meaning["auth_method"] = c.about
		}
	}
	var b strings.Builder
	header := d.name
	if strings.Contains(header, ".") {
		header = `"` + header + `"`
	}
	fmt.Fprintf(&b, "[connectors.%s]\n", header)
	for _, f := range d.fields {
		for _, line := range wrap(meaning[f.name], width) {
			b.WriteString("# " + line + "\n")
		}
		fmt.Fprintf(&b, "%s = %s\n", f.name, literal(fieldValue(f.name, f.value)))
	}
	return b.String()
}

// fieldValue is what TOML's reader would make of an answer.
func fieldValue(field, answer string) any {
	switch field {
	case "policy_arns":
		return []any{answer}
	case "credential_process":
		// In quotes as in ~/.aws/config. What does not come apart is no program's name.
		argv, _ := awsconfig.Split(runtime.GOOS, answer)
		var list []any
		for _, word := range argv {
			list = append(list, word)
		}
		return list
	case "allow_implicit_auth_methods":
		return answer == "true"
	}
	return answer
}

// literal writes a value in TOML. No field takes control characters.
func literal(v any) string {
	switch v := v.(type) {
	case string:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, literal(e))
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	return fmt.Sprint(v)
}
