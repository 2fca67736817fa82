// Command stscall makes one call of AssumeRole with the SDK's client and prints what
// came, with the key, region and endpoint of the environment: the least that a miss costs.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	client := sts.New(sts.Options{
		Region:       os.Getenv("AWS_REGION"),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
		}),
	})
	out, err := client.AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: &os.Args[1], RoleSessionName: aws.String("bench")})
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(out.Credentials)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
