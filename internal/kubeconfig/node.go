package kubeconfig

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// text returns a string, in quotes where a reader of YAML 1.1, as kubectl is, would
// take it for anything else: yes is true there.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if written, err := yaml.Marshal(s); err == nil && len(written) > 0 && (written[0] == '"' || written[0] == '\'') {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func texts(all []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, s := range all {
		n.Content = append(n.Content, text(s))
	}
	return n
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// newItem returns an item of a section that has but a name, which comes last, as
// kubectl writes it.
func newItem(name string) *yaml.Node {
	n := mapping()
	n.Content = []*yaml.Node{text("name"), text(name)}
	return n
}

// resolved follows an alias.
func resolved(n *yaml.Node) *yaml.Node {
	for range 8 {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// at returns the value at a path of keys, nil where there is none.
func at(n *yaml.Node, path ...string) *yaml.Node {
	n = resolved(n)
	for _, key := range path {
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		_, n = pair(n, key)
		n = resolved(n)
	}
	return n
}

// pair returns a key of a mapping and its value.
func pair(n *yaml.Node, key string) (k, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; k.Kind == yaml.ScalarNode && k.Value == key {
			return k, n.Content[i+1]
		}
	}
	return nil, nil
}

// field returns the text at a path, empty where there is none.
func field(n *yaml.Node, path ...string) string {
	n = at(n, path...)
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

func listOf(n *yaml.Node) []*yaml.Node {
	n = resolved(n)
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// set puts a value at a path, and makes the mappings on the way. What is shared by
// an alias is copied first.
func set(n *yaml.Node, path []string, value *yaml.Node) {
	for i, key := range path {
		_, next := pair(n, key)
		if next == nil {
			next = mapping()
			if k := text(key); i == 0 {
				n.Content = append([]*yaml.Node{k, next}, n.Content...)
			} else {
				n.Content = append(n.Content, k, next)
			}
		}
		if next.Kind == yaml.AliasNode {
			*next = *clone(resolved(next))
			next.Anchor = ""
		}
		last := i == len(path)-1
		switch {
		case last && same(next, value):
		case last:
			comment := next.LineComment
			*next = *value
			next.LineComment = comment
		case next.Kind != yaml.MappingNode:
			*next = *mapping()
		}
		n = next
	}
}

// clone copies a tree; aliases lead to where they led.
func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for _, child := range n.Content {
		c.Content = append(c.Content, clone(child))
	}
	return &c
}

// same reports whether two trees say the same.
func same(a, b *yaml.Node) bool {
	var x, y any
	return a.Decode(&x) == nil && b.Decode(&y) == nil && reflect.DeepEqual(x, y)
}
