# shellcheck shell=dash
# shellcheck disable=SC2034,SC3043
# What the service, the firewall's include and the command share. Reads nothing and does nothing by itself.

lib=/usr/lib/postern
run_dir=/var/run/postern
# Why nothing runs, for who asks LuCI. Not in run_dir, which the daemon may write.
no_node_note=/var/run/postern.no-node
bad_config_note=/var/run/postern.bad-config
shipped_guard=/usr/share/postern/guard.nft
ujail=/sbin/ujail
daemon_user=postern
hooks_user='postern-hooks'

say() {
	logger -t postern -p "daemon.$1" "$2"
}

is_true() {
	case "$1" in
	1 | on | true | yes | enabled) return 0 ;;
	*) return 1 ;;
	esac
}

is_enabled() {
	case "$(uci -q get postern.main.enabled)" in
	0 | off | false | no | disabled) return 1 ;;
	*) return 0 ;;
	esac
}

is_observing() {
	[ "$(uci -q get postern.main.mode)" = observe ]
}

has_user() {
	grep -q "^$1:" /etc/passwd
}

# The daemon needs CAP_NET_ADMIN and nothing else; only ujail can give a user just that.
service_user() {
	if [ -x "$ujail" ] && has_user "$daemon_user"; then echo "$daemon_user"; else echo root; fi
}

is_new_enough() {
	local major="${1%%.*}" minor="${1#*.}"
	minor="${minor%%.*}"
	case "$major$minor" in
	'' | *[!0-9]*) return 1 ;;
	esac
	[ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -ge 18 ]; }
}

# What the loader says where a library is missing, or the shell of a crash.
unfitness() {
	if [ -n "$2" ]; then
		echo "is $2"
	else
		echo "does not run ($({ "$1" --version; } 2>&1 | head -n 1))"
	fi
}

# Prints the path of the first Node that can run Postern; where there is none, says so and what to do, and fails. One that
# runs the daemon ($2) already and is the same file needs no trial: that fails where memory is short.
find_node() {
	local candidate version unfit=''
	for candidate in "$1" /usr/bin/node "$lib/runtime/bin/node" /opt/bin/node /usr/local/bin/node; do
		if [ -z "$candidate" ] || [ ! -x "$candidate" ]; then continue; fi
		version="$("$candidate" -p process.versions.node 2>/dev/null)" || version=''
		if is_new_enough "$version" || { [ -n "$2" ] && [ "$(readlink -f "$candidate")" = "$2" ]; }; then
			echo "$candidate"
			return 0
		fi
		unfit="$unfit, $candidate $(unfitness "$candidate" "$version")"
	done
	echo "no Node.js 20.18 or later was found${unfit}: nothing is judged, only the kernel guard holds." \
		"Install one (docs/install.md), or name it in the option interpreter"
	return 1
}

# The table is the daemon's while it is there: loading an older one over it would bring back bans that ended.
load_guard() {
	local file data_dir
	if ! is_enabled || is_observing; then return 0; fi
	if nft list table inet postern >/dev/null 2>&1; then return 0; fi
	data_dir="$(uci -q get postern.main.data_dir)"
	for file in "${data_dir:-/etc/postern}/guard.nft" "$shipped_guard"; do
		if [ ! -f "$file" ]; then continue; fi
		if nft -c -f "$file" >/dev/null 2>&1 && nft -f "$file" 2>/dev/null; then
			say info "the kernel guard of $file is loaded"
			return 0
		fi
		say warn "nft does not take $file"
	done
	return 1
}

# What the daemon does last, after SIGTERM, is a transaction: a table that was deleted sooner would come back.
wait_until_stopped() {
	local left=12
	while [ -S "$run_dir/postern.sock" ] && [ "$left" -gt 0 ]; do
		sleep 1
		left=$((left - 1))
	done
}

unload_guard() {
	nft delete table inet postern 2>/dev/null
	return 0
}

owner_of() {
	# Not stat, which routers lack.
	# shellcheck disable=SC2012
	ls -ldn "$1" 2>/dev/null | awk '{ print $3 }'
}

links_of() {
	# shellcheck disable=SC2012
	ls -ldn "$1" 2>/dev/null | awk '{ print $2 }'
}

# In folders that the daemon may write, root writes and gives away nothing that the daemon could have put there: they are
# sticky and root's, and only what root owns, with no other link, changes hands.
prepare_folders() {
	local user="$1" name
	mkdir -p "$run_dir" /etc/postern/hooks.d
	for name in "$run_dir" /etc/postern; do
		chown "root:$user" "$name"
		chmod 1771 "$name"
	done
	chown root:root /etc/postern/hooks.d
	chmod 755 /etc/postern/hooks.d
	if [ ! -e "$run_dir/events" ]; then mkdir "$run_dir/events"; fi
	if [ "$(owner_of "$run_dir/events")" = 0 ] && [ ! -L "$run_dir/events" ]; then
		if has_user "$hooks_user"; then chgrp "$hooks_user" "$run_dir/events"; fi
		chmod 2750 "$run_dir/events"
		chown -h "$user" "$run_dir/events"
	fi
	if [ "$user" = root ]; then return 0; fi
	# Left by a time as root.
	for name in "$run_dir/postern.sock" "$run_dir/guard.nft" "$run_dir/guard.nft.new"; do
		if [ "$(owner_of "$name")" = 0 ]; then rm -f "$name"; fi
	done
	for name in state.json state.json.new state.json.damaged history.bin history.bin.new history.bin.damaged \
		guard.nft guard.nft.new; do
		name="/etc/postern/$name"
		if [ -f "$name" ] && [ ! -L "$name" ] && [ "$(owner_of "$name")" = 0 ] && [ "$(links_of "$name")" = 1 ]; then
			chown -h "$user:$user" "$name"
		fi
	done
}

# The process that is the daemon: under ujail, its child.
daemon_process() {
	local process
	process="$(ubus call service list '{"name":"postern"}' | jsonfilter -e '@.postern.instances.guard.pid')"
	if [ -n "$process" ] && [ "$(readlink "/proc/$process/exe")" = "$ujail" ]; then
		process="$(grep -ls "^PPid:[[:space:]]*$process\$" /proc/[0-9]*/status | head -n 1 | tr -dc 0-9)"
	fi
	echo "$process"
}

# The program that a process runs; of one that was replaced meanwhile no path that exists.
program_of() {
	[ -z "$1" ] || readlink "/proc/$1/exe"
}

# Fails where the daemon would refuse the configuration, and prints each mistake. Of a check that does not come to its end
# nothing is said: the daemon is started, and tells itself.
check_config() {
	local mistakes
	mistakes="$("$1" --max-semi-space-size=1 "$lib/postern.cjs" check "$run_dir/config.json" 2>/dev/null)"
	[ "$?" -eq 78 ] || return 0
	echo "$mistakes" | sed -n 's/^error: //p'
	return 1
}

# Each mistake is told once, however often an interface that comes and goes asks for a start.
refuse_config() {
	local mistake
	if [ "$1" != "$2" ]; then
		echo "$1" | while IFS= read -r mistake; do say err "$mistake"; done
	fi
	say err 'the configuration has mistakes ("postern check" names them): not started, only the kernel guard holds'
	echo "$1" >"$bad_config_note"
}

# A program ends by a SIGHUP (the first of the signals) that it does not catch, and Node takes a second until it does.
catches_hangup() {
	case "$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)" in
	*[13579bdf]) return 0 ;;
	*) return 1 ;;
	esac
}

lan_mac() {
	local device
	device="$(uci -q get network.lan.device)"
	cat "/sys/class/net/${device:-br-lan}/address" 2>/dev/null
}

# What the daemon needs and may not read itself, as docs/configuration.md describes it. Whole, or not at all: with half a
# configuration the guard would act where its owner said observe.
render_config() {
	local user="$1" postern dhcp zones interfaces new
	ubus -t 10 wait_for uci network.interface 2>/dev/null
	postern="$(ubus call uci get '{"config":"postern"}')" || return 1
	interfaces="$(ubus call network.interface dump)" || return 1
	dhcp="$(ubus call uci get '{"config":"dhcp"}' 2>/dev/null)" || dhcp='{}'
	# Of the firewall only its zones: which networks are not the home's.
	zones="$(ubus call uci get '{"config":"firewall","type":"zone"}' 2>/dev/null)" || zones='{}'
	# Not in run_dir, where the daemon could have put a link in its place.
	new="$(mktemp /var/run/postern.XXXXXX)" || return 1
	printf '{"hostname":"%s","lan_mac":"%s","uci":{"postern":%s,"dhcp":%s,"firewall":%s},"interfaces":%s}\n' \
		"$(tr -dc 'A-Za-z0-9._-' </proc/sys/kernel/hostname)" "$(lan_mac)" "$postern" "$dhcp" "$zones" "$interfaces" >"$new"
	chown "root:$user" "$new"
	chmod 640 "$new"
	# In its place, and never into a folder that the daemon could have put or linked there.
	if [ -L "$run_dir/config.json" ] || [ -d "$run_dir/config.json" ]; then rm -rf "$run_dir/config.json"; fi
	mv -fT "$new" "$run_dir/config.json"
}
