// Package cli is the command line of aws-connector: its commands, help texts,
// paths, environment, hints and exit codes. No other package reads the
// environment or knows what a failure is worth to a shell.
package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"aws-connector/cache"
	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/question"
	"aws-connector/internal/secret"
	"aws-connector/internal/tty"
	"aws-connector/keystore"
)

// timeout bounds a call, but for what waits for a person at the terminal: the
// AWS SDKs for Go and Kotlin give up on a credential_process after 60 s.
const timeout = 55 * time.Second

// nestedLess is how much sooner a call ends that another aws-connector waits for.
const nestedLess = 5 * time.Second

// App is the program with what it needs from the process. All fields but Question and Release are required.
type App struct {
	// Stdin is read by `key add --stdin` and the Docker protocol alone.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Now is the wall clock.
	Now func() time.Time
	// Terminal opens the controlling terminal.
	Terminal func() (*tty.Terminal, error)
	// Question is what the process was asked, where package warm may answer that the
	// next time; else nil.
	Question *question.Question
	// Release gives the signals that the process listens to back, for a program that
	// it becomes; else nil.
	Release func()

	// answer is Stdout, as it is wrapped while a command runs.
	answer *stream
	// does says that the command is not only there for what it prints.
	does    bool
	verbose bool
	// interrupted says that Ctrl-C ended the command.
	interrupted bool
	trail       trail
	// dashed says that -- stands before what is completed, which cobra does not tell.
	dashed bool
	// given is the answer to what package warm was asked.
	given *helper.Answer
	// answers is what answered for connectors, nil if nothing was to.
	answers *helper.Helper
	// opening is how connectors.toml has the keystore opened.
	opening connector.Opening
	// spoken is $AWS_CONNECTOR_PASSPHRASE, which no program that is run inherits.
	spoken secret.Text
	// silent: no person is asked for a passphrase.
	silent bool
	// passphrases are those of pipes, by path: one can be read once.
	passphrases map[string]saidOnce
}

// Run runs the program and returns its exit status. args[0] is the name it was called by.
func (a *App) Run(ctx context.Context, args []string) int {
	defer a.wrap()()
	a.keepToItself()
	status := a.run(ctx, args)
	if err := a.answer.failure(); err != nil && status == 0 {
		status = a.fail(err)
	}
	a.settle(ctx) // after the answer, which it must not delay
	return status
}

// settle does what is left to do once there is an answer.
func (a *App) settle(ctx context.Context) {
	a.record()
	if a.answers != nil {
		a.answers.Tidy(ctx)
	}
	a.answers = nil
}

func (a *App) run(ctx context.Context, args []string) (status int) {
	defer a.survive(&status)
	if action, ok := dockerAction(args); ok {
		ctx, cancel := withTimeout(ctx)
		defer cancel()
		return a.docker(ctx, action)
	}
	root := a.root(args[1:]...)
	if cmd, _, err := root.Find(args[1:]); err != nil || cmd.Annotations[asks] == "" {
		var cancel context.CancelFunc
		ctx, cancel = withTimeout(ctx)
		defer cancel()
	}
	if completing(args) {
		return a.complete(ctx, root, args[1:])
	}
	root.SetArgs(args[1:])
	if err := root.ExecuteContext(ctx); err != nil {
		a.interrupted = isInterrupt(ctx)
		return a.fail(err)
	}
	return 0
}

func withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := timeout - time.Duration(len(chain()))*nestedLess
	return context.WithTimeout(ctx, max(limit, nestedLess))
}

// connectors loads connectors.toml.
func (a *App) connectors() (connector.File, error) {
	path, err := configPath()
	if err != nil {
		return connector.File{}, err
	}
	f, err := connector.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, &noConnectors{path}
	}
	return f, err
}

// optionalConnectors loads connectors.toml, where none is as good as an empty one.
func (a *App) optionalConnectors() (connector.File, error) {
	f, err := a.connectors()
	if missing(err) {
		path, _ := configPath()
		return connector.File{Path: path}, nil
	}
	return f, err
}

// open returns what answers for the connectors of connectors.toml.
func (a *App) open() (*helper.Helper, error) {
	f, err := a.connectors()
	if err != nil {
		return nil, err
	}
	return a.helper(f)
}

// helper returns what answers for the connectors of f.
func (a *App) helper(f connector.File) (*helper.Helper, error) {
	a.trail.to = auditPath(f)
	env, err := a.environment()
	if err != nil {
		return nil, err
	}
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	return a.answerer(f, env, dir), nil
}

func (a *App) answerer(f connector.File, env helper.Environment, cacheDir string) *helper.Helper {
	keys := a.keys(f)
	h := &helper.Helper{Connectors: f, Keys: keys, KeyNotes: keyNotes(), Env: env, Now: a.Now, Log: a.log(), Person: a.person(), Explain: explained}
	if a.trail.to != "" {
		h.Answered = a.note
	}
	a.watch(h, keys)
	if cacheDir != "" {
		h.Cache = cache.Open(cacheDir, cache.Seal(f.Seal))
	}
	a.answers = h
	return h
}

func (a *App) keys(f connector.File) *keystore.Store {
	a.opening = f.Opening
	store := systemStore
	if f.Keystore == "file" {
		store = func() *keystore.Store { return a.fileStore(f) }
	}
	if len(f.KeyPrograms()) == 0 {
		return store()
	}
	return store().With(helper.KeyPrograms(f, ambient(), chain(), a.Now))
}

func (a *App) log() *slog.Logger {
	if !a.verbose && os.Getenv("AWS_CONNECTOR_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
