// Command served asks who it is, through the credentials that the environment offers,
// and prints the access key ids that it was so with.
//
//	served REQUESTS SECONDS ENDPOINT
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	requests, err := strconv.Atoi(os.Args[1])
	seconds, also := strconv.ParseFloat(os.Args[2], 64)
	if err != nil || also != nil {
		log.Fatal(err, also)
	}
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithBaseEndpoint(os.Args[3]))
	if err != nil {
		log.Fatal(err)
	}
	client := sts.NewFromConfig(cfg)
	var keys []string
	for range requests {
		if _, err := client.GetCallerIdentity(ctx, nil); err != nil {
			log.Fatal(err)
		}
		c, err := cfg.Credentials.Retrieve(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if !slices.Contains(keys, c.AccessKeyID) {
			keys = append(keys, c.AccessKeyID)
		}
		time.Sleep(time.Duration(seconds / float64(requests) * float64(time.Second)))
	}
	if err := json.NewEncoder(os.Stdout).Encode(keys); err != nil {
		log.Fatal(err)
	}
}
