package keystore

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// accessList are those who may read or write a file beside its owner and everybody.
type accessList struct{ users, groups []uint32 }

// accessListOf reads a file's access control list, by which systemd gives root's
// credentials to the user of a unit. acl(5), linux/posix_acl_xattr.h
func accessListOf(fd int) (a accessList, listed bool) {
	const (
		version, head, entry           = 2, 4, 8
		user, groupOwner, group        = 0x02, 0x04, 0x08
		mayRead, mayWrite       uint16 = 4, 2
	)
	data := make([]byte, 4096)
	n, err := unix.Fgetxattr(fd, "system.posix_acl_access", data)
	if err != nil || n < head || binary.LittleEndian.Uint32(data) != version {
		return a, false
	}
	var owner unix.Stat_t
	if unix.Fstat(fd, &owner) != nil {
		return a, false
	}
	for data = data[head:n]; len(data) >= entry; data = data[entry:] {
		tag, perm, id := binary.LittleEndian.Uint16(data), binary.LittleEndian.Uint16(data[2:]), binary.LittleEndian.Uint32(data[4:])
		switch {
		case perm&(mayRead|mayWrite) == 0:
		case tag == user:
			a.users = append(a.users, id)
		case tag == groupOwner:
			a.groups = append(a.groups, owner.Gid)
		case tag == group:
			a.groups = append(a.groups, id)
		}
	}
	return a, true
}
