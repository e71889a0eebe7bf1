'use strict';
'require baseclass';
'require postern.client as client';
'require postern.node as node';
'require postern.said as said';
'require postern.words as words';

/* Incidents as stories, and their evidence as files. */

var ends = { open: _('still open'), closed: _('over') };

function times(incident) {
	return incident.closed
		? _('%s until %s').format(words.moment(incident.opened), words.moment(incident.closed))
		: _('since %s').format(words.moment(incident.opened));
}

function story(model, incident) {
	var evidence = incident.evidence || [];

	return [
		node.make('ol', { 'class': 'postern-story' }, incident.steps.map(function(step) {
			return node.make('li', {}, [
				node.make('time', { 'datetime': node.clean(step.at) }, [ words.moment(step.at) ]), ' ',
				node.make('span', {}, [ node.clean(step.text) ])
			]);
		})),
		node.make('p', {}, [ _('%d mail servers that were new to it, %d attempts refused').format(incident.destinations, incident.refused) ]),
		evidence.length ? node.make('h5', {}, [ _('Evidence') ]) : null,
		evidence.length ? node.make('ol', { 'class': 'postern-why' }, evidence.map(function(line) {
			return node.make('li', {}, [ node.clean(line) ]);
		})) : null,
		node.make('div', { 'class': 'postern-actions', 'data-key': 'files' }, [
			node.make('button', { 'class': 'btn cbi-button', 'type': 'button', 'data-do': 'text', 'data-incident': incident.id }, [ _('Download as text, for the provider') ]),
			node.make('button', { 'class': 'btn cbi-button', 'type': 'button', 'data-do': 'json', 'data-incident': incident.id }, [ _('Download as JSON') ]),
			node.make('button', { 'class': 'btn cbi-button', 'type': 'button', 'data-do': 'nameless', 'data-incident': incident.id }, [ _('Download without names') ]),
			node.make('button', { 'class': 'btn cbi-button', 'type': 'button', 'data-do': 'namelessJson', 'data-incident': incident.id }, [ _('Without names, as JSON') ])
		])
	];
}

function entry(model, incident) {
	var isOpen = model.open[incident.id];

	return node.lazy('li', { 'data-key': incident.id }, [ incident, isOpen, words.today() ], function() { return [
		node.make('details', { 'data-key': 'story', 'data-fold': 'incident', 'data-incident': incident.id }, [
			node.make('summary', {}, [
				node.make('strong', {}, [ node.make('bdi', {}, [ node.clean(incident.name) ]) ]), ' ',
				node.make('span', { 'class': 'postern-state postern-is-' + node.clean(incident.state) }, [ ends[incident.state] || node.clean(incident.state) ]), ' ',
				node.make('small', {}, [ times(incident) ])
			])
		].concat(isOpen ? story(model, incident) : []))
	]; });
}

/* What a provider's abuse desk wants to read: who, when, what was done, and the lines that show it. */
function report(incident, device) {
	var lines = [
		_('Evidence of outgoing spam, recorded by Postern on the router'),
		'',
		_('Incident: %s').format(node.clean(incident.id)),
		incident.name ? _('Device: %s').format(node.clean(incident.name)) : null,
		device && device.mac ? _('MAC address: %s').format(node.clean(device.mac)) : null,
		_('Opened: %s').format(node.clean(incident.opened)),
		_('Closed: %s').format(incident.closed ? node.clean(incident.closed) : _('not yet')),
		_('%d mail servers that were new to it, %d attempts refused').format(incident.destinations, incident.refused),
		'',
		_('What happened (times are UTC):')
	];

	incident.steps.forEach(function(step) {
		lines.push('%s  %s'.format(node.clean(step.at), node.clean(step.text)));
	});

	if (incident.evidence && incident.evidence.length)
		lines.push('', _('Evidence:'));

	(incident.evidence || []).forEach(function(line) { lines.push(node.clean(line)); });

	if (incident.servers && incident.servers.length)
		lines.push('', _('Mail servers:'));

	(incident.servers || []).forEach(function(one) {
		lines.push('%s:%s'.format(node.clean(one.server), node.clean(one.port)));
	});

	if (incident.limits && incident.limits.length)
		lines.push('', _('What is not known:'));

	(incident.limits || []).forEach(function(limit) { lines.push(node.clean(limit)); });

	return lines.filter(function(line) { return line != null; }).join('\r\n') + '\r\n';
}

function save(name, type, content) {
	var url = URL.createObjectURL(new Blob([ content ], { type: type }));
	var link = node.make('a', { 'href': url, 'download': name });

	document.body.appendChild(link);
	link.click();
	document.body.removeChild(link);
	window.setTimeout(function() { URL.revokeObjectURL(url); }, 1000);
}

return baseclass.extend({
	report: report,

	render: function(model) {
		var all = model.incidents.concat(model.older);

		return node.make('section', { 'data-key': 'incidents', 'aria-labelledby': 'postern-incidents' }, [
			node.make('h3', { 'id': 'postern-incidents' }, [ _('Incidents') ]),
			all.length
				? node.make('ul', { 'class': 'postern-incidents', 'data-key': 'list' }, all.map(function(incident) { return entry(model, incident); }))
				: node.make('p', { 'data-key': 'none' }, [ _('None so far.') ]),
			model.moreIncidents ? node.make('button', {
				'class': 'btn cbi-button', 'type': 'button', 'data-key': 'older', 'data-do': 'older', 'disabled': model.busy.older
			}, [ _('Show older incidents') ]) : null
		]);
	},

	/* Resolves to a sentence if it could not be had. */
	download: function(model, id, kind) {
		var isNameless = kind === 'nameless' || kind === 'namelessJson';

		return client.ask('evidence', isNameless ? { incident: id, names: false } : { incident: id }).then(function(answer) {
			if (answer.error)
				return said.of(node.clean(answer.error.message));

			var name = 'postern-' + id.replace(/[^A-Za-z0-9-]/g, '_');

			if (kind === 'json' || kind === 'namelessJson')
				save(name + '.json', 'application/json', JSON.stringify(answer, null, 2) + '\n');
			else
				save(name + '.txt', 'text/plain;charset=utf-8', report(answer, isNameless ? null : model.find(answer.device)));

			return null;
		});
	}
});
