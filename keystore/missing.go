package keystore

// NotFoundError is [ErrNotFound] with what there is instead.
type NotFoundError struct {
	Name string
	// Known are the names of the stored keys, in no order; empty where none are known.
	Known []string
}

func (e *NotFoundError) Error() string { return ErrNotFound.Error() }
func (e *NotFoundError) Unwrap() error { return ErrNotFound }
