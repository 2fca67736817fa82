package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/dockerconfig"
	"aws-connector/internal/dotfile"

	"github.com/spf13/cobra"
)

func (a *App) configure() *cobra.Command {
	cmd := &cobra.Command{Use: "configure", Short: "edit the configuration of clients", Long: configureHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.configureAWS(), a.configureDocker())
	return cmd
}

// edit is what the flags of a configure command say.
type edit struct{ dryRun, remove, force bool }

func (a *App) configureDocker() *cobra.Command {
	var e edit
	cmd := &cobra.Command{
		Use:               "docker [NAME…]",
		Short:             "let Docker ask aws-connector for the registries of ECR",
		Long:              configureDockerHelp,
		ValidArgsFunction: a.completeNames(true, connectorNames),
		RunE: func(cmd *cobra.Command, names []string) error {
			hosts, err := a.hosts(names, e.remove)
			if err != nil {
				return err
			}
			if !e.remove {
				if _, err := findDockerHelper(cmd.Context()); err != nil {
					return err
				}
			}
			return a.editDockerConfig(hosts, e)
		},
	}
	cmd.Flags().BoolVar(&e.dryRun, "dry-run", false, "show the changes and make none")
	cmd.Flags().BoolVar(&e.remove, "remove", false, "take the entries out again; of all hosts without a NAME")
	cmd.Flags().BoolVar(&e.force, "force", false, "replace another credential helper of a host")
	return cmd
}

// hosts returns the registry hosts that names stand for: connectors, or hosts
// themselves. To remove, no name is every host, for which it returns none.
func (a *App) hosts(names []string, remove bool) ([]string, error) {
	if remove && len(names) == 0 {
		return nil, nil
	}
	f, err := a.connectors()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		hosts := f.RegistryHosts()
		if len(hosts) == 0 {
			return nil, &usageError{"no connector names a registry of ECR", `add registries = ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"] to one, or name the host: aws-connector configure docker HOST`}
		}
		return hosts, nil
	}
	var hosts []string
	for _, name := range names {
		more, err := hostsOf(f, name, remove)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, more...)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), nil
}

// hostsOf returns the hosts that name stands for.
func hostsOf(f connector.File, name string, remove bool) ([]string, error) {
	if r, ok := connector.ParseRegistry(strings.ToLower(name)); ok {
		_, claimed, err := f.ForRegistry(r)
		if !claimed && !remove {
			return nil, &usageError{"no connector claims registry " + r.Host, "add it, or its account id, to the registries of one"}
		}
		if remove {
			err = nil
		}
		return []string{r.Host}, err
	}
	if _, err := f.Lookup(name); err != nil {
		return nil, err
	}
	hosts := f.RegistryHosts(name)
	if len(hosts) == 0 {
		return nil, &usageError{fmt.Sprintf("connector %q names no registry by its host", name),
			"Docker looks helpers up by host: name it, aws-connector configure docker HOST"}
	}
	return hosts, nil
}

// findDockerHelper sees that Docker will find this program under the helper's
// name, and returns its version.
func findDockerHelper(ctx context.Context) (string, error) {
	const name, patience = dockerPrefix + dockerconfig.Helper, 5 * time.Second
	const advice = "./install.sh makes the link " + name + " beside aws-connector; its directory must be on the PATH of Docker too"
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &usageError{name + " is not on the PATH", advice}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := output(ctx, path, "version")
	if err != nil {
		return "", &usageError{fmt.Sprintf("%s does not run: %v", path, err), advice}
	}
	version, ours := strings.CutPrefix(out, name+" (aws-connector) ")
	if !ours {
		return "", &usageError{path + " is another program", "remove or rename it, or put the directory of aws-connector before it on the PATH"}
	}
	return strings.TrimSpace(version), nil
}

func (a *App) editDockerConfig(hosts []string, e edit) error {
	path, err := dockerConfigPath()
	if err != nil {
		return err
	}
	file, err := dotfile.Read(path)
	if err != nil {
		return err
	}
	change := func() (dockerconfig.Result, error) { return dockerconfig.Add(file.Text(), hosts, e.force) }
	if e.remove {
		change = func() (dockerconfig.Result, error) { return dockerconfig.Remove(file.Text(), hosts) }
	}
	r, err := change()
	var conflict *dockerconfig.ConflictError
	switch {
	case errors.As(err, &conflict):
		return &usageError{fmt.Sprintf("%s: %v", path, err), "nothing was changed; --force replaces it"}
	case err != nil:
		return fmt.Errorf("%s:%w", path, err)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(a.Stderr, "%s: %s\n", path, f)
	}
	return a.replace(file, r.Config, dockerconfig.Redact, e.dryRun)
}

// replace shows what changes in a person's file, and changes it.
func (a *App) replace(file *dotfile.File, text []byte, redact func([]byte) []byte, dryRun bool) error {
	if bytes.Equal(file.Text(), text) {
		_, err := fmt.Fprintf(a.Stderr, "%s is as it should be; nothing was changed\n", file.Path())
		return err
	}
	if _, err := fmt.Fprint(a.Stdout, dotfile.Diff(file.Path(), file.Text(), text, redact)); err != nil {
		return err
	}
	if dryRun {
		_, err := fmt.Fprintln(a.Stderr, "nothing was written (--dry-run)")
		return err
	}
	if err := file.Replace(text); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.Stderr, "wrote %s\n", file.Path())
	return err
}

// dockerConfigPath is where Docker, podman, skopeo, crane and oras look for config.json.
func dockerConfigPath() (string, error) {
	dir := os.Getenv("DOCKER_CONFIG")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", &usageError{fmt.Sprintf("no place for Docker's config.json: %v", err), "set HOME or DOCKER_CONFIG"}
		}
		dir = filepath.Join(home, ".docker")
	}
	return filepath.Abs(filepath.Join(dir, "config.json"))
}
