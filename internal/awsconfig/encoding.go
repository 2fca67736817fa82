package awsconfig

import (
	"bytes"
	"fmt"

	"aws-connector/internal/charset"
)

// LineEndError is a carriage return without a newline. For Python a line ends
// there and for other SDKs it does not, so that they see other sections.
type LineEndError struct{ Line int }

// Error names the line, to be put after the path of the file and a colon.
func (e *LineEndError) Error() string {
	return fmt.Sprintf("line %d ends in a carriage return alone, which some SDKs take for the end of a line and others do not", e.Line)
}

// Hint says how to get a file that can be edited.
func (e *LineEndError) Hint() string {
	return `nothing was changed; save the file with line ends of Unix or Windows: an editor does, or perl -pi -e 's/\r\n?/\n/g' FILE`
}

// Check returns an error if text is a file that not all SDKs read line by line
// alike: a [*charset.Error], or a [*LineEndError].
func Check(text []byte) error {
	if err := charset.Check(text); err != nil {
		return err
	}
	for i, line := 0, 1; ; line++ {
		n := bytes.IndexAny(text[i:], "\r\n")
		if n < 0 {
			return nil
		}
		i += n + 1
		if text[i-1] == '\n' {
			continue
		}
		if !bytes.HasPrefix(text[i:], []byte("\n")) {
			return &LineEndError{line}
		}
		i++
	}
}
