package shell

import (
	"fmt"
	"strings"

	"aws-connector/internal/secret"
)

// Mask returns the command by which a step of GitHub Actions has value taken out of
// its log. https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
func Mask(value secret.Text) string {
	escaped := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(value.Reveal())
	return "::add-mask::" + escaped + "\n"
}

// GitHubFile returns what sets the variables for later steps, once it is at the end of the file
// that $GITHUB_ENV names. mark is a random word, which no value has.
func GitHubFile(set []Variable, mark string) string {
	var b strings.Builder
	for _, v := range set {
		fmt.Fprintf(&b, "%s<<%s\n%s\n%[2]s\n", v.Name, mark, v.Value.Reveal())
	}
	return b.String()
}
