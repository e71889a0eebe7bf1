'use strict';
'require baseclass';
'require ui';
'require postern.node as node';

/* Asks before something is done: what it means, for how long. */

var lasting = {
	'10m': _('for 10 minutes'),
	'1h': _('for an hour'),
	'1d': _('for a day'),
	'7d': _('for a week'),
	'reboot': _('until the router restarts'),
	'': _('until I end it')
};

var questions = {
	block: {
		title: _('Block the mail of %s'),
		text: _('No mail leaves it any more; everything else it does works.'),
		button: _('Block mail'),
		style: 'cbi-button-negative',
		times: [ '', '1h', '1d', '7d', 'reboot' ]
	},
	restrict: {
		title: _('Only known mail servers for %s'),
		text: _('It may go on using the mail servers it is known to use, and no others; everything else it does works.'),
		button: _('Restrict'),
		style: 'cbi-button-action',
		times: [ '', '1h', '1d', '7d', 'reboot' ]
	},
	release: {
		title: _('Release %s'),
		text: _('Its mail works again, and it is left alone for that time. Afterwards less suspicion is enough to hold it again.'),
		button: _('Release'),
		style: 'cbi-button-apply',
		times: [ '10m', '1h', 'reboot' ]
	},
	mended: {
		title: _('Check %s after the repair'),
		text: _('For that time less suspicion is enough to hold it, and an alert tells whether it stayed clean or tried again. What holds it now goes on: release it to let it mail.'),
		button: _('Watch closely'),
		style: 'cbi-button-apply',
		verb: 'watch',
		times: [ '1d', '7d' ]
	},
	allow: {
		title: _('Allow a mail server for %s'),
		text: _('The address of the server and its port, such as 192.0.2.25:587. For always, name it in the settings.'),
		button: _('Allow'),
		style: 'cbi-button-apply',
		times: [ '1h', '1d', '7d', '' ],
		needsRelay: true
	},
	forget: {
		title: _('Forget %s'),
		text: _('All that is known of it goes, bans and allowances included. If it mails again it is a new device.'),
		button: _('Forget'),
		style: 'cbi-button-negative'
	},
	pause: {
		title: _('Pause the guard'),
		text: _('Nobody is held for that time, whatever they send. It ends by itself.'),
		button: _('Pause'),
		style: 'cbi-button-negative',
		times: [ '10m', '1h' ]
	}
};

function row(id, label, input) {
	return node.make('p', { 'class': 'postern-row' }, [
		node.make('label', { 'for': id }, [ label ]), ' ', input
	]);
}

function select(times) {
	return node.make('select', { 'id': 'postern-for', 'class': 'cbi-input-select' }, times.map(function(time) {
		return node.make('option', { 'value': time }, [ lasting[time] ]);
	}));
}

return baseclass.extend({
	has: function(what) {
		return questions[what] != null;
	},

	/* Shows the question; `act(verb, args)` is called if the answer is yes. Returns nothing. */
	ask: function(what, device, act) {
		var question = questions[what];
		var back = document.activeElement;
		var relay = question.needsRelay
			? node.make('input', { 'id': 'postern-relay', 'type': 'text', 'class': 'cbi-input-text', 'maxlength': '128', 'autocomplete': 'off', 'spellcheck': 'false' })
			: null;
		var time = question.times && question.times.length > 1 ? select(question.times) : null;

		function close() {
			ui.hideModal();

			if (back && document.contains(back))
				back.focus();
		}

		var cancel = node.make('button', { 'class': 'btn cbi-button', 'type': 'button' }, [ _('Cancel') ]);
		var accept = node.make('button', { 'class': 'btn cbi-button ' + question.style, 'type': 'submit' }, [ question.button ]);
		var form = node.make('form', { 'class': 'postern-dialog' }, [
			node.make('p', {}, [ question.text ]),
			relay ? row('postern-relay', _('Server'), relay) : null,
			time ? row('postern-for', _('How long'), time) : null,
			node.make('div', { 'class': 'right' }, [ cancel, ' ', accept ])
		]);

		cancel.addEventListener('click', close);
		form.addEventListener('submit', function(event) {
			event.preventDefault();

			var args = {};
			var chosen = time ? time.value : (question.times || [])[0];

			if (relay && !relay.value.trim()) {
				relay.focus();
				return;
			}

			if (device)
				args.device = device.device;

			if (relay)
				args.relay = relay.value.trim();

			if (chosen)
				args['for'] = chosen;

			close();
			act(question.verb || what, args);
		});

		/* In an array: a bare string would be taken as HTML. */
		var box = ui.showModal([ device ? question.title.format(node.name(device.name)) : question.title ], [ form ]);

		box.firstElementChild.id = 'postern-question';
		box.setAttribute('aria-labelledby', 'postern-question');
		(relay || time || accept).focus();
	}
});
