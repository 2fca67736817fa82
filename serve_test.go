package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// fetch asks the endpoint of the environment as an SDK does, and prints what it
// answers; its status goes before, and fails, unless it is 200. With -gone it waits
// until nobody listens at the URL that a file tells.
func fetch() {
	host := flag.String("host", "", "")
	header := flag.String("header", "", "NAME=VALUE")
	token := flag.String("token", os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"), "")
	fromFile := flag.Bool("file", false, "take the token of the file")
	path := flag.String("path", "", "")
	method := flag.String("method", "GET", "")
	gone := flag.String("gone", "", "")
	tell := flag.String("tell", "", "write the URL into this file")
	flag.Parse()
	uri := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if *gone != "" {
		os.Exit(awaitGone(*gone))
	}
	if *tell != "" {
		check(os.WriteFile(*tell, []byte(uri), 0o600))
	}
	if *fromFile {
		text, err := os.ReadFile(os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
		check(err)
		*token = string(text)
	}
	u, err := url.Parse(uri)
	check(err)
	if *path != "" {
		u.Path = *path
	}
	r, err := http.NewRequest(*method, u.String(), nil)
	check(err)
	r.Host = *host
	if *token != "" {
		r.Header.Set("Authorization", *token)
	}
	if name, value, ok := strings.Cut(*header, "="); ok {
		r.Header.Set(name, value)
	}
	resp, err := new(http.Transport).RoundTrip(r)
	check(err)
	body, err := io.ReadAll(resp.Body)
	check(err)
	if resp.StatusCode != http.StatusOK {
		fmt.Println(resp.StatusCode, string(body))
		os.Exit(1)
	}
	fmt.Print(string(body))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func awaitGone(file string) int {
	text, err := os.ReadFile(file)
	check(err)
	u, err := url.Parse(string(text))
	check(err)
	for range 200 {
		c, err := net.Dial("tcp", u.Host)
		if err != nil {
			return 0
		}
		c.Close()
		time.Sleep(50 * time.Millisecond)
	}
	return 1
}
