package dockerconfig

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Whatever the file: what Add makes is JSON in which credHelpers alone differs,
// adding twice is adding once, and removing gives the file back.
func FuzzAdd(f *testing.F) {
	for _, c := range edits {
		f.Add(c.before, host)
	}
	f.Add("{\r\r\n\n}", "a")
	f.Add("\ufeff \n{ \"a\":{\n}\r,\"credHelpers\"\n: {\t}\n}\n\n", "<&>\u2028")
	f.Fuzz(func(t *testing.T, before, host string) {
		got, err := Add([]byte(before), []string{host}, true)
		if err != nil {
			return
		}
		if old, now := decode(t, before), decode(t, string(got.Config)); !onlyHelpersDiffer(old, now, host) {
			t.Errorf("Add(%q, %q) = %q", before, host, got.Config)
		}
		again, err := Add(got.Config, []string{host}, false)
		if err != nil || again.Hosts != nil || !bytes.Equal(again.Config, got.Config) {
			t.Errorf("Add(%q, %q) again = %q, %v", got.Config, host, again.Config, err)
		}
		checkRemove(t, before, got, host)
		checkMany(t, before, []string{host, "b.example", host + "a", "b.example", "c.example"})
		if n, want := bytes.Count(Outline(got.Config), []byte("\n")), bytes.Count(got.Config, []byte("\n")); n != want {
			t.Errorf("Outline(%q) has %d lines, want %d", got.Config, n, want)
		}
	})
}

// checkMany checks that many hosts at once are as many hosts one after another.
func checkMany(t *testing.T, before string, hosts []string) {
	t.Helper()
	one := Result{Config: []byte(before)}
	for _, h := range hosts {
		var err error
		if one, err = Add(one.Config, []string{h}, true); err != nil {
			return
		}
	}
	all, err := Add([]byte(before), hosts, true)
	if err != nil || !bytes.Equal(all.Config, one.Config) {
		t.Errorf("Add(%q, %q) = %q, %v, want %q", before, hosts, all.Config, err, one.Config)
	}
	some := hosts[1:]
	for _, h := range some {
		if one, err = Remove(one.Config, []string{h}); err != nil {
			t.Fatal(err)
		}
	}
	if all, err = Remove(all.Config, some); err != nil || !bytes.Equal(all.Config, one.Config) {
		t.Errorf("Remove of %q after Add(%q) = %q, %v, want %q", some, before, all.Config, err, one.Config)
	}
	back, err := Remove(all.Config, nil)
	if one, err2 := Remove(all.Config, hosts[:1]); err != nil || err2 != nil || !strings.Contains(before, Helper) && !bytes.Equal(back.Config, one.Config) {
		t.Errorf("Remove of all from %q = %q, %v, want %q, %v", all.Config, back.Config, err, one.Config, err2)
	}
}

func checkRemove(t *testing.T, before string, got Result, host string) {
	t.Helper()
	back, err := Remove(got.Config, []string{host})
	if err != nil {
		t.Fatalf("Remove(%q) = %v", got.Config, err)
	}
	old, now := decode(t, before), decode(t, string(back.Config))
	delete(old, member)
	delete(now, member)
	if !reflect.DeepEqual(old, now) {
		t.Errorf("Remove(%q) = %q, want the other members of %q", got.Config, back.Config, before)
	}
	_, text := cutMark([]byte(before))
	if isNothing(text) {
		return
	}
	if c, err := parse(text); err == nil && c.helpers == nil && string(back.Config) != before {
		t.Errorf("Remove(Add(%q)) = %q", before, back.Config)
	}
}

func onlyHelpersDiffer(old, now map[string]any, host string) bool {
	had, _ := old[member].(map[string]any)
	has, _ := now[member].(map[string]any)
	if has[host] != Helper {
		return false
	}
	for h, helper := range had {
		if h != host && has[h] != helper {
			return false
		}
	}
	_, there := had[host]
	if want := len(had) + 1; len(has) != want && !there {
		return false
	}
	delete(old, member)
	delete(now, member)
	return reflect.DeepEqual(old, now)
}

func decode(t *testing.T, config string) map[string]any {
	t.Helper()
	m := map[string]any{}
	config = strings.TrimPrefix(config, byteOrderMark)
	if strings.TrimSpace(config) == "" {
		return m
	}
	d := json.NewDecoder(strings.NewReader(config))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%q: %v", config, err)
	}
	if m == nil {
		m = map[string]any{}
	}
	return m
}
