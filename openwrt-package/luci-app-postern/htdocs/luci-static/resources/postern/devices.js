'use strict';
'require baseclass';
'require postern.node as node';
'require postern.graph as graph';
'require postern.said as said';
'require postern.words as words';

/* The list of devices: trouble first, then who mailed in the last day, all others in a fold. */

function button(model, device, verb, label, style) {
	var id = verb + ' ' + device.device;

	return node.make('button', {
		'class': 'btn cbi-button ' + (style || ''),
		'type': 'button',
		'data-key': verb,
		'data-do': verb,
		'data-device': device.device,
		'disabled': model.busy[id],
		'aria-label': '%s: %s'.format(label, node.name(device.name))
	}, [ label ]);
}

function actions(model, device) {
	var isHeld = words.isHeld(device);
	var isServer = device['class'] === 'mailserver';

	return node.make('div', { 'class': 'postern-actions', 'data-key': 'actions' }, [
		isHeld ? button(model, device, 'release', _('Release\u2026'), 'cbi-button-apply') : null,
		device.state !== 'blocked' && !isServer ? button(model, device, 'block', _('Block mail\u2026'), 'cbi-button-negative') : null,
		device.state !== 'restricted' && !isServer ? button(model, device, 'restrict', _('Known servers only\u2026')) : null,
		device.incident ? button(model, device, 'mended', _('Check after a repair\u2026')) : null,
		button(model, device, 'allow', _('Allow a mail server\u2026')),
		button(model, device, 'pin', device.pinned ? _('Do not keep') : _('Keep in this list')),
		button(model, device, 'forget', _('Forget\u2026')),
		model.maySet ? node.make('a', { 'class': 'btn cbi-button', 'data-key': 'settings', 'href': L.url('admin/services/postern/settings') }, [ _('Name and class') ]) : null
	]);
}

function fact(label, value) {
	return value ? [ node.make('dt', {}, [ label ]), node.make('dd', {}, [ value ]) ] : [];
}

function facts(device) {
	var address = [ device.mac || '' ].concat(device.addresses || []).filter(Boolean).map(node.clean).join(', ');
	var allowed = (device.allowed || []).map(function(entry) {
		return node.clean(entry.relay) + (entry.until ? ' (%s)'.format(_('ends in %s').format(words.span(words.secondsLeft(entry.until)))) : '');
	});

	return node.make('dl', {}, [].concat(
		fact(_('Addresses'), address),
		fact(_('Network'), device.network ? node.clean(device.network) : null),
		fact(_('Kind'), '%s (%s)'.format(words.kind(device), said.of(node.clean(device.class_reason)))),
		fact(_('Changes its MAC address'), device.randomised_mac ? _('yes: it may come back as another device') : null),
		fact(_('Mail servers it is known to use'), (device.relays || []).map(node.clean).join(', ')),
		fact(_('Allowed by you'), allowed.join(', ')),
		fact(_('Mail'), _('%d connections since it was first seen, about %d messages in the last 24 hours, %d attempts refused')
			.format(device.connections, device.messages_24h, device.refused)),
		fact(_('Open to the internet by'), doors(device)),
		fact(_('First seen'), words.moment(device.first_seen)),
		fact(_('Last mail'), device.last_mail ? words.moment(device.last_mail) : null)
	));
}

function doors(device) {
	var list = words.ways(device);

	if (device.doors_unread)
		list.push(_('not all could be read: %s').format(node.clean(device.doors_unread)));

	if (device.doors && !list.length)
		list.push(_('nothing that was found'));

	return list.join(', ');
}

/* The score against its two thresholds, and each observation that moved it. */
function why(model, device) {
	var answer = model.why[device.device];

	if (!answer)
		return node.make('p', { 'data-key': 'why' }, [ _('Loading\u2026') ]);

	if (answer.error)
		return node.make('p', { 'data-key': 'why' }, [ said.of(node.clean(answer.error.message)) ]);

	var lines = answer.why || [];
	var isScored = answer.restrict_at != null && answer.block_at != null;

	return node.make('div', { 'data-key': 'why' }, [
		node.make('h5', {}, [ _('Why') ]),
		isScored ? node.make('p', {}, [
			_('Suspicion %s: from %s on only known mail servers, from %s on no mail.')
				.format(answer.score.toFixed(1), answer.restrict_at.toFixed(1), answer.block_at.toFixed(1))
		]) : null,
		isScored ? node.make('meter', {
			'min': 0, 'max': answer.block_at, 'low': answer.restrict_at / 2, 'high': answer.restrict_at, 'optimum': 0,
			'value': Math.max(0, answer.score), 'aria-label': _('Suspicion')
		}) : null,
		lines.length
			? node.make('ol', { 'class': 'postern-why' }, lines.map(function(line) { return node.make('li', {}, [ node.clean(line) ]); }))
			: node.make('p', {}, [
				answer.score >= 1 ? _('What moved it was seen before Postern was started last.') : _('Nothing suspicious was seen of it.')
			])
	]);
}

function entry(model, device, mayWrite) {
	var isTroubled = words.isTroubled(device);
	var isOpen = model.open[device.device];
	var left = words.left(device);
	var mail = _('%d mail connections in 24 hours').format(device.connections_24h);

	/* Of one that is open, or has actions, more can change than what is known of it. */
	var of = [ isOpen || isTroubled ? {} : device, left ];

	return node.lazy('li', { 'class': 'postern-device postern-is-' + (isTroubled ? 'troubled' : 'calm'), 'data-key': device.device }, of, function() { return [
		node.make('div', { 'class': 'postern-head', 'data-key': 'head' }, [
			node.make('h4', {}, [ node.make('bdi', {}, [ node.clean(device.name) ]) ]),
			node.make('span', { 'class': 'postern-state postern-state-' + node.clean(device.state) }, [ words.state(device.state) ]),
			left ? node.make('span', { 'class': 'postern-left' }, [ left ]) : null,
			node.make('span', { 'class': 'postern-kind' }, [ words.kind(device) ]),
			node.make('span', { 'class': 'postern-mail' }, [
				device.hourly ? graph.sparkline(device.hourly, mail) : null,
				node.make('span', {}, [ device.refused > 0 ? '%s, %s'.format(mail, _('%d refused').format(device.refused)) : mail ])
			])
		]),
		mayWrite && isTroubled ? actions(model, device) : null,
		node.make('details', { 'data-key': 'more', 'data-fold': 'why', 'data-device': device.device }, [
			node.make('summary', {}, [ _('More about %s').format(node.name(device.name)) ])
		].concat(isOpen ? [
			mayWrite && !isTroubled ? actions(model, device) : null,
			facts(device),
			why(model, device)
		] : []))
	]; });
}

function list(model, devices, mayWrite) {
	return node.make('ul', { 'class': 'postern-devices', 'data-key': 'list' }, devices.map(function(device) {
		return entry(model, device, mayWrite);
	}));
}

return baseclass.extend({
	render: function(model, mayWrite) {
		var shown = [], others = [];

		model.all().forEach(function(device, index) {
			var isFirst = words.isTroubled(device) || (device.connections_24h > 0 && index < 40);

			(isFirst ? shown : others).push(device);
		});

		var isMore = model.moreDevices && !model.others;
		var label = isMore ? _('All other devices that have mailed') : _('Devices without mail in the last day, and others (%d)').format(others.length);

		return node.make('section', { 'data-key': 'devices', 'aria-labelledby': 'postern-devices' }, [
			node.make('h3', { 'id': 'postern-devices' }, [ _('Devices that mail') ]),
			shown.length ? list(model, shown, mayWrite) : node.make('p', { 'data-key': 'none' }, [ _('No device has mailed in the last 24 hours.') ]),
			others.length || isMore ? node.make('details', { 'data-key': 'others', 'data-fold': 'others' }, [
				node.make('summary', {}, [ label ]),
				model.open.others ? list(model, others, mayWrite) : null,
				model.open.others && isMore ? node.make('p', { 'data-key': 'loading' }, [ _('Loading\u2026') ]) : null
			]) : null
		]);
	}
});
