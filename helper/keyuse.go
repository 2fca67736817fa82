package helper

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aws-connector/keystore"
)

const (
	// useStep is how exactly the last use of a key is known: within it nothing is
	// written again.
	useStep = time.Minute
	// useWait is how long a session waits for the note that its key was used.
	useWait = 100 * time.Millisecond
)

// KeyUse is what is known of a key without opening the keystore.
type KeyUse struct {
	// ID is the access key id, and Created as in keystore.Key.
	ID      string
	Created time.Time
	// Used is when a session was last made with it, or it was handed out; zero for
	// never, as far as is known.
	Used time.Time
	// Current means that the key was not stored anew since. Of one that another
	// program keeps nobody can tell.
	Current bool
}

// KeyUse returns what is known of the key called name; false if that is nothing.
// It is a help for people, and may be out of date or lost.
func (h *Helper) KeyUse(ctx context.Context, name string) (KeyUse, bool) {
	u, generation, ok := h.keyUse(name)
	if !ok {
		return KeyUse{}, false
	}
	now, err := h.Keys.Generation(ctx, name)
	_, foreign := h.Connectors.KeyProgram(name)
	u.Current = foreign || err == nil && digest(now) == generation
	return u, true
}

func (h *Helper) keyUse(name string) (u KeyUse, generation string, ok bool) {
	text, ok := h.KeyNotes.Read(h.keyNote(name))
	words := strings.Split(text, " ")
	if !ok || len(words) != 4 || !keystore.IsID(words[2]) {
		return u, "", false
	}
	used, err := strconv.ParseInt(words[0], 10, 64)
	created, wrong := strconv.ParseInt(words[1], 10, 64)
	if err != nil || wrong != nil {
		return u, "", false
	}
	return KeyUse{ID: words[2], Used: fromSeconds(used), Created: fromSeconds(created)}, words[3], true
}

// keyNote names the note of a key: those of one name in another keystore are others.
func (h *Helper) keyNote(name string) string {
	where := ""
	if _, foreign := h.Connectors.KeyProgram(name); foreign || h.Connectors.Keystore == "file" {
		where = h.Connectors.Path
	}
	return digest("key", where, name)
}

// NoteStored notes that the key called name, which was stored now, is k. Of the same
// key as before it stays known when that was used, and since when there is it.
func (h *Helper) NoteStored(ctx context.Context, name string, k keystore.Key) {
	before, _, _ := h.keyUse(name)
	if before.ID != k.ID {
		before = KeyUse{}
	}
	if k.Created.IsZero() {
		k.Created = before.Created
	}
	if k.Created.IsZero() && k.SessionToken.Empty() {
		k.Created = h.now()
	}
	h.noteKey(ctx, name, k, before.Used)
}

// NoteRemoved forgets what is known of the key called name.
func (h *Helper) NoteRemoved(name string) {
	_ = h.KeyNotes.Remove(h.keyNote(name))
}

// noteUse notes that the key called name, which is k, is used now.
func (h *Helper) noteUse(ctx context.Context, name string, k keystore.Key) {
	now := h.now()
	before, _, ok := h.keyUse(name)
	if since := now.Sub(before.Used); ok && before.ID == k.ID && before.Created.Equal(k.Created) && since >= 0 && since < useStep {
		return
	}
	h.noteKey(ctx, name, k, now)
}

func (h *Helper) noteKey(ctx context.Context, name string, k keystore.Key, used time.Time) {
	if h.KeyNotes == (keystore.Notes{}) || !keystore.IsID(k.ID) {
		return
	}
	err, ok := within(ctx, useWait, func() error {
		generation, err := h.Keys.Generation(ctx, name)
		if err != nil {
			generation = ""
		}
		return h.KeyNotes.Write(h.keyNote(name), fmt.Sprintf("%d %d %s %s", inUnix(used), inUnix(k.Created), k.ID, digest(generation)))
	})
	if err != nil || !ok {
		h.log().Debug("the use of the key is not noted", "key", name, "in time", ok, "err", err)
	}
}

func inUnix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromSeconds(n int64) time.Time {
	if n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
