'use strict';
'require baseclass';
'require postern.node as node';
'require postern.said as said';
'require postern.words as words';

/* Whether the home's own address is on a blocklist, and what the last week was. */

var states = {
	clear: _('not listed'),
	listed: _('LISTED'),
	normal: _('on it, as every home is'),
	unknown: _('cannot be asked')
};

function listed(status) {
	var lists = status && status.blocklists;

	return ((lists && lists.listings) || []).filter(function(one) { return one.state === 'listed'; });
}

var web = /^https:\/\//;

/* Only addresses of the web are offered as a link. */
function link(one) {
	return web.test(one.link || '') ? node.make('a', {
		'href': one.link, 'target': '_blank', 'rel': 'noopener noreferrer'
	}, [ _('Why, and how to be removed when the cause is gone') ]) : null;
}

function entry(one) {
	return node.make('li', { 'class': one.state === 'listed' ? 'postern-warn' : 'postern-note', 'data-key': one.list + ' ' + one.address }, [
		node.make('strong', {}, [ node.clean(one.list) ]), ' ',
		node.make('span', {}, [ '%s: %s'.format(node.clean(one.address), states[one.state] || node.clean(one.state)) ]), ' ',
		one.reason ? node.make('span', {}, [ '(' + said.of(node.clean(one.reason)) + ')' ]) : null, ' ',
		node.make('small', {}, [ _('since %s').format(words.moment(one.since)) ]), ' ',
		link(one)
	]);
}

/* Nothing where nobody named lists. */
function blocklists(model, mayWrite) {
	var lists = model.status.blocklists;

	if (!lists)
		return null;

	return node.make('section', { 'data-key': 'blocklists', 'aria-labelledby': 'postern-blocklists' }, [
		node.make('h3', { 'id': 'postern-blocklists' }, [ _('Our address on blocklists') ]),
		lists.shared_address ? node.make('p', { 'data-key': 'shared' }, [
			_('The IPv4 address of this router is shared with other homes, or another router is in front of it: whether it is listed says nothing about this home, and it is not looked up.')
		]) : null,
		lists.listings.length ? node.make('ul', { 'class': 'postern-health', 'data-key': 'listings' }, lists.listings.map(entry)) : null,
		node.make('p', { 'data-key': 'checked' }, [
			lists.checked
				? _('Asked %s.').format(words.moment(lists.checked))
				: _('The lists are asked some minutes after a start, and then once a day.'),
			' ',
			mayWrite ? node.make('button', {
				'class': 'btn cbi-button', 'type': 'button', 'data-do': 'lists', 'disabled': model.busy.lists
			}, [ _('Ask again now') ]) : null
		])
	]);
}

/* The week in a sentence, asked for when somebody opens it. */
function week(model) {
	var answer = model.report;
	var text = null;

	if (model.open.report)
		text = !answer ? _('Loading\u2026') : answer.error ? said.of(node.clean(answer.error.message)) : node.clean(answer.text);

	return node.make('details', { 'data-key': 'report', 'data-fold': 'report' }, [
		node.make('summary', {}, [ _('The report of the week') ]),
		text ? node.make('p', { 'role': 'status' }, [ text ]) : null
	]);
}

return baseclass.extend({
	listed: listed,
	blocklists: blocklists,
	week: week
});
