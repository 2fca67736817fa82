package awsconfig

import (
	"errors"
	"testing"
)

func TestCommand(t *testing.T) {
	for _, c := range []struct{ goos, program, want string }{
		{"linux", "/usr/local/bin/aws-connector", "/usr/local/bin/aws-connector get x"},
		{"linux", "aws-connector", "aws-connector get x"},
		{"darwin", "/Users/José/bin/aws-connector", "/Users/José/bin/aws-connector get x"},
		{"darwin", "/Applications/My Tools (new)/aws-connector", `/Applications/My\ Tools\ \(new\)/aws-connector get x`},
		{"linux", "/a%b,c@d:e+f/aws-connector", "/a%b,c@d:e+f/aws-connector get x"},
		{"linux", "/~/x", `/\~/x get x`},
		{"windows", `C:\Tools\aws-connector.exe`, `C:\Tools\aws-connector.exe get x`},
		{"windows", `C:\PROGRA~1\aws-connector.exe`, `C:\PROGRA~1\aws-connector.exe get x`},
		{"windows", `\\server\tools\aws-connector.exe`, `\\server\tools\aws-connector.exe get x`},
		{"windows", "aws-connector.exe", "aws-connector.exe get x"},
	} {
		got, err := Command(c.goos, c.program, "get", "x")
		if err != nil || got != c.want {
			t.Errorf("Command(%s, %s) = %s, %v, want %s", c.goos, c.program, got, err, c.want)
		}
		if back, ok := ParseProcess(got, func(p string) bool { return p == c.program }); !ok || back.Connector != "x" || !back.Plain {
			t.Errorf("ParseProcess(%s) = %+v, %t", got, back, ok)
		}
		if err := (Profile{"x", got, ""}).check(); err != nil {
			t.Errorf("Command(%s, %s) = %s: %v", c.goos, c.program, got, err)
		}
	}
	for goos, programs := range map[string][]string{
		"linux":   {"", "./x", "bin/x", "~/x", "-x", "a b", "/a\"b", "/a'b", "/a$b", "/a`b", `/a\b`, "/a;b", "/a#b", "/a\nb", "/a\tb", "/a*", "/a|b", "/a\x00", "/a\u00a0b", "/a\xff"},
		"windows": {"", `.\x`, `bin\x`, `C:x`, "x:", `\x`, "-x", `C:\Program Files\x.exe`, `C:\a%b`, `C:\a&b`, `C:\a^b`, `C:\a(b`, `C:\a,b`, `C:\a;b`, `C:\José\x`, `C:\a"b`, `C:\a:b`, `C:/a/b`},
	} {
		for _, p := range programs {
			got, err := Command(goos, p, "get", "x")
			var bad *PathError
			if !errors.As(err, &bad) || bad.Hint() == "" {
				t.Errorf("Command(%s, %q) = %s, %v, want a PathError", goos, p, got, err)
			}
		}
	}
	for _, args := range [][]string{nil, {"get", ""}, {"a b"}, {"a;b"}, {"a#"}, {"$x"}, {`"x"`}, {"é"}} {
		if got, err := Command("linux", "x", args...); err == nil {
			t.Errorf("Command(linux, x, %q) = %s, want an error", args, got)
		}
	}
}
