package cache

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/question"
	"aws-connector/internal/warm"
)

// memory seals with a key that is nowhere but here.
type memory struct{ key byte }

func (memory) name() string { return "the test" }

func (memory) ready() error { return nil }

func (m memory) seal(head, data []byte) ([]byte, error) {
	gcm, err := warm.NewGCM(bytes.Repeat([]byte{m.key}, question.KeySize))
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nil, data, head), nil
}

func (m memory) open(head, body []byte) ([]byte, error) {
	gcm, err := warm.NewGCM(bytes.Repeat([]byte{m.key}, question.KeySize))
	if err != nil {
		return nil, err
	}
	return gcm.Open(nil, nil, body, head)
}

// refusing is an operating system that gives no key.
type refusing struct{}

var errRefused = &refusal{"the test", errors.New("operation not permitted")}

func (refusing) name() string { return "nothing" }

func (refusing) ready() error { return errRefused }

func (refusing) seal(_, _ []byte) ([]byte, error) { return nil, errRefused }

func (refusing) open(_, _ []byte) ([]byte, error) { return nil, errRefused }

var (
	sealed = &Dir{seal: Auto, sealer: memory{1}}
	plain  = &Dir{seal: Off}
)

func encoded(t testing.TB, d *Dir, name string, e Entry) []byte {
	file, err := d.encode(warm.Header{Name: name, Expires: e.Expires, Written: now, Boot: time.Hour}, e.Data)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestEveryTruncationAndBitFlipIsAMiss(t *testing.T) {
	for _, d := range []*Dir{sealed, plain} {
		file := encoded(t, d, "a-1", entry)
		if _, data, err := d.decode("a-1", file); err != nil || !bytes.Equal(data, entry.Data) {
			t.Errorf("%s: decode = %q, %v, want %q", d.seal, data, err, entry.Data)
		}
		for n := range file {
			if _, _, err := d.decode("a-1", file[:n]); err == nil {
				t.Errorf("%s: decode of %d of %d bytes succeeds", d.seal, n, len(file))
			}
			for bit := range 8 {
				flipped := bytes.Clone(file)
				flipped[n] ^= 1 << bit
				if _, data, err := d.decode("a-1", flipped); err == nil {
					t.Errorf("%s: decode with bit %d of byte %d flipped = %q", d.seal, bit, n, data)
				}
			}
		}
	}
}

// Each of ten thousand ways to damage a file is a miss.
func TestDamageIsAMiss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, d := range []*Dir{sealed, plain} {
		var files [][]byte
		names := []string{"a-1", "a-2", "b"}
		for i, name := range names {
			e := Entry{Expires: now.Add(time.Hour), Data: bytes.Repeat([]byte{byte(i)}, 1000)}
			files = append(files, encoded(t, d, name, e))
		}
		for range 5000 {
			damaged := damage(random, files)
			if h, data, err := d.decode("a-1", damaged); err == nil {
				t.Fatalf("%s: decode(%q) = %v, %q", d.seal, damaged, h, data)
			}
		}
	}
}

// damage makes of the files something that is not the first one.
func damage(random *rand.Rand, files [][]byte) []byte {
	file := bytes.Clone(files[0])
	for {
		switch random.IntN(6) {
		case 0: // flip
			file[random.IntN(len(file))] ^= 1 << random.IntN(8)
		case 1: // cut
			file = file[:random.IntN(len(file))]
		case 2: // another slot's
			file = bytes.Clone(files[1+random.IntN(len(files)-1)])
		case 3: // the head of one, the tail of another
			other := files[1+random.IntN(len(files)-1)]
			at := random.IntN(min(len(file), len(other)))
			file = append(file[:at:at], other[at:]...)
		case 4: // another version
			file = bytes.Replace(file, []byte(warm.Magic), []byte(product+string(rune('0'+random.IntN(10)))+"\n"), 1)
		case 5: // more
			file = append(file, byte(random.IntN(256)))
		}
		if !bytes.Equal(file, files[0]) && len(file) > 0 {
			return file
		}
		file = bytes.Clone(files[0])
	}
}

// Each field of the head is one of those that the seal holds.
func TestTheHeadIsSealed(t *testing.T) {
	h := warm.Header{Name: "a-1", Expires: now.Add(time.Hour), Written: now, Boot: time.Hour}
	file, err := sealed.encode(h, entry.Data)
	check(t, err)
	h.Sealed = true
	body := file[len(h.Encode()):]
	for name, change := range map[string]func(*warm.Header){
		"name":    func(h *warm.Header) { h.Name = "a-2" },
		"expires": func(h *warm.Header) { h.Expires = h.Expires.Add(time.Second) },
		"written": func(h *warm.Header) { h.Written = h.Written.Add(-time.Millisecond) },
		"boot":    func(h *warm.Header) { h.Boot++ },
		"no boot": func(h *warm.Header) { h.Boot = noBoot },
	} {
		forged := h
		change(&forged)
		if _, _, err := sealed.decode(forged.Name, append(forged.Encode(), body...)); err == nil {
			t.Errorf("decode with another %s succeeds", name)
		}
	}
	if _, data, err := sealed.decode("a-1", append(h.Encode(), body...)); err != nil || !bytes.Equal(data, entry.Data) {
		t.Errorf("decode = %q, %v, want %q", data, err, entry.Data)
	}
}

func TestParseTakesOneEncoding(t *testing.T) {
	for _, file := range []string{
		warm.Magic + "a\n1 2 3 plain\n",
		warm.Magic + "a\n-1 -2 -1 sealed\n",
	} {
		if h, head, _, err := warm.ParseHeader("a", []byte(file)); err != nil || string(head) != file || h.Name != "a" {
			t.Errorf("parse(%q) = %v, %v", file, h, err)
		}
	}
	for _, file := range []string{
		"", warm.Magic, warm.Magic + "a\n", warm.Magic + "b\n1 2 3 plain\n", warm.Magic + "a\n1 2 3 plain", warm.Magic + "a\n01 2 3 plain\n", warm.Magic + "a\n1 +2 3 plain\n",
		warm.Magic + "a\n1 2 -2 plain\n", warm.Magic + "a\n1 2 3 Plain\n", warm.Magic + "a\n1 2 3 plain \n", warm.Magic + "a\n1  2 3 plain\n", warm.Magic + "a\n1 2 3\n",
		warm.Magic + "a\n1 2 99999999999999999999 plain\n", strings.Replace(warm.Magic, "2", "3", 1) + "a\n1 2 3 plain\n", warm.Magic + "a\r\n1 2 3 plain\r\n",
	} {
		if h, _, _, err := warm.ParseHeader("a", []byte(file)); err == nil {
			t.Errorf("parse(%q) = %v", file, h)
		}
	}
}

// The clocks by which an entry that was put at now, at an hour after the
// machine's start and with an hour to live, is valid or not.
func TestAlive(t *testing.T) {
	const s = time.Second
	h := warm.Header{Expires: now.Add(time.Hour), Written: now, Boot: time.Hour}
	without := h
	without.Boot = noBoot
	for _, test := range []struct {
		name string
		h    warm.Header
		wall time.Duration // after the writing
		boot time.Duration
		want bool
	}{
		{"at once", h, 0, time.Hour, true},
		{"a second before its end", h, 3599 * s, 2*time.Hour - s, true},
		{"a nanosecond before its end", h, time.Hour - 1, 2*time.Hour - 1, true},
		{"at its end", h, time.Hour, 2 * time.Hour, false},
		{"wall clock stopped, before the end", h, 0, 2*time.Hour - 1, true},
		{"wall clock stopped, at the end", h, 0, 2 * time.Hour, false},
		{"wall clock set back at the end", h, -time.Minute, 2 * time.Hour, false},
		{"wall clock a step back", h, -time.Minute, time.Hour, true},
		{"wall clock further back", h, -time.Minute - 1, time.Hour, false},
		{"wall clock years back", h, -10 * 365 * 24 * time.Hour, time.Hour, false},
		{"wall clock forward", h, time.Hour, time.Hour, false},
		{"machine started again", h, 600 * s, 30 * s, true},
		{"machine started again, clock years back", h, -10 * 365 * 24 * time.Hour, 30 * s, false},
		{"machine started again, up long", h, 600 * s, 2 * time.Hour, false},
		{"slept through it, wall clock set back", h, 600 * s, 9 * time.Hour, false},
		{"boot clock lost", h, 600 * s, noBoot, true},
		{"no boot clock", without, 3599 * s, noBoot, true},
		{"no boot clock when it was put", without, 3599 * s, 9 * time.Hour, true},
		{"no boot clock, at its end", without, time.Hour, noBoot, false},
		{"no boot clock, further back", without, -time.Minute - 1, noBoot, false},
	} {
		if got := test.h.Alive(now.Add(test.wall), test.boot); got != test.want {
			t.Errorf("%s: alive = %t, want %t", test.name, got, test.want)
		}
	}
}

// What Put writes down is what Get goes by.
func TestSetBackClock(t *testing.T) {
	d, _ := filled(t)
	boot := 5 * time.Hour
	d.boot = func() time.Duration { return boot }
	s := d.Slot("a-2")
	check(t, s.Put(now, entry))
	boot += time.Hour - 1
	if _, ok := s.Get(now); !ok {
		t.Error("Get a nanosecond before the end = false")
	}
	boot++
	if _, ok := s.Get(now); ok {
		t.Error("Get after an hour by the boot clock = true")
	}
	if e, ok := s.Peek(); !ok || !bytes.Equal(e.Data, entry.Data) {
		t.Errorf("Peek = %v, %t, want %v", e, ok, entry)
	}
	// Put late in its life, it has less left.
	check(t, s.Put(now.Add(50*time.Minute), entry))
	boot += 10 * time.Minute
	if _, ok := s.Get(now.Add(50 * time.Minute)); ok {
		t.Error("Get ten minutes after a Put that left ten = true")
	}
}

func TestTheBootClockRuns(t *testing.T) {
	if first, second := warm.SinceBoot(), warm.SinceBoot(); first > second || first == 0 || first < noBoot {
		t.Errorf("warm.SinceBoot() = %v, then %v", first, second)
	}
}

// A file is a miss, or exactly what was put.
func FuzzDecode(f *testing.F) {
	put := map[string][]byte{"a-1": entry.Data, "a-2": []byte("other"), "b": nil}
	for name, data := range put {
		e := Entry{Expires: entry.Expires, Data: data}
		for _, d := range []*Dir{sealed, plain} {
			f.Add(name, encoded(f, d, name, e))
			f.Add("a-1", encoded(f, d, name, e))
		}
	}
	h := warm.Header{Name: "a-1", Expires: entry.Expires, Written: now, Boot: time.Hour, Sealed: true}
	f.Add("a-1", append(h.Encode(), make([]byte, sha256.Size)...))
	f.Add("a-1", []byte("aws-connector cache 1\na-1\n1\n"))
	f.Fuzz(func(t *testing.T, name string, file []byte) {
		got, data, err := sealed.decode(name, file)
		want := warm.Header{Name: name, Expires: entry.Expires, Written: now, Boot: time.Hour, Sealed: true}
		if was, ok := put[name]; err == nil && (!ok || !bytes.Equal(data, was) || !bytes.Equal(got.Encode(), want.Encode())) {
			t.Errorf("decode(%q, %q) = %v, %q, which was not put", name, file, got, data)
		}
		got, data, err = plain.decode(name, file)
		if err != nil {
			return
		}
		if again, err := plain.encode(got, data); err != nil || !bytes.Equal(again, file) {
			t.Errorf("decode(%q, %q) = %v, %q, which encode writes otherwise", name, file, got, data)
		}
	})
}
