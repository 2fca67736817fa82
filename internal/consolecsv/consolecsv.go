// Package consolecsv reads the files in which the AWS console gives away access
// keys: accessKeys.csv, the credentials.csv of a new user or of several, and the
// rootkey.csv of old, which is none.
package consolecsv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"aws-connector/internal/charset"
	"aws-connector/internal/secret"
)

const maxRows = 1000

// Row is an access key.
type Row struct {
	// Line is where it begins, from 1.
	Line int
	// User is empty where the file does not tell.
	User, ID      string
	Secret, Token secret.Text
}

// File is what a file has.
type File struct {
	Rows []Row
	// Passwords says that there are passwords for the console too, which are nowhere else.
	Passwords bool
}

// columns are the names of columns, in small letters and without blanks, as the
// console has and had them.
var columns = map[string]func(*Row) func(string){
	"username":        func(r *Row) func(string) { return func(s string) { r.User = s } },
	"accesskeyid":     func(r *Row) func(string) { return func(s string) { r.ID = s } },
	"secretaccesskey": func(r *Row) func(string) { return func(s string) { r.Secret = secret.New(s) } },
	"sessiontoken":    func(r *Row) func(string) { return func(s string) { r.Token = secret.New(s) } },
}

const password = "password"

// Parse reads a file. Its error shows nothing of it; a [*charset.Error] says more.
func Parse(text []byte) (File, error) {
	if err := charset.Check(text); err != nil {
		return File{}, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if row, ok := rootKey(text); ok {
		return File{Rows: []Row{row}}, nil
	}
	head, _, _ := bytes.Cut(text, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	// A spreadsheet writes what its country's lists are separated by.
	for _, comma := range []rune{';', '\t'} {
		if !bytes.ContainsRune(head, ',') && bytes.ContainsRune(head, comma) {
			r.Comma, r.TrimLeadingSpace = comma, comma != '\t'
		}
	}
	names, err := r.Read()
	if errors.Is(err, io.EOF) {
		return File{}, errors.New("it is empty")
	}
	if err != nil {
		return File{}, notCSV(err)
	}
	for i, name := range names {
		names[i] = column(name)
		if columns[names[i]] != nil && slices.Contains(names[:i], names[i]) {
			return File{}, errors.New("line 1 names a column twice")
		}
	}
	if !slices.Contains(names, "accesskeyid") || !slices.Contains(names, "secretaccesskey") {
		return File{}, errors.New(`line 1 has no columns "Access key ID" and "Secret access key"`)
	}
	return rows(r, names)
}

func rows(r *csv.Reader, names []string) (File, error) {
	var f File
	for {
		fields, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return f, nil
		case err != nil:
			return File{}, notCSV(err)
		case len(f.Rows) == maxRows:
			return File{}, fmt.Errorf("it has more than %d rows", maxRows)
		}
		var row Row
		for i, value := range fields[:min(len(fields), len(names))] {
			value = strings.TrimSpace(value)
			if set := columns[names[i]]; set != nil {
				set(&row)(value)
			}
			f.Passwords = f.Passwords || names[i] == password && value != ""
		}
		if strings.TrimSpace(strings.Join(fields, "")) == "" {
			continue // what a spreadsheet leaves of a row
		}
		row.Line, _ = r.FieldPos(0)
		f.Rows = append(f.Rows, row)
	}
}

// column is a column's name without what has changed about it.
func column(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// notCSV is err without what the library shows of a line.
func notCSV(err error) error {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return fmt.Errorf("line %d is not CSV: a quotation mark is in the wrong place or missing", at.Line)
	}
	return errors.New("it is not CSV")
}

// rootKey reads the two lines that rootkey.csv had.
func rootKey(text []byte) (row Row, ok bool) {
	row.Line = 1
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch {
		case name == "AWSAccessKeyId":
			row.ID = value
		case name == "AWSSecretKey":
			row.Secret = secret.New(value)
		case name != "":
			return Row{}, false
		}
	}
	return row, row.ID != "" && !row.Secret.Empty()
}
