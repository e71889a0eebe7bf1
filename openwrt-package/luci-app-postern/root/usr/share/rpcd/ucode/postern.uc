// What LuCI may ask Postern: each method is a verb of the control socket (docs/control.md), and answers with the verb's
// data as it is, or with { error: { code, message, remedy } }. rpcd does one thing at a time: nothing here waits longer
// than a second.

'use strict';

import { access, glob, readfile, stat } from 'fs';
import { connect as ubus_connect } from 'ubus';
import { cursor } from 'uci';
import * as socket from 'socket';

const socket_path = '/var/run/postern/postern.sock';
const no_node_note = '/var/run/postern.no-node';
const bad_config_note = '/var/run/postern.bad-config';
const init_script = '/etc/init.d/postern';
const runtimes = [ '/usr/bin/node', '/usr/lib/postern/runtime/bin/node', '/opt/bin/node', '/usr/local/bin/node' ];

const deadline_ms = 1000;
const max_line = 65536;
const max_text = 1024;
// Of an ISP, pasted with its headers; as JSON, the whole line has to fit.
const max_notice = max_line;

// What is known beyond the message, which stays whole: it is translated.
function failure(code, message, remedy, detail) {
	return { error: { code, message, remedy, ...(detail ? { detail } : {}) } };
}

function now_ms() {
	const at = clock(true);

	return at[0] * 1000 + at[1] / 1000000;
}

function is_disabled() {
	const enabled = cursor().get('postern', 'main', 'enabled');

	return enabled in [ '0', 'off', 'false', 'no', 'disabled' ] || !length(glob('/etc/rc.d/S*postern'));
}

// The daemon's instance as procd knows it: null if there is none.
function instance() {
	const bus = ubus_connect(null, 1);
	const services = bus?.call('service', 'list', { name: 'postern' });

	bus?.disconnect();

	return services?.postern?.instances?.guard;
}

// Why nobody is at the socket.
function obstacle() {
	if (!access(init_script))
		return failure('service_stopped', 'Postern is not installed', 'Install the package "postern".');

	if (is_disabled())
		return failure('service_disabled', 'Postern is switched off, so no mail is guarded',
			'Switch it on in Services > Postern > Settings; and in System > Startup, where it is disabled there.');

	const guard = instance();

	if (guard?.running)
		return failure('starting', 'Postern is starting', 'Wait a few seconds.');

	const mistakes = readfile(bad_config_note, max_text);

	if (mistakes)
		return failure('service_stopped', 'Postern does not start: the configuration has mistakes',
			'Correct it in Services > Postern > Settings; "postern check" names each mistake.', split(mistakes, '. Remedy')[0]);

	if (guard)
		return failure('starting', 'Postern ended, and is started again',
			'Wait a few seconds. If it stays, look into the system log.');

	const note = readfile(no_node_note, max_text);

	if (note || !length(filter([ cursor().get('postern', 'main', 'interpreter'), ...runtimes ], path => path && access(path, 'x'))))
		// Of the note only what was found and does not do.
		return failure('no_node', 'There is no Node.js for Postern on this router: nothing is judged, only the kernel guard holds',
			'Install Node.js 20.18 or later, or name it in the option "interpreter": see docs/install.md.',
			match(note ?? '', /was found, (.*): nothing is judged/)?.[1]);

	return failure('service_stopped', 'Postern is stopped: the kernel guard holds, and nothing is judged',
		'Start it in System > Startup, or with "service postern start".');
}

// A line to the daemon and one back, within the deadline; or a failure.
function exchange(line) {
	const until = now_ms() + deadline_ms;
	const late = () => failure('timeout', 'Postern did not answer within a second', 'Try again; if it stays, look into the system log.');

	if (!stat(socket_path))
		return obstacle();

	const sock = socket.create(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0);

	if (!sock?.connect(socket_path)) {
		// EAGAIN: somebody is there, whose queue is full.
		const is_full = (socket.error(true) == 11);

		sock?.close();

		return is_full ? late() : obstacle();
	}

	// A line fits into the buffer of a new connection.
	let answer = (sock.send(line) == length(line)) ? '' : null;
	let ended = false;

	while (answer != null && index(answer, '\n') < 0 && length(answer) <= max_line && !ended) {
		const left = int(until - now_ms());

		if (left <= 0 || !(socket.poll(left, [ sock, socket.POLLIN ])?.[0]?.[1]))
			break;

		const part = sock.recv(max_line);

		ended = !length(part);
		answer += part ?? '';
	}

	sock.close();

	if (answer == null || ended)
		return obstacle();

	const end = index(answer, '\n');

	if (end >= max_line || (end < 0 && length(answer) > max_line))
		return failure('too_long', 'The answer is longer than 64 KB', 'Ask for fewer at once.');

	return (end < 0) ? late() : substr(answer, 0, end);
}

function ask(verb, args) {
	for (let name, value in args)
		if (type(value) == 'string' && length(value) > (name == 'notice' ? max_notice : max_text))
			return failure('bad_argument', `"${name}" is too long`, 'Write less.');

	const line = sprintf('%J\n', { v: 1, id: 1, do: verb, args });

	if (length(line) > max_line)
		return failure('bad_argument', 'The request is longer than 64 KB', 'Write less.');

	const reply = exchange(line);

	if (type(reply) == 'object')
		return reply;

	let parsed;

	try {
		parsed = json(reply);
	}
	catch (e) {
		parsed = null;
	}

	if (parsed?.ok === true && type(parsed.data) == 'object')
		return parsed.data;

	const error = parsed?.error;

	if (parsed?.ok === false && type(error?.code) == 'string')
		return failure(error.code, `${error.message}`, `${error.remedy}`);

	return failure('internal', 'What answered is not Postern', 'Restart the service; if it stays, report it with the log.');
}

// A method of the same name as the verb, but where to read and to act are one verb. `args` gives each argument's type by example, as rpcd wants it.
function method(verb, args) {
	return {
		args,
		call: function(request) {
			const given = {};

			for (let name in keys(args))
				if (request.args?.[name] != null)
					given[name] = request.args[name];

			return ask(verb, given);
		}
	};
}

const page = { after: '', limit: 0 };
const held = { device: '', for: '' };

const methods = {
	// Read.
	status: method('status', {}),
	devices: method('devices', page),
	device: method('device', { device: '', why: false }),
	incidents: method('incidents', page),
	incident: method('incident', { incident: '', device: '' }),
	evidence: method('evidence', { incident: '', device: '', names: false, ...page }),
	report: method('report', {}),
	history: method('history', { device: '' }),
	blocklists: method('blocklists', {}),
	who: method('who', { address: '', at: '', port: 0, to: '', notice: '' }),
	doctor: method('doctor', {}),

	// What the Overview shows, and no more.
	overview: {
		call: function() {
			const status = access(init_script) ? ask('status', {}) : null;

			if (!status || status.error)
				return { installed: !!status, ...(status ?? {}) };

			const shown = { installed: true };

			for (let name in [ 'state', 'mode', 'paused_until', 'devices', 'devices_held', 'incidents_open' ])
				shown[name] = status[name];

			return shown;
		}
	},

	// Write.
	look_up: method('blocklists', { now: false }),
	slow: method('slow', held),
	restrict: method('restrict', held),
	block: method('block', held),
	quarantine: method('quarantine', held),
	release: method('release', held),
	allow: method('allow', { device: '', relay: '', for: '' }),
	disallow: method('disallow', { device: '', relay: '' }),
	watch: method('watch', held),
	pause: method('pause', { for: '' }),
	resume: method('resume', {}),
	acknowledge: method('acknowledge', { incident: '' }),
	pin: method('pin', { device: '', on: false }),
	forget: method('forget', { device: '' }),
	test: method('test', { hooks: false })
};

return { postern: methods };
