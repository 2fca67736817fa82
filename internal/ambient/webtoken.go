package ambient

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

const (
	// maxAnswer is the most bytes that a token file or the answer of a server may have.
	maxAnswer = 1 << 20
	// longestToken is the longest web identity token that STS takes.
	// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
	longestToken = 20000

	tokenAdvice = "see that whoever writes the token has done so, and that this user may read it"
)

// WebToken is where an identity provider's token comes from: a file, or a program
// that prints it.
type WebToken struct {
	finder *finder
	file   string // as the person wrote it
	argv   []string
}

// WebTokenIn returns the token in file, an absolute path or one that begins with ~/.
func WebTokenIn(s Settings, file string) WebToken {
	return WebToken{finder: newFinder(s), file: file}
}

// WebTokenOf returns the token that a program prints.
func WebTokenOf(s Settings, argv []string) WebToken {
	return WebToken{finder: newFinder(s), argv: argv}
}

// Source says in words where the token comes from.
func (w WebToken) Source() string {
	if w.argv != nil {
		return "the token that " + clean(w.argv[0]) + " prints"
	}
	return "the token in " + clean(first(w.finder.path(w.file), w.file))
}

// Key changes with whose token it is, not with each new one of theirs. It reads
// the file; of a program it is what [Plan.Key] has of one.
func (w WebToken) Key() string {
	if w.argv != nil {
		return w.finder.keyOf(func(d *digest) { d.process(w.argv) })
	}
	text, _ := awsconfig.ReadRegular(w.finder.path(w.file), maxAnswer)
	return whose(strings.TrimSpace(string(text)))
}

// Token returns the token as it is now, with its Key, which is another one if the
// token has become somebody else's since. Its error is an [*Error].
func (w WebToken) Token(ctx context.Context) (token secret.Text, key string, err error) {
	if w.argv == nil {
		token, err = w.finder.readToken("web identity token", w.file, w.finder.path(w.file))
		return token, whose(token.Reveal()), err
	}
	p := process{argv: w.argv, option: "web_identity_token_process"}
	out, stderr, err := w.finder.Run(ctx, w.argv)
	if err != nil {
		return secret.Text{}, "", p.failed(ctx, withoutKeys(stderr, string(out)), err)
	}
	words := p.words()
	const advice = "see what the program prints when it runs by itself: the token, and nothing beside it"
	text := strings.TrimSpace(string(out))
	switch {
	case text == "":
		return secret.Text{}, "", &Error{Text: words + ": it printed nothing", Advice: advice}
	case strings.ContainsAny(text, "\r\n"):
		return secret.Text{}, "", &Error{Text: words + ": it printed more than one line", Advice: advice}
	}
	token, err = w.finder.token(words, "what it printed", text, advice)
	return token, w.Key(), err
}

// readToken reads the token in the file at path, which the person wrote as
// written. White space around it is not part of it.
func (f *finder) readToken(what, written, path string) (secret.Text, error) {
	if path == "" {
		return secret.Text{}, misconfigured(fmt.Sprintf("%s: %q starts from a directory that is not known", what, clean(written)), "write an absolute path")
	}
	text, err := awsconfig.ReadRegular(path, maxAnswer)
	if err != nil {
		return secret.Text{}, &Error{Reason: NeedsPerson, Text: clean(what + ": " + err.Error()), Advice: tokenAdvice, Err: err}
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return secret.Text{}, &Error{Reason: NeedsPerson, Text: clean(fmt.Sprintf("%s: %s is empty", what, path)), Advice: tokenAdvice}
	}
	return f.token(what, "what is in "+path, token, tokenAdvice)
}

// token refuses what no identity provider gives out, and what has expired, which
// it returns all the same: it tells whose session there may be. where is in front
// of what is wrong with the token.
func (f *finder) token(what, where, token, advice string) (secret.Text, error) {
	switch {
	case strings.ContainsFunc(token, notInToken):
		return secret.Text{}, misconfigured(clean(what+": "+where+" is no token"), advice)
	case len(token) > longestToken:
		return secret.Text{}, misconfigured(clean(fmt.Sprintf("%s: %s has %d characters, and AWS takes tokens of %d", what, where, len(token), longestToken)), advice)
	}
	claims := claimsOf(token)
	if at, ok := claims["exp"].(float64); ok && at > 0 && at < 1e11 {
		if expired := time.Unix(int64(at), 0).UTC(); !expired.After(f.Now()) {
			return secret.New(token), &Error{Reason: NeedsPerson, Text: clean(fmt.Sprintf("%s: %s expired at %s", what, strings.TrimPrefix(where, "what is in "), expired.Format(time.RFC3339))),
				Advice: "get a new token from the identity provider, or set this machine's clock"}
		}
	}
	return secret.New(token), nil
}

// notInToken reports whether r is none of the characters of RFC 6750's b64token.
func notInToken(r rune) bool {
	return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-._~+/=", r))
}

// claimsOf returns what a JSON web token says; nothing if it is not one.
func claimsOf(token string) map[string]any {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > longestToken {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims map[string]any
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return nil
	}
	return claims
}

// renewing are the claims that differ between two tokens of one identity.
var renewing = []string{"exp", "iat", "nbf", "jti", "auth_time"}

// whose changes with whoever a token stands for, and with each token that does not say.
func whose(token string) string {
	d := newDigest(nil)
	claims := claimsOf(token)
	if claims == nil {
		d.add(token)
		return d.sum()
	}
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		if !slices.Contains(renewing, name) {
			value, _ := json.Marshal(claims[name]) // it came from JSON
			d.add(name, string(value))
		}
	}
	return d.sum()
}
