package cli

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/console"
	"aws-connector/internal/secret"

	"github.com/spf13/cobra"
)

const consoleAction = "console"

func (a *App) console() *cobra.Command {
	var narrow narrowing
	var page console.Page
	var duration, browser string
	var open bool
	cmd := &cobra.Command{
		Use:               "console NAME",
		Annotations:       map[string]string{asks: "for the MFA code"},
		Short:             "sign in to the AWS console as a connector",
		Long:              consoleHelp,
		Args:              oneName("connector"),
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if cmd.Flags().Changed("duration") {
				if page.Duration, err = lasting(duration); err != nil {
					return err
				}
			}
			if cmd.Flags().Changed("service") && !console.ValidService(page.Service) {
				return &usageError{text: "flag --service does not take that value", advice: "it is the first part of a page's path, such as s3, ec2 or cloudwatch"}
			}
			a.does = open || browser != ""
			target, err := a.signIn(cmd.Context(), &narrow, args[0], page)
			switch {
			case err != nil:
				return err
			case a.does:
				return browse(cmd.Context(), target, browser)
			}
			if _, err = fmt.Fprintln(a.Stdout, target.Reveal()); err != nil {
				return err
			}
			a.warnOnScreen("this URL signs in to AWS: whoever sees this screen or a log of it can use it for 15 minutes; --open opens it without printing it")
			return nil
		},
	}
	cmd.Flags().StringVar(&page.Service, "service", "", "open the page of `SERVICE`, such as s3")
	cmd.Flags().StringVar(&duration, "duration", "", "keep the console open for this `TIME`: 1h, 3600")
	cmd.Flags().BoolVar(&open, "open", false, "open the URL in a browser instead of printing it")
	cmd.Flags().StringVar(&browser, "browser", "", "`PROGRAM` to open it with")
	// It fails only for a flag that is not there.
	_ = cmd.RegisterFlagCompletionFunc("browser", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault))
	narrow.flags(cmd)
	return cmd
}

// lasting reads a duration, which may be a number of seconds.
func lasting(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if seconds, plain := strconv.ParseUint(s, 10, 32); plain == nil && seconds <= math.MaxInt32 {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d <= 0 {
		return 0, &usageError{text: "flag --duration does not take that value", advice: "give a number of seconds, or a time such as 1h or 90m"}
	}
	return d, nil
}

func (a *App) signIn(ctx context.Context, narrow *narrowing, name string, page console.Page) (secret.Text, error) {
	got, c, err := a.personally(ctx, narrow, name, func(c connector.Connector) error {
		return ofConnector(name, console.Check(c, page))
	})
	if err != nil {
		return secret.Text{}, err
	}
	ctx, cancel := withTimeout(ctx)
	defer cancel()
	o, err := a.answers.Client(c, helper.Credentials{}, console.Service, c.Region)
	if err != nil {
		return secret.Text{}, ofConnector(name, err)
	}
	target, err := console.SignIn(ctx, o, c, got, page)
	return target, ofConnector(name, err)
}

func ofConnector(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("connector %q: %w", name, err)
}
