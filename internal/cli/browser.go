package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/program"
	"aws-connector/internal/secret"
)

// browse opens a URL in the browser chosen, else in the first of $BROWSER, and of
// the system's, that can. No shell reads any of it.
func browse(ctx context.Context, target secret.Text, chosen string) error {
	for _, words := range browsers(chosen) {
		path, err := exec.LookPath(words[0])
		if err == nil {
			err = program.Leave(ctx, path, withURL(words[1:], target.Reveal())...)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return &helper.Error{Text: "no browser could be opened", Advice: "name one with --browser or $BROWSER; without --open the URL is printed"}
}

// browsers are the commands that may open a URL.
func browsers(chosen string) [][]string {
	commands := filepath.SplitList(os.Getenv("BROWSER"))
	if chosen != "" {
		commands = []string{chosen}
	}
	var all [][]string
	for _, command := range commands {
		if words := commandWords(command); len(words) > 0 {
			all = append(all, words)
		}
	}
	switch {
	case chosen != "":
		return all
	case runtime.GOOS == "windows":
		return append(all, []string{"rundll32.exe", "url.dll,FileProtocolHandler"})
	case runtime.GOOS == "darwin":
		return append(all, []string{"/usr/bin/open"})
	}
	return append(all, []string{"xdg-open"}, []string{"wslview"})
}

// commandWords are the words of a command as $BROWSER has it: a path may have
// blanks, and & at the end asks for what is done anyway.
func commandWords(command string) []string {
	command = strings.TrimSuffix(strings.TrimSpace(command), "&")
	if _, err := exec.LookPath(command); err == nil {
		return []string{command}
	}
	return strings.Fields(command)
}

// withURL returns the arguments of a browser with the URL where %s is, else at the end.
func withURL(arguments []string, target string) []string {
	var all []string
	placed := false
	for _, word := range arguments {
		placed = placed || strings.Contains(word, "%s")
		all = append(all, strings.ReplaceAll(word, "%s", target))
	}
	if !placed {
		all = append(all, target)
	}
	return all
}
