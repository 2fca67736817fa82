package dockerconfig

import "strings"

// Passwords returns the hosts for which the members of auths have a password or
// token, in the order of the file. Its error is a [SyntaxError].
func Passwords(config []byte) ([]string, error) {
	_, text := cutMark(config)
	if isNothing(text) {
		return nil, nil
	}
	c, err := parse(text)
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, m := range c.root.members {
		if !strings.EqualFold(m.name, "auths") || c.text[m.value] != '{' {
			continue
		}
		for _, a := range scanObject(c.text, m.value).members {
			if c.holdsSecret(a) {
				hosts = append(hosts, bareHost(a.name))
			}
		}
	}
	return hosts, nil
}
