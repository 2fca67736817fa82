package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/internal/dotfile"

	"github.com/spf13/cobra"
)

func (a *App) configureAWS() *cobra.Command {
	var e edit
	var profile string
	var narrow narrowing
	cmd := &cobra.Command{
		Use:               "aws [NAME…]",
		Short:             "let the AWS CLI and SDKs get credentials from connectors",
		Long:              configureAWSHelp,
		ValidArgsFunction: a.completeNames(true, connectorNames),
		RunE: func(_ *cobra.Command, names []string) error {
			if profile != "" && len(names) != 1 && !e.remove {
				return &usageError{"--profile works for one connector at a time", "give exactly one NAME"}
			}
			if e.remove {
				return a.removeProfiles(names, profile, &narrow, e)
			}
			return a.setProfiles(names, profile, &narrow, e)
		},
	}
	cmd.Flags().StringVar(&profile, "profile", "", "`PROFILE` to write (default: NAME, or NAME@TYPE/ID)")
	cmd.Flags().BoolVar(&e.dryRun, "dry-run", false, "show the changes without making them")
	cmd.Flags().BoolVar(&e.remove, "remove", false, "undo this for all profiles, or those that run NAME")
	cmd.Flags().BoolVar(&e.force, "force", false, "replace another program's credential_process")
	narrow.flags(cmd)
	return cmd
}

func (a *App) setProfiles(names []string, profile string, narrow *narrowing, e edit) error {
	f, err := a.connectors()
	if err == nil {
		f, err = narrow.apply(f, names...)
	}
	if err != nil {
		return err
	}
	a.warn(doubted(f, names, narrow))
	program, err := installedPath()
	if err != nil {
		return err
	}
	profiles, err := a.profiles(f, names, profile, narrow, program)
	if err != nil {
		return err
	}
	path, err := awsConfigPath()
	if err != nil {
		return err
	}
	if os.Getenv("AWS_ACCESS_KEY_ID") != "" {
		a.say("AWS_ACCESS_KEY_ID is set: the AWS CLI and most SDKs use it instead of AWS_PROFILE; --profile wins over it")
	}
	return a.edit(path, outlineAWS, e.dryRun, func(config *dotfile.File) (edited, error) {
		credentials, err := awsCredentials()
		if err != nil {
			return edited{}, err
		}
		r, err := awsconfig.Set(config.Text(), credentials, profiles, awsconfig.Options{Ours: isProgram, Force: e.force})
		return edited{text: r.Config, told: told(config, r.Findings)}, a.awsConfigError(config, err)
	})
}

// awsConfigError is err with the file's path and what to do. Of several reasons each
// is said, in a line of its own.
func (a *App) awsConfigError(config *dotfile.File, err error) error {
	var refused *awsconfig.RefusedError
	if errors.As(err, &refused) {
		advice := "nothing was changed; edit the file, or choose another profile with --profile"
		if !slices.ContainsFunc(refused.Findings, func(f awsconfig.Finding) bool { return f.Kind != awsconfig.OtherProcess }) {
			advice = "nothing was changed; --force replaces it, --profile chooses another profile"
		}
		lines := told(config, refused.Findings)
		if len(lines) == 1 {
			return &usageError{lines[0], advice}
		}
		for _, line := range lines {
			a.say("%s", line)
		}
		return &usageError{fmt.Sprintf("%d things in these files are in the way, as said above", len(lines)), advice}
	}
	if bad := checkText(config); bad != nil {
		return bad
	}
	if err != nil {
		return fmt.Errorf("%s: %w", config.Path(), err)
	}
	return nil
}

// checkText refuses a file that cannot be read line by line as its readers do.
func checkText(file *dotfile.File) error {
	err := awsconfig.Check(file.Text())
	var bad interface {
		error
		Hint() string
	}
	if errors.As(err, &bad) {
		return &usageError{file.Path() + ": " + bad.Error(), bad.Hint()}
	}
	return err
}

func told(file *dotfile.File, findings []awsconfig.Finding) []string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, f.In(file.Path(), ambient().CredentialsFile))
	}
	return lines
}

func outlineAWS(text []byte) []byte { return awsconfig.Outline(text, isProgram) }

// profiles returns what the connectors named, or all that are not broken, are to have.
func (a *App) profiles(f connector.File, names []string, profile string, narrow *narrowing, program string) ([]awsconfig.Profile, error) {
	all := len(names) == 0
	if all {
		names = f.Names()
	}
	var profiles []awsconfig.Profile
	for _, name := range names {
		c, err := f.Lookup(name)
		if err != nil && all {
			a.leftOut([]error{err})
			continue
		}
		if err != nil {
			return nil, err
		}
		p := awsconfig.Profile{Name: first(profile, label(name, c.Narrowing())), Region: c.Region}
		if startsFrom(f, c, p.Name) {
			return nil, &usageError{fmt.Sprintf("connector %q starts from profile %q, which would then start from the connector", name, p.Name), "choose another profile with --profile"}
		}
		if p.Command, err = awsconfig.Command(runtime.GOOS, program, narrow.asked(c).Arguments()...); err != nil {
			return nil, err
		}
		profiles = append(profiles, p)
	}
	if len(profiles) == 0 {
		return nil, &usageError{"there is no connector to make a profile for", "add a table [connectors.NAME] to " + f.Path}
	}
	return profiles, nil
}

// startsFrom reports whether c, or a connector that it starts from, starts from the profile.
func startsFrom(f connector.File, c connector.Connector, profile string) bool {
	return slices.ContainsFunc(f.Chain(c.Name), func(name string) bool {
		link, err := f.Lookup(name)
		return err == nil && link.Method == connector.Implicit && profile == first(link.Profile, "default")
	})
}

func (a *App) removeProfiles(names []string, profile string, narrow *narrowing, e edit) error {
	path, err := awsConfigPath()
	if err != nil {
		return err
	}
	selected := awsconfig.Selection{Connectors: names, Profile: profile}
	if narrow.given() {
		if selected.Narrowed, err = a.narrowed(names, narrow); err != nil {
			return err
		}
	}
	return a.edit(path, outlineAWS, e.dryRun, func(config *dotfile.File) (edited, error) {
		r, err := awsconfig.Remove(config.Text(), selected, isProgram)
		out := edited{text: r.Config, told: told(config, r.Findings)}
		if r.Left > 0 {
			out.unchanged = "nothing was changed: " + nothingOf(selected)
		}
		return out, a.awsConfigError(config, err)
	})
}

// narrowed returns what the profiles of the connectors ask for that are narrowed so.
func (a *App) narrowed(names []string, narrow *narrowing) ([]awsconfig.Get, error) {
	f, err := a.connectors()
	if err == nil {
		f, err = narrow.apply(f, names...)
	}
	if err != nil {
		return nil, err
	}
	var all []awsconfig.Get
	for _, name := range names {
		c, err := f.Lookup(name)
		if err != nil {
			return nil, err
		}
		all = append(all, narrow.asked(c))
	}
	return all, nil
}

// nothingOf says that nothing which was selected is there, though other profiles
// run this program.
func nothingOf(s awsconfig.Selection) string {
	what := programName
	if len(s.Connectors) > 0 {
		what = fmt.Sprintf("connector %q", s.Connectors[0])
	}
	if len(s.Connectors) > 1 {
		what = "any of these connectors"
	}
	if s.Profile != "" {
		return fmt.Sprintf("profile %q does not run %s", s.Profile, what)
	}
	return "no profile runs " + what + " in a line that can be removed"
}

// awsConfigPath is where the SDKs' config file lies, which may not exist yet.
func awsConfigPath() (string, error) {
	where := ambient()
	switch {
	case where.Err != nil:
		return "", where.Err
	case where.ConfigFile == "":
		return "", &usageError{fmt.Sprintf("no place for the AWS config file: %v", errNoHome), "set HOME or AWS_CONFIG_FILE"}
	}
	return where.ConfigFile, nil
}

// awsCredentials is what is in the SDKs' credentials file.
func awsCredentials() ([]byte, error) {
	path := ambient().CredentialsFile
	if path == "" {
		return nil, nil
	}
	file, err := dotfile.Read(path)
	if err != nil {
		return nil, err
	}
	return file.Text(), checkText(file)
}

const programName = "aws-connector"

// isProgram reports whether a path or name is this program's, wherever it was
// installed then and whatever it is called now.
func isProgram(program string) bool {
	name := program[strings.LastIndexAny(program, `/\`)+1:]
	if strings.TrimSuffix(name, ".exe") == programName {
		return true
	}
	self, err := os.Executable()
	return err == nil && filepath.IsAbs(program) && sameFile(program, self)
}

// installedPath returns the path by which others can run this program
// tomorrow: the one on the PATH, which a new version will have too, rather
// than what it links to.
func installedPath() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	found, err := exec.LookPath(programName)
	if err == nil {
		if abs, err := filepath.Abs(found); err == nil && sameFile(abs, self) {
			return abs, nil
		}
	}
	if rel, err := filepath.Rel(os.TempDir(), self); err == nil && filepath.IsLocal(rel) {
		return "", &usageError{self + " is in a directory for temporary files", "install the program first: ./install.sh"}
	}
	return self, nil
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
