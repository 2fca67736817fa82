//go:build !darwin && !windows

package keystore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// The Secret Service. https://specifications.freedesktop.org/secret-service-spec/latest/
const (
	secretsName    = "org.freedesktop.secrets"
	secretsPath    = "/org/freedesktop/secrets"
	serviceType    = "org.freedesktop.Secret.Service"
	collectionType = "org.freedesktop.Secret.Collection"
	itemType       = "org.freedesktop.Secret.Item"
	loginPath      = secretsPath + "/collection/login"
)

// probe asks the Secret Service for what it tells of a locked keyring too.
// go-keyring has no such call: its own unlock first, which may open a dialog.
func (r *ring) probe(ctx context.Context) (State, error) {
	text, err := r.call(ctx, func() (string, error) {
		s, err := r.askBus(ctx)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(s)
		return string(text), err
	})
	var s State
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return s, ErrTimeout
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(text), &s)
}

func (r *ring) askBus(ctx context.Context) (State, error) {
	conn, err := dbus.Connect(r.busAddress(), dbus.WithContext(ctx))
	if err != nil {
		return State{}, fmt.Errorf("%w: %s", ErrUnavailable, printableText(err.Error()))
	}
	defer conn.Close()
	b := bus{ctx, conn}
	var owned bool
	if err := b.ask("NameHasOwner", secretsName).Store(&owned); err != nil {
		return State{}, err
	}
	if !owned {
		var startable []string
		if err := b.ask("ListActivatableNames").Store(&startable); err != nil {
			return State{}, err
		}
		if slices.Contains(startable, secretsName) {
			return State{Asleep: true}, nil
		}
		return State{}, fmt.Errorf("%w: no program on the session bus keeps one", ErrUnavailable)
	}
	collection, err := b.collection()
	if err != nil {
		return State{}, err
	}
	var locked bool
	if err := b.property(collection, collectionType, "Locked", &locked); err != nil {
		return State{}, err
	}
	if locked {
		return State{}, fmt.Errorf("%w (%s)", ErrLocked, b.provider())
	}
	names, err := b.names()
	return State{Provider: b.provider(), Names: names, Listed: err == nil}, err
}

// busAddress is where [ring.reachable] saw a bus. An address of its own keeps
// godbus from starting one.
func (r *ring) busAddress() string {
	if r.BusAddress != "" && !strings.HasPrefix(r.BusAddress, "autolaunch:") {
		return r.BusAddress
	}
	dir := r.runtimeDir()
	path := filepath.Join(dir, "bus")
	if _, err := os.Stat(path); err != nil {
		if text, err := os.ReadFile(filepath.Join(dir, "dbus-session")); err == nil {
			return strings.TrimPrefix(strings.TrimSpace(string(text)), "DBUS_SESSION_BUS_ADDRESS=")
		}
	}
	return "unix:path=" + path
}

type bus struct {
	ctx  context.Context
	conn *dbus.Conn
}

func (b bus) ask(method string, args ...any) *dbus.Call {
	return b.conn.BusObject().CallWithContext(b.ctx, "org.freedesktop.DBus."+method, 0, args...)
}

func (b bus) property(path dbus.ObjectPath, of, name string, to any) error {
	var v dbus.Variant
	err := b.conn.Object(secretsName, path).CallWithContext(b.ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, of, name).Store(&v)
	if err != nil {
		return err
	}
	return v.Store(to)
}

// collection returns the keyring that go-keyring takes: login, else the default one.
func (b bus) collection() (dbus.ObjectPath, error) {
	var all []dbus.ObjectPath
	if err := b.property(secretsPath, serviceType, "Collections", &all); err != nil {
		return "", err
	}
	if slices.Contains(all, loginPath) {
		return loginPath, nil
	}
	var path dbus.ObjectPath
	err := b.conn.Object(secretsName, secretsPath).CallWithContext(b.ctx, serviceType+".ReadAlias", dbus.FlagNoAutoStart, "default").Store(&path)
	if err == nil && path == "/" {
		err = ErrNotMade
	}
	return path, err
}

// names reads them off the items' attributes, which no keyring asks a person for.
func (b bus) names() ([]string, error) {
	var open, locked []dbus.ObjectPath
	err := b.conn.Object(secretsName, secretsPath).CallWithContext(b.ctx, serviceType+".SearchItems", dbus.FlagNoAutoStart, map[string]string{"service": service}).Store(&open, &locked)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, item := range slices.Concat(open, locked) {
		var attributes map[string]string
		if err := b.property(item, itemType, "Attributes", &attributes); err != nil {
			return nil, err
		}
		if name := attributes["username"]; name != "" && name != indexName {
			names = append(names, name)
		}
	}
	return sorted(names), nil
}

// provider names the program behind the Secret Service.
func (b bus) provider() string {
	var pid uint32
	if b.ask("GetConnectionUnixProcessID", secretsName).Store(&pid) != nil {
		return secretsName
	}
	path, err := os.Readlink(filepath.Join("/proc", strconv.FormatUint(uint64(pid), 10), "exe"))
	if err != nil {
		return secretsName
	}
	return printableText(filepath.Base(path))
}
