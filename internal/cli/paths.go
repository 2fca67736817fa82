package cli

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

// errNoHome means that neither HOME nor the list of users knows a home directory.
var errNoHome = errors.New("HOME is not set")

// home is the home directory. What HOME says is never taken from the working
// directory, which may be anybody's.
func home() (string, error) {
	dir, err := os.UserHomeDir()
	if err != nil {
		// A service has no HOME, yet a home.
		if u, err := user.Current(); err == nil && filepath.IsAbs(u.HomeDir) {
			return u.HomeDir, nil
		}
		return "", errNoHome
	}
	if !filepath.IsAbs(dir) {
		variable := "HOME"
		if runtime.GOOS == "windows" {
			variable = "USERPROFILE"
		}
		return "", &usageError{variable + " is not an absolute path", "set it to your home directory"}
	}
	return dir, nil
}

// pathVariable returns the path in a variable, empty where that is unset or
// empty. Units, IDEs and compose files write ~/, which no shell expands for
// them. Another relative path would mean another file in each directory.
func pathVariable(name string) (string, error) {
	path := os.Getenv(name)
	if path == "" || filepath.IsAbs(path) {
		return path, nil
	}
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		// The path is not shown: of a passphrase's file it may be the passphrase.
		return "", &usageError{name + " is not an absolute path", "use an absolute path, or one that begins with ~/"}
	}
	dir, err := home()
	if errors.Is(err, errNoHome) {
		err = &usageError{name + " begins with ~, and " + err.Error(), "use an absolute path"}
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, rest), nil
}

// inHome returns a variable's path or, without one, a place in the home directory.
func inHome(variable string, otherwise ...string) (string, error) {
	path, err := pathVariable(variable)
	if err != nil || path != "" {
		return path, err
	}
	dir, err := home()
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{dir}, otherwise...)...), nil
}

// userDir is os.UserConfigDir or os.UserCacheDir, which believe a relative HOME.
func userDir(system func() (string, error), xdg, unix, mac string) (string, error) {
	switch runtime.GOOS {
	case "windows":
		dir, err := system()
		if err == nil && !filepath.IsAbs(dir) {
			err = &usageError{dir + " is not an absolute path", "correct AppData and LocalAppData"}
		}
		return dir, err
	case "darwin":
		unix = mac
	default:
		// A relative one is to be ignored.
		// https://specifications.freedesktop.org/basedir-spec/latest/#variables
		if dir, err := pathVariable(xdg); err == nil && dir != "" {
			return dir, nil
		}
	}
	dir, err := home()
	return filepath.Join(dir, filepath.FromSlash(unix)), err
}

// configPath is where connectors.toml lies, whether or not it exists.
func configPath() (string, error) {
	path, err := pathVariable("AWS_CONNECTOR_CONFIG")
	if err != nil {
		return "", err
	}
	if path != "" {
		return filepath.Clean(path), nil
	}
	dir, err := userDir(os.UserConfigDir, "XDG_CONFIG_HOME", ".config", "Library/Application Support")
	if isUsage(err) {
		return "", err
	}
	if err != nil {
		return "", &usageError{text: fmt.Sprintf("no place for connectors.toml: %v", err), advice: "set HOME, or AWS_CONNECTOR_CONFIG to the path of the file"}
	}
	return filepath.Join(dir, "aws-connector", "connectors.toml"), nil
}

// cacheDir is where sessions are kept, empty where there is no place for them.
// It is the program's own, within the one that a variable or the system names.
func cacheDir() (string, error) {
	dir, err := pathVariable("AWS_CONNECTOR_CACHE_DIR")
	if dir == "" && err == nil {
		dir, err = userDir(os.UserCacheDir, "XDG_CACHE_HOME", ".cache", "Library/Caches")
	}
	if isUsage(err) {
		return "", err
	}
	if err != nil {
		return "", nil
	}
	return filepath.Join(dir, "aws-connector"), nil
}

func isUsage(err error) bool {
	var usage *usageError
	return errors.As(err, &usage)
}

// auditPath is where answers are recorded, empty for nowhere.
func auditPath(f connector.File) string { return inHomeDir(f.Audit) }

// inHomeDir returns a path of connectors.toml, which may begin with ~/.
func inHomeDir(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	dir, err := home()
	if err != nil {
		return path // which no file has: who opens it tells
	}
	return filepath.Join(dir, rest)
}

func keysPath(f connector.File) string { return filepath.Join(filepath.Dir(f.Path), "keys.age") }

// sharedFiles puts into m where the AWS SDKs' own files are: nowhere without a
// home. That a variable is wrong matters to nobody but who needs them.
func sharedFiles(m *helper.Ambient) {
	var errs [2]error
	m.ConfigFile, errs[0] = inHome("AWS_CONFIG_FILE", ".aws", "config")
	m.CredentialsFile, errs[1] = inHome("AWS_SHARED_CREDENTIALS_FILE", ".aws", "credentials")
	for _, err := range errs {
		if isUsage(err) {
			m.Err = err
			return
		}
	}
}

// dockerConfigPath is where Docker, podman, skopeo, crane and oras look for config.json.
func dockerConfigPath() (string, error) {
	dir, err := inHome("DOCKER_CONFIG", ".docker")
	if errors.Is(err, errNoHome) {
		err = &usageError{fmt.Sprintf("no place for Docker's config.json: %v", err), "set HOME or DOCKER_CONFIG"}
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "config.json"), nil
}

// kubeconfigs are the files that kubectl reads, in its order: of two that have the
// same, the first counts.
func kubeconfigs() ([]string, error) {
	var all []string
	for _, path := range filepath.SplitList(os.Getenv("KUBECONFIG")) {
		switch {
		case path == "" || slices.Contains(all, path):
		case !filepath.IsAbs(path):
			return nil, &usageError{fmt.Sprintf("KUBECONFIG has %q, which is not an absolute path", path), "use an absolute path: kubectl resolves others from its working directory and does not expand ~"}
		default:
			all = append(all, path)
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	dir, err := home()
	if errors.Is(err, errNoHome) {
		err = &usageError{fmt.Sprintf("no place for a kubeconfig: %v", err), "set HOME or KUBECONFIG"}
	}
	return []string{filepath.Join(dir, ".kube", "config")}, err
}
