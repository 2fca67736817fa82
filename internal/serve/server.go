package serve

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// headerTime, answerTime and headerBytes bound what a connection may take.
	headerTime  = 5 * time.Second
	answerTime  = 20 * time.Second
	headerBytes = 8 << 10
	// connections is how many there may be at once; others wait for one of them to end.
	connections = 64
	// lingerTime and lingerBytes bound what is still read when the answer is given:
	// who closes with something unread takes the answer back.
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 64 << 10
)

// answer is what a request gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// server answers one request on each connection. That of net/http can do much that
// is refused here, and weighs a third of a megabyte more.
type server struct {
	listener net.Listener
	answer   func(*http.Request) answer

	mu     sync.Mutex
	open   map[net.Conn]bool
	closed bool
	each   sync.WaitGroup
}

// run accepts connections until close.
func (s *server) run() {
	defer s.each.Wait()
	room := make(chan struct{}, connections)
	for {
		room <- struct{}{}
		c, err := s.listener.Accept()
		if err == nil && !s.enter(c) {
			c.Close()
			return
		}
		if err != nil {
			if s.isClosed() {
				return
			}
			<-room
			time.Sleep(10 * time.Millisecond) // as when no file descriptor is left
			continue
		}
		s.each.Go(func() {
			defer func() { <-room }()
			defer s.leave(c)
			s.serve(c)
		})
	}
}

func (s *server) serve(c net.Conn) {
	defer func() {
		_ = recover() // the connection ends, and no other
	}()
	_ = c.SetDeadline(time.Now().Add(headerTime))
	r, err := http.ReadRequest(bufio.NewReader(io.LimitReader(c, headerBytes)))
	if err != nil {
		write(c, nil, answer{status: http.StatusBadRequest})
		return
	}
	_ = c.SetDeadline(time.Now().Add(answerTime))
	write(c, r, s.answer(r))
}

// write answers r, nil for one that could not be read. Whoever asked has gone if it
// cannot be written.
func write(c net.Conn, r *http.Request, a answer) {
	response := http.Response{ProtoMajor: 1, ProtoMinor: 1, StatusCode: a.status, Header: a.header, ContentLength: int64(len(a.body)),
		Body: io.NopCloser(bytes.NewReader(a.body)), Request: r, Close: true}
	var text bytes.Buffer
	if response.Write(&text) != nil {
		return
	}
	if _, err := c.Write(text.Bytes()); err != nil {
		return
	}
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		_ = c.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.Copy(io.Discard, io.LimitReader(c, lingerBytes))
	}
}

func (s *server) enter(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.open[c] = true
	}
	return !s.closed
}

func (s *server) leave(c net.Conn) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	c.Close()
}

func (s *server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// close ends the listener and all connections at once.
func (s *server) close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.listener.Close()
}
