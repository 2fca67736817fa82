package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
	"aws-connector/internal/tty"
	"aws-connector/keystore"
)

// questions are what init asks on a terminal. A wrong answer is told and asked for again.
type questions struct {
	ctx context.Context
	t   *tty.Terminal
}

// choices are the methods that init offers, the usual one first.
var choices = []struct {
	method connector.Method
	about  string
}{
	{connector.IAMRole, "a role's session, assumed with a stored key"},
	{connector.SessionToken, "a session of the stored key's user"},
	{connector.FederationToken, "a session narrowed by a policy"},
	{connector.Implicit, "what the AWS SDK finds: SSO, a profile, this instance"},
	{connector.STSToken, "temporary credentials that you store"},
	{connector.SecretKey, "the stored long-term key itself"},
	{connector.WebIdentity, "a role's session, for an identity provider's token"},
	{connector.Process, "what another program prints"},
}

func startsFromKey(m connector.Method) bool {
	return m != connector.Implicit && m != connector.WebIdentity && m != connector.Process
}

// connector asks for everything but the key.
func (q questions) connector(d *draft) error {
	method, err := q.method()
	if err != nil {
		return err
	}
	d.set("auth_method", string(method))
	region, err := q.region(suggestedRegion(d.file))
	if err != nil {
		return err
	}
	if region != d.file.Default("region") {
		d.set("region", region)
	}
	ask := map[connector.Method]func(*draft) error{connector.IAMRole: q.role, connector.FederationToken: q.policy, connector.Implicit: q.implicit, connector.WebIdentity: q.webIdentity, connector.Process: q.process}[method]
	if ask != nil {
		if err := ask(d); err != nil {
			return err
		}
	}
	d.name, err = q.name(d)
	return err
}

func (q questions) method() (connector.Method, error) {
	fmt.Fprintln(q.t, "How should it get credentials?")
	for i, c := range choices {
		fmt.Fprintf(q.t, "  %d  %-16s  %s\n", i+1, c.method, c.about)
	}
	for {
		answer, err := q.t.Ask(q.ctx, "Method [1]: ")
		if err != nil {
			return "", err
		}
		if answer == "" {
			answer = "1"
		}
		for i, c := range choices {
			if answer == strconv.Itoa(i+1) || strings.EqualFold(strings.ReplaceAll(answer, "_", "-"), string(c.method)) {
				return c.method, nil
			}
		}
		q.wrong(fmt.Sprintf("enter a number from 1 to %d, or a name, such as %s", len(choices), choices[0].method))
	}
}

// region asks until it has a region that is known, or one that was entered twice:
// AWS opens new ones.
func (q questions) region(suggestion string) (string, error) {
	doubted := ""
	for {
		region, err := q.field("Region", "region", suggestion, false)
		if err != nil {
			return "", err
		}
		doubt := connector.DoubtRegion(region)
		if doubt == "" || region == doubted {
			return region, nil
		}
		q.wrong(doubt + " (to use it anyway, enter it again)")
		doubted, suggestion = region, cmp.Or(connector.NearRegion(region), suggestion)
	}
}

func (q questions) role(d *draft) error {
	return q.fill(d, "Role to assume, its ARN", "role_arn", false)
}

func (q questions) webIdentity(d *draft) error {
	if err := q.role(d); err != nil {
		return err
	}
	return q.fill(d, "File with the token, its path", "web_identity_token_file", false)
}

func (q questions) process(d *draft) error {
	return q.fill(d, "Program and its arguments", "credential_process", false)
}

func (q questions) policy(d *draft) error {
	arn, err := q.field("Managed policy that narrows it, its ARN", "policy_arns", "arn:aws:iam::aws:policy/ReadOnlyAccess", false)
	d.set("policy_arns", arn)
	return err
}

func (q questions) implicit(d *draft) error {
	yes, err := q.t.Confirm(q.ctx, "This connector gives you whatever credentials the environment has. Allow that?")
	if err != nil {
		return err
	}
	if !yes {
		q.wrong("then choose another method")
		return errAgain
	}
	d.set("allow_implicit_auth_methods", "true")
	if err := q.fill(d, "Profile of ~/.aws/config to start from (Enter: the default)", "profile_name", true); err != nil {
		return err
	}
	return q.fill(d, "Role to assume from there, its ARN (Enter: none)", "role_arn", true)
}

// fill asks for a field and sets it if there is an answer.
func (q questions) fill(d *draft, prompt, field string, empty bool) error {
	answer, err := q.field(prompt, field, "", empty)
	if answer != "" {
		d.set(field, answer)
	}
	return err
}

// field asks for the value of a connector's field until it is a right one, or
// no answer where there may be none.
func (q questions) field(prompt, field, suggestion string, empty bool) (string, error) {
	if suggestion != "" {
		prompt += " [" + suggestion + "]"
	}
	for {
		answer, err := q.t.Ask(q.ctx, prompt+": ")
		if err != nil {
			return "", err
		}
		if answer == "" {
			answer = suggestion
		}
		if answer == "" && empty {
			return "", nil
		}
		if err := connector.CheckField(field, fieldValue(field, answer)); err != nil {
			q.wrong(wrongAnswer(answer, err))
			continue
		}
		return answer, nil
	}
}

// wrongAnswer says what is wrong with the answer: texts about a value of the file
// may begin without naming it.
func wrongAnswer(answer string, err error) string {
	text := err.Error()
	switch {
	case answer == "":
		return "please enter something: there is no default"
	case strings.HasPrefix(text, "is "), strings.HasPrefix(text, "has "), strings.HasPrefix(text, "must "), strings.HasPrefix(text, "holds "):
		return "that " + text
	}
	return text
}

// name asks for the connector's name, which must be a new one.
func (q questions) name(d *draft) (string, error) {
	suggestion := strings.ToLower(d.value("role_arn")[strings.LastIndex(d.value("role_arn"), "/")+1:])
	if suggestion == "" {
		suggestion = "main"
	}
	taken := d.file.Names()
	if !connector.ValidName(suggestion) || slices.Contains(taken, suggestion) {
		suggestion = ""
	}
	for {
		// The rules of a key's name are those of a connector's.
		name, err := q.field("Name of the connector", "key", suggestion, false)
		if err != nil || !slices.Contains(taken, name) {
			return name, err
		}
		q.wrong(fmt.Sprintf("connector %q exists; choose another name", name))
	}
}

// key asks for the name of a key, one of names or a new one.
func (q questions) key(names []string, usual string) (string, error) {
	if len(names) > 0 {
		fmt.Fprintf(q.t, "Stored keys: %s\n", plain.Line(strings.Join(names, ", ")))
		if usual == "" && !slices.Contains(names, "main") {
			usual = names[0]
		}
	}
	if usual == "" {
		usual = "main"
	}
	return q.keyName(fmt.Sprintf("Key, the name of a stored or a new one [%s]: ", usual), usual)
}

// keyName asks for a key's name, which is shown once it was found to be one: whoever
// reads "key" may paste the key itself.
func (q questions) keyName(prompt, usual string) (name string, err error) {
	check := func(answer string) error { return connector.CheckField("key", answer) }
	fit := func(answer string) bool { return answer == "" || check(answer) == nil }
	err = q.t.Hidden(func() error {
		for {
			answer, err := q.t.AskJudged(q.ctx, prompt, fit)
			if err != nil {
				return err
			}
			if name = answer; name == "" {
				name = usual
			}
			err = check(name)
			if err == nil {
				return nil
			}
			q.wrong(err.Error() + "; it is not shown, and the key itself is asked for next")
		}
	})
	return name, err
}

// newKey asks for an access key that suits method.
func (q questions) newKey(method connector.Method) (key keystore.Key, err error) {
	err = q.t.Hidden(func() error {
		key, err = q.suitableKey(method)
		return err
	})
	return key, err
}

func (q questions) suitableKey(method connector.Method) (keystore.Key, error) {
	return askUntil(q.ctx, q.t, func(key keystore.Key) error {
		temporary := !key.SessionToken.Empty()
		switch err := key.Check(); {
		case err != nil:
			return err
		case method == connector.STSToken && !temporary:
			return errors.New("that is a long-term key; temporary credentials have an id that begins with ASIA")
		case method != connector.STSToken && method != connector.IAMRole && temporary:
			return fmt.Errorf("these are temporary credentials; %s needs a long-term key", method)
		}
		return nil
	})
}

func (q questions) wrong(what string) { tellWrong(q.t, what) }
