package awsconfig

// splitWords is [Split] where there is no Windows; false if a quote is not closed.
func splitWords(line string) (words []string, ok bool) {
	words, err := splitPOSIX(line)
	return words, err == nil
}
