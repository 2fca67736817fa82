package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/dotfile"
	"aws-connector/internal/kubeconfig"
	"aws-connector/internal/resource"

	"github.com/spf13/cobra"
)

// kubeEdit is what the flags of configure kube say.
type kubeEdit struct {
	edit
	cluster cluster
	context string
	use     bool
}

func (a *App) configureKube() *cobra.Command {
	var e kubeEdit
	cmd := &cobra.Command{
		Use:               "kube [NAME]",
		Short:             "let kubectl get its tokens from a connector",
		Long:              configureKubeHelp,
		Args:              atMostOne("connector"),
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := e.cluster.check(cmd); err != nil {
				return err
			}
			if f := cmd.Flags().Lookup("context"); f.Changed && e.context == "" {
				return &usageError{"flag --context is empty", "give it a value, or leave it out for the connector's name"}
			}
			if strings.ContainsFunc(e.context, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(e.context) {
				return &usageError{fmt.Sprintf("--context %q is not a name", e.context), "use letters, digits and punctuation"}
			}
			if e.remove {
				return a.removeContexts(args, e)
			}
			return a.setContext(cmd.Context(), args, e)
		},
	}
	e.cluster.flags(cmd)
	cmd.Flags().StringVar(&e.context, "context", "", "`NAME` of the context, cluster and user")
	cmd.Flags().BoolVar(&e.use, "use", false, "make it the current context")
	cmd.Flags().BoolVar(&e.dryRun, "dry-run", false, "show the changes without making them")
	cmd.Flags().BoolVar(&e.remove, "remove", false, "remove the entries: all, or those of NAME")
	cmd.Flags().BoolVar(&e.force, "force", false, "replace entries that another program made")
	cmd.MarkFlagsMutuallyExclusive("use", "remove")
	return cmd
}

func (a *App) setContext(ctx context.Context, args []string, e kubeEdit) error {
	h, err := a.open()
	if err != nil {
		return err
	}
	c, of, err := e.cluster.find(h.Connectors, args)
	if err != nil {
		return err
	}
	program, err := installedPath()
	if err != nil {
		return err
	}
	files, err := kubeconfigs()
	if err != nil {
		return err
	}
	entry := kubeEntry(h.Connectors, c, of, program)
	entry.Name = first(e.context, entry.Name)
	path, err := kubeconfigFor(files, entry.Name)
	if err != nil {
		return err
	}
	k, err := resource.Describe(ctx, h, c, of.Name, of.Region)
	if err != nil {
		return fmt.Errorf("connector %q: %w", c.Name, err)
	}
	entry.Server, entry.CA = k.Endpoint, k.CertificateAuthority.Data
	// The first file with a current context is the one whose it is.
	current := path
	if i := slices.IndexFunc(files, func(file string) bool { return currentContext(file) != "" }); e.use && i >= 0 {
		current = files[i]
	}
	err = a.editKubeconfig(path, e, func(text []byte) ([]byte, error) {
		after, err := kubeconfig.Set(text, entry, isProgram, e.force)
		if err == nil && e.use && current == path {
			after, err = kubeconfig.Use(after, entry.Name)
		}
		return after, err
	})
	if err == nil && e.use && current != path {
		err = a.editKubeconfig(current, e, func(text []byte) ([]byte, error) { return kubeconfig.Use(text, entry.Name) })
	}
	if err == nil && !e.use && currentContext(files...) != entry.Name {
		a.say("the current context has not changed: kubectl --context %s, or kubectl config use-context %s", entry.Name, entry.Name)
	}
	return err
}

// kubeEntry returns what kubectl needs to run program for tokens, but for where the
// cluster is.
func kubeEntry(f connector.File, c connector.Connector, of helper.Cluster, program string) kubeconfig.Entry {
	e := kubeconfig.Entry{Name: c.Name, Command: program, Args: []string{"kube-token", c.Name, "--cluster", of.Name}, Interactive: "Never"}
	if of.Name != c.Cluster() || of.Region != c.Region {
		e.Name += "@" + of.Name
	}
	if of.Region != c.Region {
		e.Args = append(e.Args, "--region", of.Region)
	}
	e.InstallHint = "install aws-connector, then run `aws-connector configure kube " + c.Name + " --cluster " + of.Name + "`"
	for _, name := range f.Chain(c.Name) {
		if link, err := f.Lookup(name); err == nil && link.MFASerial != "" {
			e.Interactive = "IfAvailable"
		}
	}
	return e
}

// kubeconfigFor returns which of files is to have the entries called name, as
// kubectl decides: the one that has them, else the first that exists, else the last.
func kubeconfigFor(files []string, name string) (string, error) {
	chosen, exists := files[len(files)-1], false
	for _, path := range files {
		file, err := dotfile.Read(path)
		if err != nil {
			return "", err
		}
		if !file.Exists() {
			continue
		}
		has, err := kubeconfig.Has(file.Text(), name)
		if err != nil {
			return "", kubeconfigError(path, err)
		}
		if has {
			return path, nil
		}
		if !exists {
			chosen, exists = path, true
		}
	}
	return chosen, nil
}

// currentContext returns the one that kubectl finds in files, empty for none.
func currentContext(files ...string) string {
	for _, path := range files {
		file, err := dotfile.Read(path)
		if err != nil {
			continue
		}
		if name, err := kubeconfig.Current(file.Text()); err == nil && name != "" {
			return name
		}
	}
	return ""
}

func (a *App) removeContexts(args []string, e kubeEdit) error {
	s := kubeconfig.Selection{Name: e.context, Cluster: e.cluster.name}
	if _, name, ok := strings.Cut(s.Cluster, ":cluster/"); ok {
		s.Cluster = name // the entries have it from the ARN
	}
	if len(args) > 0 {
		s.Connector = args[0]
	}
	files, err := kubeconfigs()
	if err != nil {
		return err
	}
	for _, path := range files {
		if _, err := os.Lstat(path); err != nil && len(files) > 1 {
			continue
		}
		var gone []string
		err := a.edit(path, outlineKube, e.dryRun, func(file *dotfile.File) (edited, error) {
			after, names, left, err := kubeconfig.Remove(file.Text(), s, isProgram)
			out := edited{text: after}
			if gone = names; left > 0 {
				out.unchanged = "nothing was changed: none of these, but others, run " + programName
			}
			return out, kubeconfigError(file.Path(), err)
		})
		if err != nil {
			return err
		}
		if current := currentContext(files...); !e.dryRun && slices.Contains(gone, current) {
			a.say("the current context is still %s, which is gone: kubectl config use-context NAME, or kubectl config unset current-context", current)
		}
	}
	return nil
}

func (a *App) editKubeconfig(path string, e kubeEdit, change func([]byte) ([]byte, error)) error {
	return a.edit(path, outlineKube, e.dryRun, func(file *dotfile.File) (edited, error) {
		text, err := change(file.Text())
		return edited{text: text}, kubeconfigError(file.Path(), err)
	})
}

func outlineKube(text []byte) []byte { return kubeconfig.Outline(text, isProgram) }

// kubeconfigError is err with the file's path and what to do.
func kubeconfigError(path string, err error) error {
	var conflict *kubeconfig.ConflictError
	var syntax *kubeconfig.SyntaxError
	switch {
	case errors.As(err, &conflict):
		return &usageError{fmt.Sprintf("%s: %v", path, err), "nothing was changed; --context gives it another name, --force replaces it"}
	case errors.As(err, &syntax):
		return &usageError{fmt.Sprintf("%s: %v", path, err), syntax.Hint()}
	}
	return err
}
