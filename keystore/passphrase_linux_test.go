package keystore

import (
	"encoding/binary"
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// aclEntry is a line of an access control list. acl(5)
type aclEntry struct {
	tag, perm uint16
	id        uint32
}

// setACL gives the file a list; false where the file system has none.
func (p passphrases) setACL(path string, entries ...aclEntry) bool {
	data := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range entries {
		data = binary.LittleEndian.AppendUint16(data, e.tag)
		data = binary.LittleEndian.AppendUint16(data, e.perm)
		data = binary.LittleEndian.AppendUint32(data, e.id)
	}
	err := unix.Setxattr(path, "system.posix_acl_access", data, 0)
	if errors.Is(err, unix.EOPNOTSUPP) {
		return false
	}
	p.do(err)
	return true
}

// systemd gives a credential of root's to a unit's user by a list, whose mask the
// mode shows in place of the group's permissions.
func TestPassphraseFileWithAccessList(t *testing.T) {
	p := passphrases{t, t.TempDir()}
	const owner, user, groupOwner, group, mask, other, none = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0xffffffff
	me := uint32(os.Geteuid())
	list := func(more ...aclEntry) []aclEntry {
		return append(append([]aclEntry{{owner, 4, none}}, more...), aclEntry{mask, 4, none}, aclEntry{other, 0, none})
	}
	path := p.file("credential", "correct horse\n", 0o400)
	if os.Geteuid() == 0 {
		p.do(os.Chown(path, 0, stranger))
	}
	if !p.setACL(path, list(aclEntry{user, 4, me}, aclEntry{groupOwner, 0, none})...) {
		t.Log("no access control lists here")
		return
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o440 {
		t.Errorf("mode %v, %v, want what a list makes of it", info.Mode(), err)
	}
	p.takes("a list with this user alone", path, "correct horse")
	path = p.file("others", "CANARY\n", 0o400)
	p.setACL(path, list(aclEntry{user, 4, stranger}, aclEntry{groupOwner, 0, none})...)
	p.refuses("a list with another user", path, "access control list")
	path = p.file("groups", "CANARY\n", 0o400)
	p.setACL(path, list(aclEntry{user, 4, me}, aclEntry{groupOwner, 0, none}, aclEntry{group, 4, stranger})...)
	p.refuses("a list with another group", path, "group 65533")
}
