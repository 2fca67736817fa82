#!/bin/bash
# install.sh: the real Go builds and installs a program that runs, from another
# directory, by a link, and whatever is set for other work.
set -euo pipefail
python=$1
tree=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
ln -s "$tree/install.sh" "$dir/link"
cd "$dir"
export PREFIX="$dir/a prefix"
# What installing and configuring put into a person's files, uninstalling takes out
# again, byte for byte, so that AWS clients and Docker work as they did before.
export HOME="$dir/home" DOCKER_CONFIG= AWS_CONFIG_FILE= KUBECONFIG=
unset DOCKER_CONFIG AWS_CONFIG_FILE KUBECONFIG AWS_CONNECTOR_CONFIG
mkdir -p "$HOME/.aws" "$HOME/.docker" "$HOME/.config/aws-connector"
printf '# mine\n[profile mine]\nregion = eu-west-1\n' >"$HOME/.aws/config"
printf '{\n\t"auths": {"example.com": {}},\n\t"credHelpers": {"gcr.io": "gcloud"}\n}\n' >"$HOME/.docker/config.json"
cat >"$HOME/.config/aws-connector/connectors.toml" <<'END'
[connectors.deploy]
auth_method = "session-token"
region = "eu-central-1"
registries = ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"]
END
cp -r "$HOME" "$dir/before"
configured() {
	PATH="$PREFIX/bin:$PATH" "$PREFIX/bin/aws-connector" configure aws >out 2>&1
	PATH="$PREFIX/bin:$PATH" "$PREFIX/bin/aws-connector" configure docker >out 2>&1
	grep -q 'aws-connector get deploy' "$HOME/.aws/config"
	grep -q '"ecr"' "$HOME/.docker/config.json"
	PATH="$PREFIX/bin:$PATH" docker-credential-ecr list | grep -q eu-central-1
}
as_before() {
	diff -r "$dir/before/.aws" "$HOME/.aws"
	diff -r "$dir/before/.docker" "$HOME/.docker"
	[ "$("$python" -m awscli configure get region --profile mine)" = eu-west-1 ]
	! grep -q 'still name' out
}
for shell in dash bash; do
	CDPATH=$tree GOOS=plan9 GOARCH=386 GOFLAGS=-n GOWORK=/nowhere GO111MODULE=off "$shell" ./link >out 2>&1 || { cat out; exit 1; }
	version=$("$PREFIX/bin/aws-connector" version)
	grep -qF "installed $PREFIX/bin/aws-connector ($version)" out || { cat out; exit 1; }
	"$PREFIX/bin/docker-credential-ecr" version | grep -q '^docker-credential-ecr (aws-connector) '
	[ ! -e "$PREFIX/bin/docker-credential-ecr-login" ]
	"$shell" ./link --ecr-login >out 2>&1 || { cat out; exit 1; }
	"$PREFIX/bin/docker-credential-ecr-login" version | grep -q ' (aws-connector) '
	grep -q '^\.TH' "$PREFIX/share/man/man1/aws-connector.1"
	configured "$shell"
	"$shell" ./link --uninstall --yes >out </dev/null
	as_before
	[ -z "$(find "$PREFIX" ! -type d)" ] || { find "$PREFIX"; exit 1; }
done
# Nobody is there to ask: the files are left, and named.
dash ./link >out 2>&1
configured
dash ./link --uninstall >out </dev/null
grep -qF "  $HOME/.aws/config" out && grep -qF "  $HOME/.docker/config.json" out || { cat out; exit 1; }
# A person is asked about each file.
dash ./link >out 2>&1
printf 'y\nn\n' | script -qec "dash ./link --uninstall" typescript >out
diff -r "$dir/before/.aws" "$HOME/.aws"
grep -q '"ecr"' "$HOME/.docker/config.json"
grep -q "^  $HOME/.docker/config.json" out || { cat out; exit 1; }
echo "install.sh: built, installed and removed by dash and bash"
