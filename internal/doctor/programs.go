package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

const (
	program      = "aws-connector"
	dockerHelper = "docker-credential-ecr"
	incumbent    = "docker-credential-ecr-login"
)

func (m *Machine) programs() []check {
	return []check{
		one("PATH", m.selfOnPath).or(m.pathFact),
		{dockerHelper, 1, m.dockerHelper, m.dockerHelperFact},
		{about: "docker", things: 1, run: m.dockerVersion},
	}
}

// onPath returns the files of that name in the directories of PATH, and the
// links of that name that lead nowhere.
func (m *Machine) onPath(name string) (found, dangling []string) {
	if m.GOOS == "windows" {
		name += ".exe"
	}
	for _, dir := range filepath.SplitList(m.Getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		switch {
		case err == nil && info.Mode().IsRegular() && (m.UID < 0 || info.Mode().Perm()&0o111 != 0):
			found = append(found, path)
		case errors.Is(err, fs.ErrNotExist):
			if _, err := os.Lstat(path); err == nil {
				dangling = append(dangling, path)
			}
		}
	}
	return found, dangling
}

func (m *Machine) selfOnPath() []Finding {
	found, _ := m.onPath(program)
	if len(found) == 0 {
		return list(Finding{Warning, "PATH", program + " is not on the PATH, so other programs need its full path", "add " + filepath.Dir(m.Self) + " to PATH, or name " + m.Self + " in ~/.aws/config"})
	}
	var all []Finding
	if !sameFile(found[0], m.Self) {
		all = append(all, Finding{Warning, "PATH", fmt.Sprintf("PATH leads to %s, but this is %s", found[0], m.Self), "remove one of them, or put the right one's directory first on the PATH"})
	}
	for _, path := range found[1:] {
		if !sameFile(path, found[0]) && !sameFile(path, m.Self) {
			all = append(all, Finding{Warning, "PATH", fmt.Sprintf("there is another %s later on the PATH: %s", program, path), "remove it: a service with a shorter PATH might run it"})
		}
	}
	return all
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// usesDocker tells whether a container tool would ask this program.
func (m *Machine) usesDocker() bool {
	if len(m.Connectors.RegistryHosts()) > 0 {
		return true
	}
	_, ours, err := m.readDocker()
	return err == nil && len(ours) > 0
}

func (m *Machine) dockerHelper(ctx context.Context) []Finding {
	var all []Finding
	_, dangling := m.onPath(dockerHelper)
	for _, path := range dangling {
		all = append(all, Finding{Warning, dockerHelper, path + " is a broken link", "run ./install.sh again, or: ln -sf " + word(m.Self) + " " + word(path)})
	}
	_, dangling = m.onPath(incumbent)
	for _, path := range dangling {
		all = append(all, Finding{Warning, incumbent, path + " is a broken link", "run ./install.sh --ecr-login again, or remove it: rm " + word(path)})
	}
	if !m.usesDocker() {
		return all
	}
	version, err := m.DockerHelper(ctx)
	switch {
	case err != nil:
		all = append(all, fromError(Broken, dockerHelper, err, "run ./install.sh again"))
	case version != m.Version:
		all = append(all, Finding{Warning, dockerHelper, fmt.Sprintf("it is version %s, and this is %s", version, m.Version), "make it a link to this program: ln -sf " + word(m.Self) + " $(command -v " + dockerHelper + ")"})
	}
	return all
}

var dockerRelease = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^Docker version ([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})`)
})

// dockerVersion looks at the docker command only if it would ask this program.
// What else may be called docker, podman first, has no such version.
func (m *Machine) dockerVersion(ctx context.Context) []Finding {
	found, _ := m.onPath("docker")
	if len(found) == 0 || !m.usesDocker() {
		return nil
	}
	out, err := m.Run(ctx, found[0], "--version")
	if err != nil {
		return list(Finding{Warning, "docker", found[0] + " --version fails", "run it to see why, and reinstall docker or remove it"})
	}
	v := dockerRelease().FindStringSubmatch(out)
	if v == nil {
		return nil
	}
	number := 0
	for _, part := range v[1:] {
		n, _ := strconv.Atoi(part)
		number = number*1000 + n
	}
	text := strings.Join(v[1:], ".")
	switch {
	case number < 18_006_000:
		return list(Finding{Broken, "docker", "docker " + text + " does not ask credential helpers for every registry", "update docker to 18.06 or later"})
	case number < 20_010_009:
		return list(Finding{Warning, "docker", "docker " + text + " sends credentials to Docker Hub if a helper cannot be run (CVE-2021-41092)", "update docker to 20.10.9 or later"})
	case number < 29_000_000:
		return list(Finding{Note, "docker", "docker " + text + " continues without credentials if a helper fails, and says \"no basic auth credentials\"", "look for aws-connector's message above that one; docker 29 stops instead"})
	}
	return nil
}
