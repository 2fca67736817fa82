// Package fakeaws is a fake of AWS that answers over real HTTP, for tests, the
// demo and benchmarks.
//
// It answers, as AWS does and to the real SDKs, STS (AssumeRole,
// GetSessionToken, GetFederationToken and GetCallerIdentity), ECR
// (GetAuthorizationToken and DescribeRepositories), ECR Public
// (GetAuthorizationToken), IAM (CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey and
// GetAccessKeyLastUsed, of the caller's own keys), the console's sign-in (getSigninToken), S3 (ListBuckets and, in path style, HeadBucket,
// ListObjectsV2 and GetObject, HeadObject, PutObject and DeleteObject) and
// EKS (ListClusters and DescribeCluster). It recomputes every signature, and it
// enforces session tokens, expiry, session durations, role chaining, MFA codes
// and clock skew with the codes, statuses and messages that each service has
// for them. It counts calls and can be told to fail, stall and lie about the
// time. [Server.RegistryProxy] puts a Docker registry behind the tokens of ECR.
//
// One URL serves every region: the region of a call is that of its credential
// scope. The policies of users and roles are not evaluated: who may assume a role
// is the [Role]'s own list. The inline policy of a session is: what no statement
// without a condition allows is refused, but for STS and for sessions with managed
// policies too; it is recorded in [Identity]. A federated user without any may call
// STS alone. Registry tokens reach every repository, and outlive the session that
// asked for them. Requests signed in their query (presigned) are answered as
// unsigned ones.
package fakeaws

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Server is a running fake AWS; [Start] and [Listen] make one. Its methods may
// be called from any goroutine at any time.
type Server struct {
	// URL is where the server listens, "http://127.0.0.1:PORT" after [Start],
	// with no slash at its end. It is every service's endpoint.
	URL string

	http *http.Server
	once sync.Once
	done chan struct{}

	mu       sync.Mutex
	clock    func() time.Time
	regions  []string
	keys     map[string]credential        // by access key id
	roles    map[string]Role              // by ARN
	devices  map[string]*device           // by serial
	tokens   map[string]Token             // by digest of the password
	bearers  map[string]string            // digest of the password, by digest of the bearer token
	repos    map[Repository]time.Time     // when each was made
	buckets  map[string]bucket            // by name
	objects  map[string]map[string]object // by bucket and key
	clusters map[string]cluster           // by ARN
	faults   []Fault
	requests []Request
	proxied  []RegistryRequest
	secured  map[string]bool // users whose policy wants MFA of IAM's calls, by ARN
	settling time.Duration   // how long a new access key is not known
	log      io.Writer
	control  http.Handler
}

// Start returns a server on a free port of 127.0.0.1 that knows no user and no
// role, accepts every region and goes by the machine's clock. It panics if the
// machine has no such port.
func Start() *Server {
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("fakeaws: %v", err))
	}
	return s
}

// Listen is [Start] on the given host:port. Its errors are those of
// [net.Listen].
func Listen(addr string) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:      "http://" + l.Addr().String(),
		done:     make(chan struct{}),
		clock:    time.Now,
		keys:     map[string]credential{},
		roles:    map[string]Role{},
		devices:  map[string]*device{},
		tokens:   map[string]Token{},
		bearers:  map[string]string{},
		repos:    map[Repository]time.Time{},
		buckets:  map[string]bucket{},
		objects:  map[string]map[string]object{},
		clusters: map[string]cluster{},
		secured:  map[string]bool{},
	}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go s.http.Serve(l)
	return s, nil
}

// Serve makes the server answer on l too, until it is closed. With a listener of
// TLS it answers over that.
func (s *Server) Serve(l net.Listener) { go s.http.Serve(l) }

// Close stops the server and drops its connections, stalled ones too. Later
// calls do nothing.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.done)
		s.http.Close()
	})
}

// SetClock makes now the server's clock: for signatures, expiries, MFA codes
// and the Date header. nil is the machine's clock.
func (s *Server) SetClock(now func() time.Time) {
	if now == nil {
		now = time.Now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = now
}

// Now returns the server's time, in UTC.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	now := s.clock
	s.mu.Unlock()
	return now().UTC()
}

// SetRegions makes the server refuse requests whose credential scope names
// another region; with none given it accepts every region.
func (s *Server) SetRegions(regions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.regions = slices.Clone(regions)
}

// LogTo writes each later request to w as one line of JSON when it arrives, in
// the form of [Request]. nil stops it. Errors of w are ignored.
func (s *Server) LogTo(w io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = w
}
