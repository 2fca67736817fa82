// Command whoami prints who the AWS SDK for Go is with a profile.
//
//	whoami PROFILE ENDPOINT
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(os.Args[1]), config.WithBaseEndpoint(os.Args[2]))
	if err == nil {
		var who *sts.GetCallerIdentityOutput
		if who, err = sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil); err == nil {
			fmt.Println(*who.Arn, cfg.Region)
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
