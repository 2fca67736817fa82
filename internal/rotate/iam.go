package rotate

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/secret"
	"aws-connector/keystore"

	"errors"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	firstWait   = 250 * time.Millisecond
	longestWait = 8 * time.Second
	// settling is how long AWS may take to know a new key everywhere. IAM is eventually
	// consistent: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
	settling = time.Minute
	// mostKeys is more than AWS lets a user have, which is two.
	mostKeys = 10
)

// listed is an access key as IAM lists it.
type listed struct {
	ID      string    `xml:"AccessKeyId"`
	Status  string    `xml:"Status"`
	Created time.Time `xml:"CreateDate"`
}

func (l listed) active() bool { return l.Status != "Inactive" }

func find(keys []listed, id string) (listed, bool) {
	i := slices.IndexFunc(keys, func(l listed) bool { return l.ID == id })
	if i < 0 {
		return listed{}, false
	}
	return keys[i], true
}

// whose returns the ARN of a key's user.
func (t *turn) whose(ctx context.Context, key keystore.Key) (string, error) {
	o, err := t.Helper.Client(t.Connector, credentials(key), "sts", t.Connector.Region)
	if err != nil {
		return "", err
	}
	client, err := o.STS()
	if err != nil {
		return "", err
	}
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", helper.CallError(t.Connector, "sts", "GetCallerIdentity", err)
	}
	if out.Arn == nil || *out.Arn == "" {
		return "", &helper.Error{Text: "GetCallerIdentity: the answer names nobody", Advice: "check that endpoint_url leads to AWS STS"}
	}
	return helper.Clean(*out.Arn), nil
}

func credentials(key keystore.Key) helper.Credentials {
	return helper.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret}
}

// call calls IAM with the key or, where IAM wants MFA, with the key's MFA session.
func (t *turn) call(ctx context.Context, action string, parameters url.Values, once bool, result any) (date time.Time, err error) {
	do := func(ctx context.Context, with helper.Credentials) error {
		date, err = t.Helper.IAM(ctx, t.Connector, with, action, parameters, once, result)
		return err
	}
	if t.session != nil {
		if do(ctx, *t.session); !unknown(err) && helper.Code(err) != "ExpiredToken" {
			return date, t.denied(err)
		}
		t.session = nil // that of a key which is gone
	}
	if do(ctx, credentials(t.signer)); helper.Code(err) != "AccessDenied" || t.MFA == "" {
		return date, t.denied(err)
	}
	alone := t.denied(err)
	overMFA := t.Helper.OverMFA(ctx, t.MFA, func(ctx context.Context, with helper.Credentials) error {
		t.session = &with
		return do(ctx, with)
	})
	if overMFA != nil && t.session == nil {
		var e *helper.Error
		if errors.As(alone, &e) && errors.Is(overMFA, helper.ErrNobody) {
			e.Advice += fmt.Sprintf("; if it asks for MFA, run this in a terminal, or `aws-connector login %s` before", t.MFA)
			return date, e
		}
		return date, overMFA
	}
	if overMFA != nil {
		t.session = nil
	}
	return date, t.denied(overMFA)
}

// denied says which policy the user needs.
func (t *turn) denied(err error) error {
	var e *helper.Error
	if helper.Code(err) != "AccessDenied" || !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Advice = "to rotate its own key the user needs a policy that allows iam:ListAccessKeys, iam:CreateAccessKey, iam:UpdateAccessKey and iam:DeleteAccessKey on arn:" +
		t.Connector.Partition() + ":iam::*:user/${aws:username}"
	return &told
}

// unknown reports whether AWS does not know the key that signed, or not yet.
func unknown(err error) bool {
	return slices.Contains([]string{"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"}, helper.Code(err))
}

// settled does something until AWS knows of it.
func (t *turn) settled(ctx context.Context, do func() error, early func(error) bool) error {
	wait := firstWait
	for waited := time.Duration(0); ; waited += wait {
		err := do()
		if !early(err) || waited+wait > settling {
			return err
		}
		if err := t.Wait(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, longestWait)
	}
}

// list returns the user's access keys, and AWS's time.
func (t *turn) list(ctx context.Context) ([]listed, time.Time, error) {
	var got struct {
		Keys []listed `xml:"ListAccessKeysResult>AccessKeyMetadata>member"`
	}
	date, err := t.call(ctx, "ListAccessKeys", nil, false, &got)
	if err != nil {
		return nil, date, err
	}
	ids := map[string]bool{}
	for _, k := range got.Keys {
		if !keystore.IsID(k.ID) || ids[k.ID] || len(ids) == mostKeys {
			return nil, date, &helper.Error{Text: "ListAccessKeys: the answer is not a list of a user's access keys", Advice: "check that endpoint_url leads to AWS IAM"}
		}
		ids[k.ID] = true
	}
	if date.IsZero() {
		date = time.Now()
	}
	return got.Keys, date, nil
}

// lastUsed says when a key was used last; used is false where AWS knows of no use.
func (t *turn) lastUsed(ctx context.Context, id string) (when string, used bool, err error) {
	var got struct {
		Date    string `xml:"GetAccessKeyLastUsedResult>AccessKeyLastUsed>LastUsedDate"`
		Service string `xml:"GetAccessKeyLastUsedResult>AccessKeyLastUsed>ServiceName"`
	}
	if _, err := t.call(ctx, "GetAccessKeyLastUsed", url.Values{"AccessKeyId": {id}}, false, &got); err != nil {
		return "its last use is not known", false, err
	}
	at, err := time.Parse(time.RFC3339, got.Date)
	if err != nil {
		return "never used", false, nil
	}
	return fmt.Sprintf("last used %s for %s", at.Format(time.DateOnly), helper.Clean(got.Service)), true, nil
}

// createKey has AWS make a key. It is sent once: of two keys that were made the first
// would be lost.
func (t *turn) createKey(ctx context.Context) (keystore.Key, error) {
	var got struct {
		ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	if _, err := t.call(ctx, "CreateAccessKey", nil, true, &got); err != nil {
		return keystore.Key{}, err
	}
	key := keystore.Key{ID: got.ID, Secret: secret.New(got.Secret)}
	if err := key.Check(); err != nil {
		return keystore.Key{}, fmt.Errorf("CreateAccessKey: the answer has no access key: %w", err)
	}
	return key, nil
}

func (t *turn) deactivate(ctx context.Context, id string) error {
	return t.update(ctx, id, "Inactive")
}

func (t *turn) update(ctx context.Context, id, status string) error {
	_, err := t.call(ctx, "UpdateAccessKey", url.Values{"AccessKeyId": {id}, "Status": {status}}, false, nil)
	return err
}

func (t *turn) delete(ctx context.Context, id string) error {
	_, err := t.call(ctx, "DeleteAccessKey", url.Values{"AccessKeyId": {id}}, false, nil)
	return err
}

func isGone(err error) bool { return helper.Code(err) == "NoSuchEntity" }

// permitted makes the calls that come last, in forms that change nothing, before
// anything is changed: a key that is active is made so, and one is deleted that does not exist.
func (t *turn) permitted(ctx context.Context, id string) error {
	if err := t.update(ctx, id, "Active"); err != nil {
		return err
	}
	if t.Keep {
		return nil
	}
	last := "A"
	if strings.HasSuffix(id, last) {
		last = "B"
	}
	if err := t.delete(ctx, id[:len(id)-1]+last); !isGone(err) {
		return err
	}
	return nil
}
