package connector

// UsersOf returns the names of the connectors that start from the key called key,
// themselves or through their source, sorted. Of the broken ones too, where it can
// be read: they may be mended.
func (f File) UsersOf(key string) []string {
	var users []string
	for _, name := range f.Names() {
		chain := f.Chain(name)
		start := chain[len(chain)-1]
		if _, exists := f.connectors.get(start); exists && f.keyOf(start) == key {
			users = append(users, name)
		}
	}
	return users
}

// keyOf returns the name of the key that the connector called name starts from,
// empty if there is none.
func (f File) keyOf(name string) string {
	if c, err := f.Lookup(name); err == nil {
		return c.Key
	}
	own := f.connectors.own(name)
	value := func(field string) string {
		v, ok := own[field]
		if !ok {
			v = f.defaults[field]
		}
		s, _ := v.(string)
		return s
	}
	_, sourced := own["source"]
	if m := Method(value("auth_method")); sourced || m == Implicit || m == WebIdentity || m == Process {
		return ""
	}
	if _, ok := own["key"]; !ok && value("key") == "" {
		return name
	}
	return value("key")
}
