'use strict';
'require baseclass';
'require postern.node as node';
'require postern.graph as graph';
'require postern.lists as lists';
'require postern.said as said';
'require postern.words as words';

/* The top of the page: one sentence, what to do, how the guard itself is. */

/* Told, but no trouble: nothing to do, or a choice. */
var harmless = { ipv6_off: true, flow_offload: true, other_listener: true, running_as_root: true };

function quiet(model) {
	var status = model.status, history = model.history;
	var mail = history ? graph.sum(history.connections) : status.connections_24h;
	var suspicious = history ? graph.sum(history.suspicious) : 0;
	var span = history ? _('in the last 7 days') : _('in the last 24 hours');

	return _('All quiet: %d devices watched, %d mail connections by %d devices %s, %s.').format(
		status.devices, mail, status.devices_mailing, span,
		suspicious > 0 ? _('%d of them suspicious, and none any more').format(suspicious) : _('nothing suspicious')
	);
}

function caught(model, device, count) {
	var who = node.name(device.name);
	var incident = device.incident ? model.findIncident(device.incident) : null;
	var isGuilty = device.score >= device.restrict_at || (incident && incident.evidence && incident.evidence.length > 0);
	var text = (isGuilty ? _('%s sent mail the way spam is sent.') : _('%s is held.')).format(who) + ' ' + words.hold(device);

	if (count > 1)
		text += ' ' + N_(count - 1, '%d more device is held.', '%d more devices are held.').format(count - 1);

	return text;
}

/* How things stand: 'good', 'warn' or 'bad', and the sentence. */
function verdict(model) {
	var status = model.status;

	if (model.error)
		return { level: model.error.code === 'starting' ? 'warn' : 'bad', text: said.of(node.clean(model.error.message)) + words.detail(model.error), remedy: said.of(node.clean(model.error.remedy)) };

	if (status.paused_until)
		return { level: 'warn', text: _('The guard is paused for another %s: nobody is held.').format(words.span(words.secondsLeft(status.paused_until))) };

	var troubled = model.troubled();
	var held = troubled.filter(words.isHeld);

	if (held.length)
		return { level: 'bad', text: caught(model, held[0], Math.max(held.length, status.devices_held)) };

	if (status.state === 'starting')
		return { level: 'warn', text: _('Postern is starting; what was held before is held.') };

	if (troubled.length && status.mode === 'observe')
		return { level: 'warn', text: _('%s mails in a suspicious way. Postern only tells, as you have chosen: nobody is held.').format(node.name(troubled[0].name)) };

	if (troubled.length)
		return { level: 'warn', text: _('%s mails in an unusual way. Postern looks closely; it is not held.').format(node.name(troubled[0].name)) };

	var listed = lists.listed(status)[0];

	if (listed)
		return { level: 'warn', text: _('Nothing suspicious goes out now, but our address %s is on the blocklist %s.').format(node.clean(listed.address), node.clean(listed.list)) };

	return { level: status.state === 'ok' ? 'good' : 'warn', text: quiet(model) };
}

/* What the daemon says of the ways in comes first, and has names in it that devices chose: it is put into words here. */
function advice(device, remedy, index) {
	var text = node.clean(remedy);
	var ways = index === 0 && !said.isOne(text) ? words.ways(device, 3) : [];

	if (!ways.length)
		return said.of(text);

	return (device.doors.some(function(door) { return door.kind === 'UPnP'; })
		? _('Close %s to it and switch off UPnP: that is how most things are taken over.')
		: _('Close %s to it: that is how most things are taken over.')).format(ways.join(', '));
}

function toDo(model, mayWrite) {
	var device = model.error ? null : model.troubled()[0];
	var remedies = model.advice(device);

	if (!remedies.length)
		return null;

	return node.make('section', { 'class': 'postern-todo', 'data-key': 'todo', 'aria-labelledby': 'postern-todo' }, [
		node.make('h3', { 'id': 'postern-todo' }, [ _('What to do now: %s').format(node.name(device.name)) ]),
		node.make('ol', {}, remedies.map(function(remedy, index) {
			return node.make('li', {}, [ advice(device, remedy, index) ]);
		})),
		mayWrite && words.isHeld(device) ? node.make('button', {
			'class': 'btn cbi-button cbi-button-action', 'type': 'button', 'data-do': 'mended', 'data-device': device.device
		}, [ _('I have mended it: check it') ]) : null
	]);
}

function health(model) {
	var list = model.error ? [] : (model.status.degraded || []);

	if (!list.length)
		return null;

	return node.make('ul', { 'class': 'postern-health', 'data-key': 'health', 'aria-label': _('Health of the guard') }, list.map(function(entry) {
		return node.make('li', { 'class': harmless[entry.code] ? 'postern-note' : 'postern-warn', 'data-key': entry.code }, [
			node.make('strong', {}, [ said.of(node.clean(entry.text)) ]), ' ',
			entry.detail ? node.make('bdi', {}, [ words.detail(entry) ]) : null, ' ',
			node.make('span', {}, [ said.of(node.clean(entry.remedy)) ]), ' ',
			node.make('small', {}, [ _('since %s').format(words.moment(entry.since)) ])
		]);
	}));
}

/* Pausing, and the test alert. */
function controls(model, mayWrite) {
	if (!mayWrite || model.error)
		return null;

	var status = model.status;

	return node.make('div', { 'class': 'postern-controls', 'data-key': 'controls' }, [
		status.paused_until
			? node.make('button', { 'class': 'btn cbi-button cbi-button-apply', 'type': 'button', 'data-key': 'resume', 'data-do': 'resume', 'disabled': model.busy.resume }, [ _('Guard again now') ])
			: node.make('button', { 'class': 'btn cbi-button', 'type': 'button', 'data-key': 'pause', 'data-do': 'pause', 'disabled': model.busy.pause }, [ _('Pause the guard\u2026') ]),
		' ',
		node.make('button', { 'class': 'btn cbi-button', 'type': 'button', 'data-key': 'test', 'data-do': 'test', 'disabled': model.busy.test }, [ _('Send a test alert') ])
	]);
}

return baseclass.extend({
	verdict: verdict,

	render: function(model, mayWrite) {
		var now = verdict(model);

		return [
			node.make('section', { 'class': 'postern-now postern-' + now.level, 'data-key': 'now', 'role': 'status' }, [
				node.make('p', { 'class': 'postern-sentence' }, [ now.text ]),
				now.remedy ? node.make('p', {}, [ now.remedy ]) : null,
				model.error && model.atMs ? node.make('p', {}, [
					node.make('small', {}, [ _('Below is what was known at %s.').format(new Date(model.atMs).toLocaleTimeString()) ])
				]) : null
			]),
			model.notice ? node.make('p', { 'class': 'postern-answer', 'data-key': 'answer', 'role': 'status' }, [ model.notice ]) : null,
			model.status ? toDo(model, mayWrite) : null,
			model.status ? health(model) : null,
			model.status ? controls(model, mayWrite) : null
		];
	}
});
