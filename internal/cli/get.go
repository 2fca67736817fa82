package cli

import (
	"aws-connector/helper"

	"github.com/spf13/cobra"
)

func (a *App) get() *cobra.Command {
	var narrow narrowing
	cmd := &cobra.Command{
		Use:               "get NAME",
		Short:             "print a connector's credentials as credential_process JSON",
		Long:              getHelp,
		Args:              oneName("connector"),
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := a.open()
			if err == nil {
				h.Connectors, err = narrow.apply(h.Connectors, args...)
			}
			if err != nil {
				return err
			}
			c, err := h.Credentials(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return helper.WriteProcess(a.Stdout, c)
		},
	}
	narrow.flags(cmd)
	return cmd
}
