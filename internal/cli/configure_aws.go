package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/internal/dotfile"

	"github.com/spf13/cobra"
)

func (a *App) configureAWS() *cobra.Command {
	var e edit
	var profile string
	cmd := &cobra.Command{
		Use:               "aws [NAME…]",
		Short:             "let the AWS CLI and SDKs take their credentials from connectors",
		Long:              configureAWSHelp,
		ValidArgsFunction: a.completeNames(true, connectorNames),
		RunE: func(_ *cobra.Command, names []string) error {
			if profile != "" && len(names) != 1 {
				return &usageError{"--profile names the profile of one connector", "give exactly one NAME"}
			}
			if e.remove {
				return a.removeProfiles(names, profile, e)
			}
			return a.setProfiles(names, profile, e)
		},
	}
	cmd.Flags().StringVar(&profile, "profile", "", "name of the profile; default: the connector's name")
	cmd.Flags().BoolVar(&e.dryRun, "dry-run", false, "show the changes and make none")
	cmd.Flags().BoolVar(&e.remove, "remove", false, "take it out again; of all profiles without a NAME")
	return cmd
}

func (a *App) setProfiles(names []string, profile string, e edit) error {
	f, err := a.connectors()
	if err != nil {
		return err
	}
	program, err := installedPath()
	if err != nil {
		return err
	}
	profiles, err := a.profiles(f, names, profile, program)
	if err != nil {
		return err
	}
	config, err := a.awsConfig()
	if err != nil {
		return err
	}
	credentials, err := awsCredentials()
	if err != nil {
		return err
	}
	r, err := awsconfig.Set(config.Text(), credentials, profiles)
	var refused *awsconfig.RefusedError
	switch {
	case errors.As(err, &refused):
		return &usageError{config.Path() + ": " + err.Error(), "nothing was changed; edit the file, or choose another profile with --profile"}
	case err != nil:
		return fmt.Errorf("%s: %w", config.Path(), err)
	}
	for _, finding := range r.Findings {
		a.say("%s: %s", config.Path(), finding)
	}
	if os.Getenv("AWS_ACCESS_KEY_ID") != "" {
		a.say("AWS_ACCESS_KEY_ID is set: the AWS CLI and most SDKs use it instead of AWS_PROFILE; --profile wins over it")
	}
	return a.replace(config, r.Config, awsconfig.Redact, e.dryRun)
}

// profiles returns what the connectors named, or all that are not broken, are to have.
func (a *App) profiles(f connector.File, names []string, profile, program string) ([]awsconfig.Profile, error) {
	all := len(names) == 0
	if all {
		names = f.Names()
	}
	var profiles []awsconfig.Profile
	for _, name := range names {
		c, err := f.Lookup(name)
		if err != nil && all {
			a.say("left out: %v", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		p := awsconfig.Profile{Name: first(profile, name), Region: c.Region}
		if c.Method == connector.Implicit && p.Name == first(c.Profile, "default") {
			return nil, &usageError{fmt.Sprintf("connector %q starts from profile %q, which would then start from the connector", name, p.Name), "choose another profile with --profile"}
		}
		if p.Command, err = awsconfig.Command(runtime.GOOS, program, "get", name); err != nil {
			return nil, err
		}
		profiles = append(profiles, p)
	}
	if len(profiles) == 0 {
		return nil, &usageError{"there is no connector to make a profile for", "add a table [connectors.NAME] to " + f.Path}
	}
	return profiles, nil
}

func (a *App) removeProfiles(names []string, profile string, e edit) error {
	if profile != "" {
		names = []string{profile}
	}
	config, err := a.awsConfig()
	if err != nil {
		return err
	}
	r := awsconfig.Remove(config.Text(), names, runsUs)
	for _, finding := range r.Findings {
		a.say("%s: %s", config.Path(), finding)
	}
	return a.replace(config, r.Config, awsconfig.Redact, e.dryRun)
}

// awsConfig reads the SDKs' config file, which may not exist yet.
func (a *App) awsConfig() (*dotfile.File, error) {
	where := ambient()
	switch {
	case where.Err != nil:
		return nil, where.Err
	case where.ConfigFile == "":
		return nil, &usageError{fmt.Sprintf("no place for the AWS config file: %v", errNoHome), "set HOME or AWS_CONFIG_FILE"}
	}
	return dotfile.Read(where.ConfigFile)
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
	return file.Text(), nil
}

const programName = "aws-connector"

// runsUs reports whether a credential_process is this program, wherever it was installed then.
func runsUs(command string) bool {
	program, _, ok := strings.Cut(command, " get ")
	program = strings.Trim(program, `"' `)
	name := program[strings.LastIndexAny(program, `/\`)+1:]
	return ok && strings.TrimSuffix(name, ".exe") == programName
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
