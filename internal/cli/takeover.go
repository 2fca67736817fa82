package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"aws-connector/internal/connector"
	"aws-connector/internal/dockerconfig"
	"aws-connector/internal/dotfile"
)

// takeOver is configure docker for who has amazon-ecr-credential-helper: what names
// stand for, or all that connectors name, and each host that it has and a connector
// claims.
func (a *App) takeOver(ctx context.Context, names, regions []string, e edit) error {
	if e.remove || e.force {
		return &usageError{"--take-over cannot be used with --remove or --force", "--force replaces any other helper of a host; --remove removes our entries and does not restore others"}
	}
	f, err := a.connectors()
	if err != nil {
		return err
	}
	hosts := f.RegistryHosts()
	if len(names)+len(regions) > 0 {
		if hosts, err = a.hosts(ctx, names, regions, false); err != nil {
			return err
		}
	} else {
		a.leftOut(f.ClaimProblems())
	}
	if _, err := findDockerHelper(ctx); err != nil {
		return err
	}
	path, err := dockerConfigPath()
	if err != nil {
		return err
	}
	return a.edit(path, dockerconfig.Outline, e.dryRun, func(file *dotfile.File) (edited, error) {
		claimed, left, err := incumbents(f, file.Text(), names)
		if syntax := (*dockerconfig.SyntaxError)(nil); errors.As(err, &syntax) {
			return edited{}, fmt.Errorf("%s:%w", path, err)
		}
		if err != nil {
			return edited{}, err
		}
		all := slices.Concat(hosts, claimed)
		slices.Sort(all)
		if all = slices.Compact(all); len(all) == 0 {
			return edited{}, &usageError{path + ` has no "ecr-login" for a host that a connector claims`, "add the host, or its account id, to the registries of a connector"}
		}
		r, err := dockerconfig.TakeOver(file.Text(), all)
		out, err := a.toldOf(path, r, err, e)
		for _, host := range left {
			out.told = append(out.told, fmt.Sprintf("%s: ecr-login stays for %q, which no connector claims", path, host))
		}
		return out, err
	})
}

// incumbents are the hosts that ecr-login has: those that connectors claim, and the
// others. Of named ones there are none beside.
func incumbents(f connector.File, text []byte, names []string) (claimed, left []string, err error) {
	hosts, err := dockerconfig.Incumbents(text)
	if err != nil || len(names) > 0 {
		return nil, nil, err
	}
	for _, host := range hosts {
		r, ok := connector.ParseRegistry(host)
		if ok {
			_, ok, err = f.ForRegistry(r)
		}
		if err != nil {
			return nil, nil, err
		}
		if ok {
			claimed = append(claimed, host)
		} else {
			left = append(left, host)
		}
	}
	return claimed, left, nil
}

// toldOf is what is said of an edited config.json, or why it was not edited.
func (a *App) toldOf(path string, r dockerconfig.Result, err error, e edit) (edited, error) {
	var conflict *dockerconfig.ConflictError
	switch {
	case errors.As(err, &conflict) && len(conflict.Entries) > 1:
		for _, c := range conflict.Entries {
			a.say("%s: line %d: the helper of %q is %q", path, c.Line, c.Host, c.Helper)
		}
		return edited{}, &usageError{fmt.Sprintf("%d hosts have another helper, as said above%s", len(conflict.Entries), orTakeOver(conflict, e)), "nothing was changed; --force replaces them"}
	case errors.As(err, &conflict):
		return edited{}, &usageError{fmt.Sprintf("%s: %v%s", path, err, orTakeOver(conflict, e)), "nothing was changed; --force replaces it"}
	case err != nil:
		return edited{}, fmt.Errorf("%s:%w", path, err)
	}
	out := edited{text: r.Config}
	for _, f := range r.Findings {
		out.told = append(out.told, fmt.Sprintf("%s: %s", path, f))
	}
	return out, nil
}

// orTakeOver names the other way, where it would do.
func orTakeOver(conflict *dockerconfig.ConflictError, e edit) string {
	other := func(c dockerconfig.Entry) bool { return c.Helper != dockerconfig.Incumbent }
	if e.takeOver || slices.ContainsFunc(conflict.Entries, other) {
		return ""
	}
	return " (--take-over replaces every ecr-login of a host that connectors claim)"
}
