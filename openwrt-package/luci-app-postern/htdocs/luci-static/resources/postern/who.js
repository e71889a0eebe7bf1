'use strict';
'require baseclass';
'require postern.client as client';
'require postern.node as node';
'require postern.said as said';
'require postern.words as words';

/* Which device was it? For a notice of the provider, pasted as it came. */

var sure = { high: _('it fits well'), medium: _('it may fit'), low: _('it hardly fits') };

function found(answer) {
	var when = [];

	if (answer.first)
		when.push(words.moment(answer.first));

	if (answer.last && answer.last !== answer.first)
		when.push(words.moment(answer.last));

	return node.make('li', {}, [
		node.make('strong', {}, [ node.make('bdi', {}, [ node.clean(answer.name || answer.device) ]) ]), ' ',
		node.make('span', {}, [ when.join(' \u2013 ') ]), ' ',
		answer.connections != null ? node.make('span', {}, [ _('%d mail connections').format(answer.connections) ]) : null,
		sure[answer.confidence] ? ' (' + sure[answer.confidence] + ')' : null
	]);
}

function result(answer) {
	if (answer.error)
		return [ node.make('p', {}, [ node.make('strong', {}, [ said.of(node.clean(answer.error.message)) ]), ' ', said.of(node.clean(answer.error.remedy)) ]) ];

	var answers = Array.isArray(answer.answers) ? answer.answers : [];
	var notes = Array.isArray(answer.notes) ? answer.notes : [];

	return [
		answers.length
			? node.make('ul', {}, answers.map(found))
			: node.make('p', {}, [ _('No mail connection that fits is known.') ]),
		notes.length ? node.make('ul', {}, notes.map(function(note) {
			return node.make('li', {}, [ node.make('small', {}, [ said.of(node.clean(note)) ]) ]);
		})) : null
	];
}

return baseclass.extend({
	render: function(model) {
		return node.make('details', { 'class': 'postern-who', 'data-key': 'who' }, [
			node.make('summary', {}, [ _('A notice from your provider? Find the device it speaks of') ]),
			node.make('label', { 'for': 'postern-notice' }, [ _('Paste the notice, with its times and addresses. It stays on the router.') ]),
			node.make('textarea', { 'id': 'postern-notice', 'rows': '6', 'maxlength': '16384', 'spellcheck': 'false' }),
			node.make('p', {}, [
				node.make('button', { 'class': 'btn cbi-button cbi-button-action', 'type': 'button', 'data-do': 'who', 'disabled': model.busy.who }, [ _('Find the device') ])
			]),
			node.make('div', { 'role': 'status' }, model.found ? result(model.found) : [])
		]);
	},

	ask: function(model, notice) {
		return client.ask('who', { notice: notice }).then(function(answer) {
			model.found = answer;
		});
	}
});
