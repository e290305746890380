#!/bin/sh
# Makes in-flight-<commit>.json.gz: the database and the provider's account of a release whose worker was killed with a
# saga at every step, and at every undo, of every saga. Runs that release's own code, outside of this checkout.
# Usage: test/upgrade/make-in-flight.sh <commit> (run `npm ci` first, with the packages of that release)
set -eu
commit=$1
here=$(cd "$(dirname "$0")" && pwd)
release=$(mktemp -d)
trap 'rm -rf "$release"' EXIT
git -C "$(git -C "$here" rev-parse --show-toplevel)" archive "$commit" | tar -x -C "$release"
ln -s "$here/../../node_modules" "$release/node_modules"
cp "$here/leave-in-flight.ts.txt" "$release/leave-in-flight.ts"
# The stage keeps the provider's account, and its one worker has a place for every saga that stands still.
sed -i 's/createSimulator({ \.\.\.account, seed })/createSimulator({ ...account, seed, stateFile: "account.json" })/' \
  "$release/src/proof/stage/stage.ts"
sed -i 's/ARCADIA_WORKER_SLOTS: "10"/ARCADIA_WORKER_SLOTS: "200"/' "$release/src/proof/stage/stage.ts"
cd "$release"
node leave-in-flight.ts "$here/in-flight-$commit.json.gz"
