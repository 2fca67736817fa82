package helper

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
	"aws-connector/keystore"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

// stalling is an STS of which the first calls with a code get no answer.
type stalling struct {
	STS
	stalls int
	codes  []string
	// refuse: the next call without a code is refused, after most of the time of a call's exchanges.
	refuse bool
}

func (s *stalling) answer(ctx context.Context, life time.Duration, code *string) (*types.Credentials, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if code == nil && s.refuse {
		s.refuse = false
		return nil, &smithy.GenericAPIError{Code: "InvalidClientTokenId"}
	}
	if code != nil {
		s.codes = append(s.codes, *code)
		if len(s.codes) <= s.stalls {
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	return &types.Credentials{AccessKeyId: aws.String("ASIA" + time.Now().Format("150405")), SecretAccessKey: aws.String("s"), SessionToken: aws.String("t"), Expiration: aws.Time(time.Now().Add(life))}, nil
}

func (s *stalling) GetSessionToken(ctx context.Context, in *sts.GetSessionTokenInput, _ ...func(*sts.Options)) (*sts.GetSessionTokenOutput, error) {
	c, err := s.answer(ctx, time.Duration(*in.DurationSeconds)*time.Second, in.TokenCode)
	return &sts.GetSessionTokenOutput{Credentials: c}, err
}

func (s *stalling) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, _ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	c, err := s.answer(ctx, time.Duration(*in.DurationSeconds)*time.Second, in.TokenCode)
	return &sts.AssumeRoleOutput{Credentials: c}, err
}

func stallingWorld(t *testing.T, stalls int, more string) (*Helper, *stalling) {
	s := &stalling{stalls: stalls}
	f, err := connector.Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nkey = \"main\"\n"+roles(1, more)))
	if err != nil {
		t.Fatal(err)
	}
	return &Helper{Connectors: f, Keys: keys{"main": keystore.Key{ID: accessKeyID, Secret: secret.New(canary), TOTP: secret.New(seed)}},
		Cache: cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Off), STS: func(Client) (STS, error) { return s, nil }}, s
}

// Whatever STS does with a code, the next attempt has another one, and all of it
// takes less than the 55 s of a call.
func TestStallsAndCodes(t *testing.T) {
	for stalls, want := range map[int]struct {
		codes int
		fails bool
	}{0: {1, false}, 1: {2, false}, 9: {2, true}} {
		for _, more := range []string{"", "mfa = \"role\"\n"} {
			synctest.Test(t, func(t *testing.T) {
				h, s := stallingWorld(t, stalls, more)
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 55*time.Second)
				defer cancel()
				_, err := h.Credentials(ctx, "r0")
				var e *Error
				if took := time.Since(began); (err != nil) != want.fails || took > 55*time.Second || want.fails && (!errors.As(err, &e) || e.Reason != Temporary) {
					t.Errorf("%d stalls: %v after %v", stalls, err, took)
				}
				if slices.Sort(s.codes); len(s.codes) != want.codes || len(slices.Compact(s.codes)) != want.codes {
					t.Errorf("%d stalls: codes %q, want %d", stalls, s.codes, want.codes)
				}
			})
		}
	}
}

// A person takes longer than a caller waits who has an old session still.
func TestAPersonIsNotHurried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := stallingWorld(t, 0, "mfa_session_seconds = 3600\n")
		ctx := func() context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), 55*time.Second)
			t.Cleanup(cancel)
			return ctx
		}
		if _, err := h.Credentials(ctx(), "r0"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Minute)
		late, err := h.Credentials(ctx(), "r0")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Minute) // the MFA session is gone, 10 minutes of the role's are left
		h.Keys.(keys)["main"] = keystore.Key{ID: accessKeyID, Secret: secret.New(canary)}
		asked := 0
		h.Person = &people{terminal: true, answer: func(Question) (string, error) {
			asked++
			time.Sleep(30 * time.Second)
			return "123456", nil
		}}
		got, err := h.Credentials(ctx(), "r0")
		if err != nil || got.AccessKeyID == late.AccessKeyID || asked != 1 || len(s.codes) != 2 {
			t.Errorf("Credentials = %s, %v, asked %d times, codes %q", got.AccessKeyID, err, asked, s.codes)
		}
	})
}

// A role is assumed with time enough after a person was asked in between.
func TestTimeAfterAQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := stallingWorld(t, 0, "")
		if _, err := h.Credentials(t.Context(), "r0"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Clear(t.Context(), "r0"); err != nil {
			t.Fatal(err)
		}
		h.Keys.(keys)["main"] = keystore.Key{ID: accessKeyID, Secret: secret.New(canary)}
		s.refuse = true // the MFA session
		h.Person = &people{terminal: true, answer: func(Question) (string, error) {
			time.Sleep(exchangeTimeout + time.Second)
			return "123456", nil
		}}
		if _, err := h.Credentials(t.Context(), "r0"); err != nil {
			t.Error(err)
		}
	})
}

// A code has one attempt, which is not given up early.
func TestACodeIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := single(t.Context())
		defer cancel()
		d := &doer{answers: 9}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://example.com", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = (timed{d}).Do(r)
		if d.tried[0] != exchangeTimeout {
			t.Errorf("the attempt had %v, want %v", d.tried[0], exchangeTimeout)
		}
	})
}

// Others are waited for as long as they may be asking a person, once for each call.
func TestPatienceWithCodes(t *testing.T) {
	w := mfaWorld(t, roles(2, "")+"[connectors.plain]\nauth_method = \"session-token\"\n")
	for _, test := range []struct {
		names []string
		want  time.Duration
	}{{[]string{"plain"}, lockWait}, {[]string{"r0", "r1"}, codeWait}} {
		ctx := patient(t.Context(), lockWait)
		for _, name := range test.names {
			c, err := w.Connectors.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			w.begin(ctx, c)
		}
		if got := ctx.Value(patienceKey{}).(*patience).left; got != test.want {
			t.Errorf("%q: %v for locks, want %v", test.names, got, test.want)
		}
	}
}

// Without a place to note codes in, one that another process may have sent is
// followed by the next.
func TestCodesThatCannotBeNoted(t *testing.T) {
	w := mfaWorld(t, roles(1, ""))
	w.seeded()
	w.Cache = nil
	w.get(t, "r0")
	w.get(t, "r0")
	if n := len(w.sent()); n != 3 {
		t.Errorf("%d codes were sent, want 3: one of them in vain", n)
	}
}

// A device that is not the user's is told, not taken for a wrong code.
func TestADeviceOfSomebodyElse(t *testing.T) {
	w := mfaWorld(t, "[connectors.r0]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nmfa_serial = \"arn:aws:iam::123456789012:mfa/bob\"\n")
	p := w.person(true, func(Question) (string, error) { return "123456", nil })
	var e *Error
	if _, err := w.Credentials(t.Context(), "r0"); !errors.As(err, &e) || e.Reason != Misconfigured || len(p.asked) != 1 {
		t.Errorf("Credentials = %v, asked %d times", err, len(p.asked))
	}
}
