package owned

// Check finds nothing: an administrator's profile is nobody else's.
func Check(string) error { return nil }
