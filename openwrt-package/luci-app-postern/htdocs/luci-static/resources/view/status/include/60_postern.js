'use strict';
'require baseclass';
'require rpc';

var callOverview = rpc.declare({ object: 'postern', method: 'overview' });

/* One sentence: the first of these that is so. */
function sentenceOf(now) {
	if (now.error)
		return _(now.error.message);

	if (now.paused_until)
		return _('Paused: nobody is held until %s').format(new Date(now.paused_until).toLocaleTimeString());

	if (now.devices_held > 0)
		return N_(now.devices_held, 'The mail of %d device is held', 'The mail of %d devices is held').format(now.devices_held);

	if (now.incidents_open > 0)
		return N_(now.incidents_open, '%d incident is open', '%d incidents are open').format(now.incidents_open);

	if (now.state !== 'ok')
		return _('The guard is not whole');

	return now.mode === 'observe' ? _('All quiet; suspicious mail is only told') : _('All quiet');
}

return baseclass.extend({
	title: _('Outgoing mail'),

	load: function() {
		return L.resolveDefault(callOverview(), {});
	},

	render: function(now) {
		/* Nothing, and no heading either, without the service or the right to see it. */
		if (!now || !now.installed)
			return null;

		var count = now.devices == null ? '-' : '%d'.format(now.devices);

		return E('table', { 'class': 'table' }, [
			E('tr', { 'class': 'tr' }, [
				E('td', { 'class': 'td left', 'width': '33%' }, [ _('Guard') ]),
				E('td', { 'class': 'td left' }, [
					E('a', { 'href': L.url('admin/services/postern/status') }, [ sentenceOf(now) ])
				])
			]),
			E('tr', { 'class': 'tr' }, [
				E('td', { 'class': 'td left', 'width': '33%' }, [ _('Devices watched') ]),
				E('td', { 'class': 'td left' }, [ count ])
			])
		]);
	}
});
