package helper

import "testing"

func TestShapeOf(t *testing.T) {
	for text, want := range map[string]shape{
		"":                             {},
		"text":                         {},
		"{}":                           {1, 1, false},
		"[1,2]":                        {1, 2, false},
		`{"a":[{}],"b":{}}`:            {3, 5, false},
		`{"a":"]},[{"}`:                {1, 1, false},
		`{"a":"\"]},[{"}`:              {1, 1, false},
		`{"a":"\\"}`:                   {1, 1, false},
		`{"a":1`:                       {1, 1, true},
		`[`:                            {1, 1, true},
		` \t`:                          {},
		" \t\r\n{\"a\"":                {1, 1, true},
		`"a`:                           {},
		`["a`:                          {1, 1, true},
		`[]"`:                          {1, 1, true},
		`]]]`:                          {},
		"<a/>":                         {1, 1, false},
		"<a></a>":                      {1, 1, false},
		"<a><b/><b/></a>":              {2, 3, false},
		"<a><b><c/></b></a>":           {3, 3, false},
		`<a b="1" c='2'/>`:             {1, 3, false},
		`<a b=">" c='"'/>`:             {1, 3, false},
		`<a b="'>"></a>`:               {1, 2, false},
		`<a b="x=1"/>`:                 {1, 2, false},
		"<a>":                          {1, 1, true},
		"<a></a":                       {1, 1, true},
		`<a b="`:                       {0, 1, true},
		`<a b=1 c=2`:                   {0, 2, true},
		"<?xml version='1.0'?><a/>":    {1, 1, false},
		"<?a <b> ?><a/>":               {1, 1, false},
		"<!-- <b> --><a/>":             {1, 1, false},
		"<!----><a/>":                  {1, 1, false},
		"<![CDATA[<b>]]><a/>":          {2, 2, false},
		"<![CDATA[]]><a/>":             {2, 2, false},
		"<??><a/>":                     {1, 1, false},
		"<!-- <b>":                     {0, 0, true},
		"<!DOCTYPE html><html><p><br>": {3, 3, false},
		"<p><HTML>":                    {2, 2, false},
		"<":                            {0, 0, true},
		"text <a>":                     {1, 1, false},
		"{<a>":                         {1, 1, true},
	} {
		if got := shapeOf([]byte(text)); got != want {
			t.Errorf("shapeOf(%q) = %+v, want %+v", text, got, want)
		}
	}
}
