package helper

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"aws-connector/internal/connector"
)

// authorization is what ECR and ECR Public answer. ECR Public sends no endpoint.
type authorization struct {
	token, endpoint *string
	expires         *time.Time
	date            time.Time // AWS's at the answer, zero if not known
}

// authorize asks for a token.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
// https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetAuthorizationToken.html
func (o Client) authorize(ctx context.Context, r connector.Registry) (authorization, error) {
	transport, err := o.transport()
	if err != nil {
		return authorization{}, err
	}
	sender, err := o.sender(ctx, timed{bounded(transport, AnswerLimit, o.Proxies)})
	if err != nil {
		return authorization{}, err
	}
	target := "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"
	if r.Public {
		target = "SpencerFrontendService.GetAuthorizationToken"
	}
	answer, err := sender.Send(ctx, Request{Method: http.MethodPost, URL: sender.Base + "/", Target: target, Body: []byte("{}")})
	if err != nil {
		return authorization{}, err
	}
	type data struct {
		Token    *string  `json:"authorizationToken"`
		Endpoint *string  `json:"proxyEndpoint"`
		Expires  *float64 `json:"expiresAt"` // seconds since 1970
	}
	var all []data
	if r.Public {
		var got struct {
			Data *data `json:"authorizationData"`
		}
		if err = json.Unmarshal(answer.Body, &got); got.Data != nil {
			all = []data{*got.Data}
		}
	} else {
		var got struct {
			Data []data `json:"authorizationData"`
		}
		err = json.Unmarshal(answer.Body, &got)
		all = got.Data
	}
	switch {
	case err != nil:
		return authorization{}, answer.unreadable()
	case len(all) == 0:
		return authorization{}, nil
	}
	a := authorization{token: all[0].Token, endpoint: all[0].Endpoint}
	a.date, _ = http.ParseTime(answer.Header.Get("Date"))
	if at := all[0].Expires; at != nil {
		const late = 1 << 40 // no later one fits
		expires := time.Unix(int64(max(-late, min(*at, late))), 0)
		a.expires = &expires
	}
	return a, nil
}
