package kubeconfig

import (
	"errors"
	"strings"
	"testing"
)

var deploy = Entry{Name: "deploy", Server: "https://x.eks.example", CA: "Q0E=", Command: "/usr/bin/aws-connector", Args: []string{"kube-token", "deploy", "--cluster", "demo"}, Interactive: "Never", InstallHint: "install it"}

func ours(command string) bool { return strings.HasSuffix(command, "/aws-connector") }

const (
	clusterLines = `- cluster:
    certificate-authority-data: Q0E=
    server: https://x.eks.example
  name: deploy
`
	contextLines = `- context:
    cluster: deploy
    user: deploy
  name: deploy
`
	userLines = `- user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
        - kube-token
        - deploy
        - --cluster
        - demo
      command: /usr/bin/aws-connector
      installHint: install it
      interactiveMode: Never
      provideClusterInfo: false
  name: deploy
`
	// written is as kubectl writes it, with a comment, an anchor and another's plugin.
	written = `# mine
apiVersion: v1
clusters:
# the old one
- cluster: &old
    server: https://old.example   # by hand
    certificate-authority-data: |
      TFMw
      # not a comment
  name: old

- cluster: *old
  name: same
  # deep

# behind the clusters
contexts:
- context: {cluster: old, user: "other", namespace: 'it''s'}
  name: old
current-context: old
kind: Config
preferences: {}
users:
- name: other
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws
      args: [eks, get-token]
`
)

func TestSet(t *testing.T) {
	whole := "apiVersion: v1\nkind: Config\nclusters:\n" + clusterLines + "contexts:\n" + contextLines + "users:\n" + userLines
	for name, test := range map[string]struct{ before, after string }{
		"none":     {"", whole},
		"comments": {"# mine\n\n", "# mine\n\n" + whole},
		"kubectl's empty one": {"apiVersion: v1\nclusters: []\ncontexts: null\ncurrent-context: \"\"\nkind: Config\npreferences: {}\nusers: # none\n",
			"apiVersion: v1\nclusters:\n" + clusterLines + "contexts:\n" + contextLines + "current-context: \"\"\nkind: Config\npreferences: {}\nusers: # none\n" + userLines},
		"no newline": {"kind: Config\nusers: []", "kind: Config\nusers:\n" + userLines + "clusters:\n" + clusterLines + "contexts:\n" + contextLines},
		"others":     {written, strings.NewReplacer("  # deep\n", "  # deep\n"+clusterLines, "  name: old\ncurrent", "  name: old\n"+contextLines+"current", "get-token]\n", "get-token]\n"+userLines).Replace(written)},
		"windows": {"kind: Config\r\nclusters:\r\n  - name: a\r\n    cluster: {}\r\n",
			strings.ReplaceAll("kind: Config\nclusters:\n  - name: a\n    cluster: {}\n"+indented(clusterLines)+"contexts:\n"+contextLines+"users:\n"+userLines, "\n", "\r\n")},
		"end": {"kind: Config\n...\n", "kind: Config\nclusters:\n" + clusterLines + "contexts:\n" + contextLines + "users:\n" + userLines + "...\n"},
		"json": {`{"kind":"Config","users":[]}`,
			`{"contexts":[{"context":{"cluster":"deploy","user":"deploy"},"name":"deploy"}],"clusters":[{"cluster":{"certificate-authority-data":"Q0E=","server":"https://x.eks.example"},"name":"deploy"}],"kind":"Config","users":[{"name":"deploy","user":{"exec":{"apiVersion":"client.authentication.k8s.io/v1","args":["kube-token","deploy","--cluster","demo"],"command":"/usr/bin/aws-connector","installHint":"install it","interactiveMode":"Never","provideClusterInfo":false}}}]}`},
	} {
		after, err := Set([]byte(test.before), deploy, ours, false)
		if err != nil || string(after) != test.after {
			t.Errorf("%s: Set = %v\n%s\nwant\n%s", name, err, after, test.after)
			continue
		}
		again, err := Set(after, deploy, ours, false)
		if err != nil || string(again) != string(after) {
			t.Errorf("%s: again: %v\n%s", name, err, again)
		}
		left, names, _, err := Remove(after, Selection{}, ours)
		if err != nil || len(names) != 1 || strings.Contains(string(left), "deploy") {
			t.Errorf("%s: Remove = %q, %v\n%s", name, names, err, left)
		}
		if strings.Contains(test.before, "old") && string(left) != test.before {
			t.Errorf("%s: what Set did is not undone:\n%s", name, left)
		}
	}
}

func indented(block string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(block, "\n"), "\n", "\n  ") + "\n"
}

// What a person added to an entry stays.
func TestSetAgain(t *testing.T) {
	for _, before := range []string{"", `{
    "kind": "Config",
    "users": [
        {"name": "a", "user": {"token": "}]'"}}
    ]
}
`} {
		text, err := Set([]byte(before), deploy, ours, false)
		if err != nil {
			t.Fatal(err)
		}
		edited := strings.Replace(string(text), "    user: deploy\n", "    user: deploy\n    namespace: kube-system # here\n", 1)
		edited = strings.Replace(edited, `"user": "deploy"`, `"namespace": "kube-system", "user": "deploy"`, 1)
		next := deploy
		next.Server, next.Args = "https://y.eks.example", []string{"kube-token", "other", "--cluster", "demo"}
		after, err := Set([]byte(edited), next, ours, false)
		if err != nil {
			t.Fatalf("%v\n%s", err, edited)
		}
		for _, want := range []string{"kube-system", "https://y.eks.example", "other"} {
			if !strings.Contains(string(after), want) {
				t.Errorf("%s is not in\n%s", want, after)
			}
		}
		if strings.Contains(string(after), "x.eks") || strings.Contains(before, "token") && !strings.Contains(string(after), `{"token": "}]'"}`) {
			t.Errorf("after:\n%s", after)
		}
		left, _, _, err := Remove(after, Selection{Connector: "deploy"}, ours)
		if err != nil || string(left) != string(after) {
			t.Errorf("another connector's was removed: %v", err)
		}
	}
}

func TestConflict(t *testing.T) {
	for _, test := range []struct{ text, kind string }{
		{"clusters:\n- name: deploy\n  cluster: {server: 'https://other'}\n", "cluster"},
		{"contexts:\n- name: deploy\n  context: {cluster: deploy, user: other}\n", "context"},
		{"users:\n- name: deploy\n  user: {token: CANARY}\n", "user"},
		{"users:\n- name: deploy\n  user: {exec: {command: /bin/aws-connector, args: [get, x]}}\n", "user"},
	} {
		var conflict *ConflictError
		if _, err := Set([]byte(test.text), deploy, ours, false); !errors.As(err, &conflict) || conflict.Kind != test.kind {
			t.Errorf("Set of %q = %v, want a conflict", test.text, err)
		}
		after, err := Set([]byte(test.text), deploy, ours, true)
		if err != nil || strings.Contains(string(after), "other") || strings.Contains(string(after), "CANARY") {
			t.Errorf("Set of %q by force = %v\n%s", test.text, err, after)
		}
		left, names, _, err := Remove([]byte(test.text), Selection{}, ours)
		if err != nil || len(names) > 0 || string(left) != test.text {
			t.Errorf("Remove of %q = %v\n%s", test.text, err, left)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{
		"a: b: c", "- a\n", "text", "kind: Config\n---\nkind: Config\n", "kind: Pod\n", "apiVersion: v2\n", "users: *nobody\n", "users: {}\n",
		"users: 3\n", "kind: Config\nkind: Config\n", "x: &u []\nusers: *u\n", "\tkind: Config\n", "users: [CANARY\n",
	} {
		var bad *SyntaxError
		after, err := Set([]byte(text), deploy, ours, false)
		if !errors.As(err, &bad) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("Set of %q = %v\n%s", text, err, after)
		}
	}
}

func TestUse(t *testing.T) {
	for before, want := range map[string]string{
		"":               "apiVersion: v1\nkind: Config\ncurrent-context: deploy\n",
		"kind: Config\n": "kind: Config\ncurrent-context: deploy\n",
		"current-context: old # mine\nusers: []\n": "current-context: deploy # mine\nusers: []\n",
		"current-context: \"a \\\" # b\"\n":        "current-context: deploy\n",
		"current-context: ''\n":                    "current-context: deploy\n",
		"current-context:\nkind: Config\n":         "current-context: deploy\nkind: Config\n",
		"current-context: deploy\n":                "current-context: deploy\n",
		`{"current-context": "x", "users": []}`:    `{"current-context": "deploy", "users": []}`,
		`{}`:                                       "{\n  \"current-context\": \"deploy\"\n}",
	} {
		after, err := Use([]byte(before), "deploy")
		if err != nil || string(after) != want {
			t.Errorf("Use of %q = %q, %v, want %q", before, after, err, want)
		}
	}
	if after, err := Use(nil, "12"); err != nil || !strings.Contains(string(after), `current-context: "12"`) {
		t.Errorf("a name that is a number: %s, %v", after, err)
	}
}

// A cluster that another context names, and a context of another name, stay.
func TestRemoveKeepsWhatIsNamed(t *testing.T) {
	text, err := Set(nil, deploy, ours, false)
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(text), "contexts:\n", "contexts:\n- context: {cluster: deploy, user: admin}\n  name: admin\n", 1)
	left, names, _, err := Remove([]byte(with), Selection{Name: "deploy"}, ours)
	if err != nil || len(names) != 1 || !strings.Contains(string(left), "x.eks.example") || strings.Contains(string(left), "kube-token") || !strings.Contains(string(left), "name: admin") {
		t.Errorf("Remove = %v\n%s", err, left)
	}
}

// kubectl reads YAML 1.1, where these are no strings.
func TestNamesThatAreNoStrings(t *testing.T) {
	for _, name := range []string{"yes", "on", "y", "No", "12", "1e3", "0x1f", "1_000", "1:30", "null", "~", "2026-01-02", "a: b", "# a"} {
		e := deploy
		e.Name, e.Args = name, []string{"kube-token", name}
		after, err := Set(nil, e, ours, false)
		if err == nil {
			after, err = Use(after, name)
		}
		if err != nil || strings.Count(string(after), `"`+name+`"`)+strings.Count(string(after), "'"+name+"'") != 7 {
			t.Errorf("%q: %v\n%s", name, err, after)
		}
	}
}

func TestSelection(t *testing.T) {
	for _, test := range []struct {
		s    Selection
		args string
		want bool
	}{
		{Selection{}, "kube-token", true},
		{Selection{Connector: "a"}, "kube-token a --cluster b", true},
		{Selection{Connector: "b"}, "kube-token a --cluster b", false},
		{Selection{Connector: "a"}, "kube-token --region r --cluster=b a", true},
		{Selection{Cluster: "b"}, "kube-token --region r --cluster=b a", true},
		{Selection{Cluster: "a"}, "kube-token a --cluster b", false},
		{Selection{Name: "other"}, "kube-token a", false},
	} {
		if got := test.s.has("deploy", strings.Fields(test.args)); got != test.want {
			t.Errorf("%+v has %q: %t", test.s, test.args, got)
		}
	}
}
