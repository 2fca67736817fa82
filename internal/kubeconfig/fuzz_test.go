package kubeconfig

import (
	"bytes"
	"strings"
	"testing"
)

// Whatever the file is, what is not this program's stays as it was, and what Set put
// in Remove takes out.
func FuzzSet(f *testing.F) {
	for _, text := range []string{
		"", written, "kind: Config\nusers: []", "{}", `{"users":[{"name":"a"}]}`, "clusters:\n  - name: a\n", "users: # none\n", "...\n", "---\nkind: Config\n",
		"users: [{name: 'a', user: {token: \"]\"}}, ]\n", "users:\n-\n  name: a\n- name: b # x\n\n\n# end", "\ufeffkind: Config\n", "users:\n- name: deploy\n  user: {exec: {command: /x/aws-connector, args: [kube-token, x]}}\n",
		"? users\n: - name: a\n", "users: &a\n- &b {name: x}\n- *b\n", "users:\n- name: |-\n    a\n    # b\n  # c\n#d\nkind: Config\n", "  users:\n  - name: a\n", "\"users\": [\n]\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		Outline(text, ours)
		before, err := parse(text)
		if err != nil {
			return
		}
		after, err := Set(text, deploy, ours, false)
		if err != nil {
			return
		}
		d, err := parse(after)
		if err != nil || d.item(users, "deploy") == nil || !d.owns("deploy", ours) {
			t.Fatalf("Set made\n%s\nof\n%s", after, text)
		}
		if again, err := Set(after, deploy, ours, false); err != nil || !bytes.Equal(again, after) {
			t.Fatalf("a second Set made\n%s\nof\n%s\n%v", again, after, err)
		}
		if n := len(strings.Split(string(after), "\n")); len(strings.Split(string(Outline(after, ours)), "\n")) != n {
			t.Fatalf("the outline has not %d lines", n)
		}
		left, _, _, err := Remove(after, Selection{}, ours)
		if err != nil {
			return
		}
		d, err = parse(left)
		if err != nil {
			t.Fatalf("Remove made\n%s", left)
		}
		for _, section := range []string{clusters, users, contexts} {
			if len(before.items(section)) != len(d.items(section)) && before.item(section, "deploy") == nil && !before.others(ours) {
				t.Fatalf("%s differ:\n%s\nthen\n%s", section, text, left)
			}
		}
	})
}

// others reports whether other entries are this program's.
func (d *document) others(program Program) bool {
	for _, name := range d.names(users) {
		if d.owns(name, program) {
			return true
		}
	}
	return false
}
