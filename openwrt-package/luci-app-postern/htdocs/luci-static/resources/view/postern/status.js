'use strict';
'require poll';
'require view';
'require postern.client as client';
'require postern.devices as devices';
'require postern.dialog as dialog';
'require postern.graph as graph';
'require postern.incidents as incidents';
'require postern.lists as lists';
'require postern.model as model';
'require postern.node as node';
'require postern.said as said';
'require postern.style as style';
'require postern.summary as summary';
'require postern.who as who';
'require postern.words as words';

var root = node.make('div', { 'class': 'postern' });
/* Not offered without the right to it; the router refuses it too. */
var mayWrite = L.hasViewPermission() === true;

var done = {
	slow: _('Its mail is slowed down.'),
	restrict: _('It may only use known mail servers now.'),
	block: _('Its mail is blocked now.'),
	release: _('It is released: its mail works again.'),
	allow: _('It may use that mail server now.'),
	pin: _('Noted.'),
	forget: _('It is forgotten.'),
	watch: _('It is watched closely until %s, and you are told how it went.'),
	pause: _('The guard is paused.'),
	resume: _('The guard is on again.')
};

function paint() {
	var parts = summary.render(model, mayWrite);

	if (model.status)
		parts = parts.concat([
			devices.render(model, mayWrite),
			node.make('section', { 'data-key': 'week', 'aria-labelledby': 'postern-week' }, [
				node.make('h3', { 'id': 'postern-week' }, [ _('The last 7 days') ]),
				model.history ? graph.timeline(model.history) : node.make('p', {}, [ _('Not known yet.') ])
			]),
			incidents.render(model),
			lists.blocklists(model, mayWrite),
			lists.week(model),
			who.render(model)
		]);

	node.paint(root, parts);
}

function refresh() {
	/* Nobody looks: the router has better things to do. */
	if (document.hidden)
		return Promise.resolve();

	return model.refresh().then(paint);
}

/* Does something that takes a moment; its button waits meanwhile. */
function during(id, task) {
	if (model.busy[id])
		return Promise.resolve();

	model.busy[id] = true;
	model.notice = null;
	paint();

	return task().then(function(sentence) {
		model.notice = sentence || null;

		return model.refresh();
	}).finally(function() {
		delete model.busy[id];
		paint();
	});
}

function testWords(answer) {
	var ways = [];

	if (answer.mqtt === 'delivered')
		ways.push(_('the MQTT broker has it'));
	else if (answer.mqtt === 'waiting')
		ways.push(_('the MQTT broker does not have it yet (%s)').format(node.clean(answer.mqtt_trouble || '?')));

	if (answer.followers > 0)
		ways.push(N_(answer.followers, 'a program that runs hooks has it', '%d programs that run hooks have it').format(answer.followers));

	return ways.length
		? _('A test alert was sent: %s.').format(ways.join(', '))
		: _('A test alert was written to the log. To have alerts elsewhere, set up MQTT or hooks in the settings.');
}

function refusal(answer) {
	return answer.error ? '%s. %s'.format(said.of(node.clean(answer.error.message)), said.of(node.clean(answer.error.remedy))) : null;
}

function act(verb, args) {
	return during(args.device ? verb + ' ' + args.device : verb, function() {
		return client.ask(verb, args).then(function(answer) {
			model.changed();

			return refusal(answer) || (verb === 'test' ? testWords(answer) : done[verb].format(answer.probation_until ? words.moment(answer.probation_until) : ''));
		});
	});
}

function onClick(event) {
	var button = event.target.closest('button[data-do]');

	if (!button || button.disabled)
		return;

	var what = button.getAttribute('data-do');
	var device = model.find(button.getAttribute('data-device'));
	var incident = button.getAttribute('data-incident');

	if (what === 'older')
		during('older', function() { return model.askOlder(); });
	else if (what === 'who')
		during('who', function() { return who.ask(model, root.querySelector('#postern-notice').value); });
	else if (what === 'text' || what === 'json' || what === 'nameless' || what === 'namelessJson')
		during(what + ' ' + incident, function() { return incidents.download(model, incident, what); });
	else if (!mayWrite)
		return;
	else if (what === 'lists')
		during('lists', function() { return client.ask('look_up', { now: true }).then(refusal); });
	else if (what === 'pin' && device)
		act('pin', { device: device.device, on: !device.pinned });
	else if (dialog.has(what))
		dialog.ask(what, device, act);
	else
		act(what, {});
}

function onToggle(event) {
	var fold = event.target.getAttribute('data-fold');
	var id = event.target.getAttribute('data-device') || event.target.getAttribute('data-incident') || fold;

	if (!fold)
		return;

	if (event.target.open)
		model.open[id] = true;
	else
		delete model.open[id];

	paint();

	if (fold === 'why' && event.target.open)
		model.askWhy(id).then(paint);
	else if (fold === 'report' && event.target.open)
		client.ask('report').then(function(answer) {
			model.report = answer;
			paint();
		});
	else if (fold === 'others' && event.target.open)
		model.askOthers().then(paint);
}

return view.extend({
	load: function() {
		return model.begin();
	},

	render: function() {
		root.addEventListener('click', onClick);
		/* It does not bubble. */
		root.addEventListener('toggle', onToggle, true);
		document.addEventListener('visibilitychange', refresh);
		poll.add(refresh, 5);
		paint();

		return node.make('div', {}, [ style.render(), node.make('h2', {}, [ _('Postern: outgoing mail') ]), root ]);
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
