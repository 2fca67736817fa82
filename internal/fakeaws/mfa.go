package fakeaws

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"
)

// step is how long an MFA code is shown.
const step = 30 * time.Second

// device is a virtual MFA device of a user.
type device struct {
	user string // ARN
	seed []byte
	used int64 // newest step whose code was taken
}

// oneTimeCode is what a request gives to prove that the user holds a device.
type oneTimeCode struct{ serial, code string }

// AddMFA gives a user a virtual MFA device with a seed in base32, as AWS shows
// it. Its codes are RFC 6238's of six digits; those of the step before and
// after now are accepted too, and each one once. A device of the same serial is
// replaced. It panics if the seed is not base32 or either name is empty.
func (s *Server) AddMFA(userARN, serial, seed string) {
	if err := s.addMFA(userARN, serial, seed); err != nil {
		panic("fakeaws: " + err.Error())
	}
}

func (s *Server) addMFA(userARN, serial, seed string) error {
	if userARN == "" || serial == "" {
		return fmt.Errorf("mfa device %q: user or serial is empty", serial)
	}
	key, err := base32.StdEncoding.DecodeString(seed)
	if err != nil || len(key) == 0 {
		return fmt.Errorf("mfa device %q: seed is not base32", serial)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.devices[serial] = &device{user: userARN, seed: key, used: -1}
	return nil
}

// MFACode returns what the device shows now, by the server's clock, whether or
// not it has been used; "" if there is no such device.
func (s *Server) MFACode(serial string) string {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.devices[serial]
	if !ok {
		return ""
	}
	return d.code(stepOf(now))
}

func (f *form) code() oneTimeCode {
	return oneTimeCode{
		serial: f.optional("SerialNumber", 9, 256, serialPattern),
		code:   f.optional("TokenCode", 6, 6, codePattern),
	}
}

// checkCode reports whether the request proved MFA, and refuses it if it tried
// and could not.
func (s *Server) checkCode(c *call, given oneTimeCode) (bool, *refusal) {
	if given == (oneTimeCode{}) {
		return false, nil
	}
	if given.serial == "" || given.code == "" {
		return false, accessDenied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.devices[given.serial]
	if !ok || d.user != c.caller.ARN {
		return false, accessDenied("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	}
	if !d.take(given.code, stepOf(c.now)) {
		return false, accessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	return true, nil
}

// take uses a code up. Codes older than one that was taken are gone with it.
func (d *device) take(code string, now int64) bool {
	for n := max(now-1, d.used+1); n <= now+1; n++ {
		if equal(code, d.code(n)) {
			d.used = n
			return true
		}
	}
	return false
}

// code returns RFC 6238's code of a step.
func (d *device) code(n int64) string {
	h := hmac.New(sha1.New, d.seed)
	binary.Write(h, binary.BigEndian, n)
	sum := h.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}

func stepOf(t time.Time) int64 { return t.Unix() / int64(step/time.Second) }
