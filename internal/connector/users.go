package connector

// UsersOf returns the names of the connectors that start from the key called key,
// sorted. Of the broken ones too, where it can be read: they may be mended.
func (f File) UsersOf(key string) []string {
	var users []string
	for _, name := range f.Names() {
		if f.keyOf(name) == key {
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
	if _, ok := own["source"]; ok || value("auth_method") == string(Implicit) {
		return ""
	}
	if _, ok := own["key"]; !ok && value("key") == "" {
		return name
	}
	return value("key")
}
