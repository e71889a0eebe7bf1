'use strict';
'require baseclass';
'require postern.node as node';

/* What the daemon says in words of the household. */

var states = {
	normal: _('normal'),
	watched: _('watched'),
	slowed: _('slowed down'),
	restricted: _('known mail servers only'),
	blocked: _('mail blocked'),
	quarantined: _('cut off from the internet'),
	allowed: _('released')
};

var classes = {
	iot: _('smart thing'),
	appliance: _('appliance that may mail its owner'),
	computer: _('computer or phone'),
	mailserver: _('mail server'),
	unknown: _('unknown kind')
};

var holds = {
	slowed: _('Its mail is slowed down since %s; everything else it does works.'),
	restricted: _('Since %s it may only use the mail servers it is known to use; everything else it does works.'),
	blocked: _('Its mail is blocked since %s; everything else it does works.'),
	quarantined: _('Since %s nothing it sends leaves the home.')
};

var kinds = { 'port forward': _('port forward'), 'firewall rule': _('firewall rule') };

/* Ways from the internet to a device, as the rules of the firewall had them: so many, and how many more there are. */
function ways(device, most) {
	var doors = device.doors || [];
	var list = doors.slice(0, most).map(function(door) {
		return '%s %s%s/%s%s'.format(kinds[door.kind] || node.clean(door.kind), node.clean(door.ports),
			door.port ? ' \u2192 ' + node.clean(door.port) : '', node.clean(door.protocol), door.name ? ' (%s)'.format(node.name(door.name)) : '');
	});
	var more = doors.length - list.length + (device.doors_omitted || 0);

	return more ? list.concat(_('and %d more').format(more)) : list;
}

/* The router's clock and the browser's may differ: milliseconds that the router is ahead. */
var aheadMs = 0;

function date(iso) {
	return new Date(Date.parse(iso) - aheadMs);
}

/* What `moment` counts as today. */
function today() {
	return new Date().toDateString();
}

function moment(iso) {
	var at = date(iso);

	if (isNaN(at.getTime()))
		return node.clean(iso);

	var clock = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

	if (at.toDateString() === today())
		return clock;

	return at.toLocaleDateString([], { weekday: 'short', day: 'numeric', month: 'short' }) + ', ' + clock;
}

function span(seconds) {
	if (seconds < 90)
		return _('%d s').format(Math.max(0, Math.round(seconds)));

	if (seconds < 5400)
		return _('%d min').format(Math.round(seconds / 60));

	if (seconds < 129600)
		return _('%d h').format(Math.round(seconds / 3600));

	return _('%d days').format(Math.round(seconds / 86400));
}

function secondsLeft(iso) {
	return (date(iso).getTime() - Date.now()) / 1000;
}

function isHeld(device) {
	return holds[device.state] != null;
}

function isTroubled(device) {
	return isHeld(device) || device.incident != null || device.state === 'watched';
}

/* What is known of it beyond its sentence. */
function detail(entry) {
	return entry.detail ? ' (' + node.clean(entry.detail) + ')' : '';
}

return baseclass.extend({
	state: function(state) {
		return states[state] || node.clean(state);
	},

	/* What kind of thing it is, and who made it. */
	kind: function(device) {
		var kind = classes[device['class']] || node.clean(device['class']);

		return device.vendor ? '%s, %s'.format(node.clean(device.vendor), kind) : kind;
	},

	/* What became of it, as of a device that is held. */
	hold: function(device) {
		return holds[device.state].format(moment(device.held_since || device.last_mail || device.first_seen));
	},

	/* "ends in 12 min". */
	left: function(device) {
		if (!device.until)
			return isHeld(device) ? _('until you release it') : null;

		return _('ends in %s').format(span(secondsLeft(device.until)));
	},

	setClock: function(routerIso) {
		var routerMs = Date.parse(routerIso);

		/* A difference of seconds is the way of the answer. */
		aheadMs = (isNaN(routerMs) || Math.abs(routerMs - Date.now()) < 10000) ? 0 : routerMs - Date.now();
	},

	detail: detail,
	ways: ways,
	date: date,
	today: today,
	moment: moment,
	span: span,
	secondsLeft: secondsLeft,
	isHeld: isHeld,
	isTroubled: isTroubled
});
