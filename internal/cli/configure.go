package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"aws-connector/internal/dockerconfig"
	"aws-connector/internal/dotfile"

	"github.com/spf13/cobra"
)

func (a *App) configure() *cobra.Command {
	cmd := &cobra.Command{Use: "configure", Short: "set up Docker, kubectl or the AWS CLI to use connectors", Long: configureHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.configureAWS(), a.configureDocker(), a.configureKube())
	return cmd
}

// edit is what the flags of a configure command say.
type edit struct{ dryRun, remove, force, takeOver bool }

func (a *App) configureDocker() *cobra.Command {
	var e edit
	var regions []string
	cmd := &cobra.Command{
		Use:               "docker [NAME…]",
		Short:             "let Docker log in to ECR with connectors",
		Long:              configureDockerHelp,
		ValidArgsFunction: a.completeNames(true, connectorNames),
		RunE: func(cmd *cobra.Command, names []string) error {
			if e.takeOver {
				return a.takeOver(cmd.Context(), names, regions, e)
			}
			hosts, err := a.hosts(cmd.Context(), names, regions, e.remove)
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
	cmd.Flags().StringSliceVar(&regions, "region", nil, "the account's hosts in this `REGION` too")
	cmd.Flags().BoolVar(&e.dryRun, "dry-run", false, "show the changes without making them")
	cmd.Flags().BoolVar(&e.remove, "remove", false, "remove the entries: all, or those of NAME")
	cmd.Flags().BoolVar(&e.force, "force", false, "replace the helper that a host uses now")
	cmd.Flags().BoolVar(&e.takeOver, "take-over", false, "replace ecr-login where a connector answers for the host")
	return cmd
}

// findDockerHelper sees that Docker will find this program under the helper's
// name, and returns its version.
func findDockerHelper(ctx context.Context) (string, error) {
	const name, patience = dockerPrefix + dockerconfig.Helper, 5 * time.Second
	const advice = "./install.sh makes the link " + name + " next to aws-connector; its directory must be on Docker's PATH too"
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
	change := func(text []byte) (dockerconfig.Result, error) { return dockerconfig.Add(text, hosts, e.force) }
	if e.remove {
		change = func(text []byte) (dockerconfig.Result, error) { return dockerconfig.Remove(text, hosts) }
	}
	return a.edit(path, dockerconfig.Outline, e.dryRun, func(file *dotfile.File) (edited, error) {
		r, err := change(file.Text())
		out, err := a.toldOf(path, r, err, e)
		if err != nil {
			return out, err
		}
		if left, err := dockerconfig.Remove(file.Text(), nil); e.remove && err == nil && len(left.Hosts) > 0 {
			out.unchanged = "nothing was changed: Docker asks aws-connector for other hosts, but none of these"
		}
		return out, nil
	})
}

// edited is what a command makes of a person's file.
type edited struct {
	text []byte
	// told are lines about what is beside.
	told []string
	// unchanged is said where there is nothing to change, if the file is not as it should be.
	unchanged string
}

// edit changes a person's file, and shows what changes.
func (a *App) edit(path string, show func([]byte) []byte, dryRun bool, change func(*dotfile.File) (edited, error)) error {
	var before *dotfile.File
	var after edited
	apply := func(file *dotfile.File) (text []byte, err error) {
		before = file
		after, err = change(file)
		return after.text, err
	}
	var err error
	if dryRun {
		if before, err = dotfile.Read(path); err == nil {
			_, err = apply(before)
		}
		if err == nil && !bytes.Equal(before.Text(), after.text) {
			err = before.MayReplace()
		}
	} else {
		err = dotfile.Edit(path, apply)
	}
	if err != nil {
		return err
	}
	for _, line := range after.told {
		a.say("%s", line)
	}
	if bytes.Equal(before.Text(), after.text) {
		said := " is already up to date; nothing was changed"
		if after.unchanged != "" {
			said = ": " + after.unchanged
		}
		a.say("%s%s", before.Path(), said)
		return nil
	}
	// It is for a person to read: Docker indents by tabs, which paths may have too.
	diff := strings.ReplaceAll(dotfile.Diff(before.Path(), before.Text(), after.text, show), "\t", "    ")
	if _, err := io.WriteString(a.Stdout, screenOf(a.Stdout).diff(diff)); err != nil {
		return err
	}
	if dryRun {
		a.say("nothing was written (--dry-run)")
		return nil
	}
	a.say("wrote %s", before.Path())
	return nil
}
