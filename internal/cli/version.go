package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *App) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Long:  "Prints the version, and the Go release, system and architecture it was built\nwith.",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.tellVersion() },
	}
}

func (a *App) tellVersion() error {
	_, err := fmt.Fprintf(a.Stdout, "aws-connector %s (%s %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
