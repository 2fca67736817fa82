//go:build !linux

package keystore

import "time"

func readKernelKey(string) ([]byte, error) { return nil, ErrNoKernelKeyring }

func writeKernelKey(string, []byte, time.Duration) error { return ErrNoKernelKeyring }

func dropKernelKey(string) (there bool, err error) { return false, ErrNoKernelKeyring }
