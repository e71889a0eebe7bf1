#!/bin/sh
# shellcheck disable=SC2154
# The command line: finds Node, and hands over.

# Also where there is no Node.
if [ "$*" = --version ]; then
	echo '@VERSION@'
	exit 0
fi
. /usr/lib/postern/functions.sh
if ! node="$(find_node "$(uci -q get postern.main.interpreter)")"; then
	echo "postern: $node" >&2
	exit 69
fi
exec "$node" --max-semi-space-size=1 "$lib/postern.cjs" "$@"
