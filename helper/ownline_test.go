package helper

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"aws-connector/internal/awsconfig"
)

func TestOwnConnector(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the lines are of a POSIX shell")
	}
	dir := t.TempDir()
	self, other := filepath.Join(dir, "my programs", "aws-connector"), filepath.Join(dir, "other")
	if err := os.Mkdir(filepath.Dir(self), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{self, other} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"aws-connector": self, "connector": self, "docker-credential-ecr": self} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("NAME", "a")
	t.Chdir(dir)
	for line, want := range map[string]string{
		`aws-connector get a`:                            "a",
		"  aws-connector \t get  a ":                     "a",
		dir + `/connector get a`:                         "a",
		`./connector get a`:                              "a",
		`"` + self + `" get a`:                           "a",
		`'` + self + `' get 'a'`:                         "a",
		dir + `/my\ programs/aws-connector get a`:        "a",
		dir + `/"my programs"/aws-connector get a.b_c-d`: "a.b_c-d",
		`aws-connector get -v a`:                         "a",
		`aws-connector get a -v`:                         "a",
		`aws-connector -v get a`:                         "a",
		`aws-connector get --verbose a`:                  "a",
		`aws-connector get --verbose=true -v=false a`:    "a",
		`aws-connector get -- a`:                         "a",
		`aws-connector get "a"`:                          "a",

		``:                                    "",
		`aws-connector`:                       "",
		`aws-connector get`:                   "",
		`aws-connector get ""`:                "",
		`aws-connector get -v`:                "",
		`aws-connector get --`:                "",
		`aws-connector get a b`:               "",
		`aws-connector get --other a`:         "",
		`aws-connector get --verbose=maybe a`: "",
		`aws-connector get -vx a`:             "",
		`aws-connector get -- -v`:             "",
		`aws-connector docker get a`:          "",
		`aws-connector show a`:                "",
		`other get a`:                         "",
		`absent get a`:                        "",
		`docker-credential-ecr get a`:         "",
		self + ` get a`:                       "",
		`aws-connector get a || other`:        "",
		`aws-connector get a||other`:          "",
		`aws-connector get a; other`:          "",
		`aws-connector get a;other`:           "",
		`aws-connector get a | other`:         "",
		`aws-connector get a && other`:        "",
		`aws-connector get a &`:               "",
		`aws-connector get $NAME`:             "",
		`aws-connector get "$NAME"`:           "",
		"aws-connector get `other`":           "",
		`aws-connector get $(other)`:          "",
		`aws-connector get a 2>/dev/null`:     "",
		`aws-connector get a >file`:           "",
		`aws-connector get a # b`:             "",
		`aws-connector get [a]`:               "",
		`aws-connector get a*`:                "",
		`aws-connector get "a b"`:             "",
		`aws-connector get "a`:                "",
		`aws-connector get a\`:                "",
		"aws-connector get a\nother":          "",
		`NAME=b aws-connector get a`:          "",
		`X=aws-connector get a`:               "",
		`~/aws-connector get a`:               "",
		`(aws-connector get a)`:               "",
		`exec aws-connector get a`:            "",
		`env NAME=b aws-connector get a`:      "",
		"aws-connector get a\x00b":            "",
		"aws-connector get a\u00a0b":          "",
	} {
		args, _ := awsconfig.Split(runtime.GOOS, line)
		if got, ok := ownGet(args, self); got != (awsconfig.Get{Connector: want}) || ok != (want != "") {
			t.Errorf("ownGet(%q) = %+v, %t, want %q", args, got, ok, want)
		}
	}
	if got, ok := ownGet([]string{"aws-connector", "get", "a"}, ""); ok {
		t.Errorf("ownGet without a path of our own = %+v, want none", got)
	}
	args := []string{"aws-connector", "get", "--resource-type=s3-bucket", "a", "--resource-id", "b"}
	if got, ok := ownGet(args, self); got != (awsconfig.Get{Connector: "a", ResourceType: "s3-bucket", ResourceID: "b"}) || !ok {
		t.Errorf("ownGet(%q) = %+v, %t", args, got, ok)
	}
	for _, flag := range []string{"--resource-type=", "--resource-type", "--scope=", "--resource"} {
		if got, ok := ownGet([]string{"aws-connector", "get", "a", flag}, self); ok {
			t.Errorf("ownGet with %s = %+v, want none", flag, got)
		}
	}
}
