package connector

import (
	"fmt"
	"time"
)

// MFA is what an MFA code is given for, mfa in the file.
type MFA string

// What a code is given for.
const (
	MFASession MFA = "session" // GetSessionToken: one MFA session for all with the same key and device
	MFARole    MFA = "role"    // each AssumeRole
)

const usualMFA = 43200 * time.Second

// checkMFA fills in what own leaves open. What [defaults] says about codes is for
// those that have a device.
func (c *Connector) checkMFA(own map[string]any) (string, problem) {
	if c.MFASerial == "" {
		for _, k := range []string{"mfa", "mfa_process", "mfa_session_seconds"} {
			if own[k] != nil {
				return k, problem{k + " without mfa_serial", "add mfa_serial, the ARN of the MFA device"}
			}
		}
		c.MFA, c.MFAProcess, c.MFASession = "", nil, 0
		return "", problem{}
	}
	if c.MFA == "" {
		c.MFA = MFASession
	}
	if p := oneOf("mfa", string(c.MFA), []string{string(MFASession), string(MFARole)}); p.text != "" {
		return "mfa", p
	}
	if s := c.MFASession; s != 0 && (s < shortest || s > longestToken) {
		return "mfa_session_seconds", problem{text: fmt.Sprintf("mfa_session_seconds must be %d to %d", int(shortest.Seconds()), int(longestToken.Seconds()))}
	}
	if c.Method == SessionToken {
		return c.checkMFASession(own)
	}
	if c.MFA == MFARole {
		if own["mfa_session_seconds"] != nil {
			return "mfa_session_seconds", problem{`mfa = "role" makes no MFA session`, "remove mfa_session_seconds; expiration_seconds is the lifetime of the role's session"}
		}
		c.MFASession = 0
	} else if c.MFASession == 0 {
		c.MFASession = usualMFA
	}
	return "", problem{}
}

// checkMFASession is checkMFA for auth_method session-token, whose session is the
// MFA session itself.
func (c *Connector) checkMFASession(own map[string]any) (string, problem) {
	switch {
	case own["mfa"] != nil && c.MFA == MFARole:
		return "mfa", problem{`mfa = "role" needs a role`, "remove it: a session-token's session is the MFA session"}
	case own["mfa_session_seconds"] != nil && c.Duration != 0 && c.Duration != c.MFASession:
		return "mfa_session_seconds", problem{"mfa_session_seconds and expiration_seconds differ", "keep one of them: a session-token's session is the MFA session"}
	case c.Duration != 0:
	case c.MFASession != 0:
		c.Duration = c.MFASession
	default:
		c.Duration = usualToken
	}
	c.MFA, c.MFASession = MFASession, c.Duration
	return "", problem{}
}
