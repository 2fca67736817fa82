package plain

import (
	"strings"
	"testing"
)

func TestPages(t *testing.T) {
	for text, want := range map[string]string{
		"<!DOCTYPE html><title>Sign\n in\x1b</title>":                      " (\"Sign in\ufffd\")",
		"\ufeff\n<!-- x --><HTML><head><title lang=en> Wi-Fi </title>":     " (\"Wi-Fi\")",
		"<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html></html>": "",
		"<h1>Bad gateway</h1>":                                    "",
		"<html><title></title>":                                   "",
		"<body><title>" + strings.Repeat("x", 100) + "</title>":   " (\"" + strings.Repeat("x", 80) + "\")",
		"<ErrorResponse><Error><Code>AccessDenied</Code></Error>": "none",
		"<?xml version=\"1.0\"?>\n<Response><Errors><Error>":      "none",
		"{\"html\": 1}":           "none",
		"<headline>":              "none",
		"":                        "none",
		"<!-- <html> --><Error/>": "none",
	} {
		got := "none"
		if IsPage([]byte(text)) {
			got = Title([]byte(text))
		}
		if got != want {
			t.Errorf("the title of %q = %q, want %q", text, got, want)
		}
	}
}
