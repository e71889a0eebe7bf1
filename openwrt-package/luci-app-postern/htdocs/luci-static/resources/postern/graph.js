'use strict';
'require baseclass';
'require postern.node as node';
'require postern.words as words';

/* Small pictures in the colours of the theme. What they show is also said in words. */

function bar(kind, index, from, height, whole) {
	return node.make('rect', {
		'class': 'postern-bar-' + kind,
		'x': (index + 0.1).toFixed(1),
		'y': (whole - from - height).toFixed(2),
		'width': '0.8',
		'height': height.toFixed(2)
	});
}

/* Something that is not nothing is at least a line. */
function share(value, most, whole) {
	return value > 0 ? Math.max(value / most * whole, whole / 20) : 0;
}

function sum(list) {
	return (list || []).reduce(function(total, value) { return total + value; }, 0);
}

/* Labels at the beginnings of days, in per cent from the left. */
function days(hours, untilIso) {
	var end = words.date(untilIso).getTime();
	var labels = [];

	for (var index = 0; index < hours; index++) {
		var at = new Date(end - (hours - 1 - index) * 3600000);

		if (at.getHours() === 0 && index < hours - 8)
			labels.push(node.make('span', { 'style': 'left:%s%%'.format((index / hours * 100).toFixed(1)) }, [
				at.toLocaleDateString([], { weekday: 'short' })
			]));
	}

	return labels;
}

return baseclass.extend({
	sum: sum,

	/* Mail connections of a day, an hour a bar. */
	sparkline: function(hourly, label) {
		var most = Math.max.apply(null, hourly.concat([ 1 ]));

		return node.make('svg', {
			'class': 'postern-sparkline', 'viewBox': '0 0 24 10', 'preserveAspectRatio': 'none', 'role': 'img', 'aria-label': label
		}, [ node.make('path', { 'class': 'postern-axis', 'd': 'M0 9.9H24' }) ].concat(hourly.map(function(value, index) {
			return value > 0 ? bar('mail', index, 0, share(value, most, 9.5), 10) : null;
		})));
	},

	/* The week of the home: mail upwards, what was suspicious or refused in the colours of warnings. */
	timeline: function(history) {
		var mail = history.connections || [], suspicious = history.suspicious || [], refused = history.refused || [];
		var most = 1, bars = [];

		mail.forEach(function(value, index) {
			most = Math.max(most, value, suspicious[index] || 0, refused[index] || 0);
		});

		mail.forEach(function(value, index) {
			[ [ 'refused', refused[index] ], [ 'mail', value ], [ 'suspicious', Math.min(suspicious[index] || 0, value || 1e9) ] ].forEach(function(part) {
				if (part[1] > 0)
					bars.push(bar(part[0], index, 0, share(part[1], most, 39), 40));
			});
		});

		var label = _('The last 7 days: %d mail connections, %d suspicious contacts, %d attempts refused')
			.format(sum(mail), sum(suspicious), sum(refused));

		return node.make('figure', { 'class': 'postern-timeline' }, [
			node.make('svg', {
				'viewBox': '0 0 %d 40'.format(Math.max(mail.length, 1)), 'preserveAspectRatio': 'none', 'role': 'img', 'aria-label': label
			}, [ node.make('path', { 'class': 'postern-axis', 'd': 'M0 39.9H%d'.format(mail.length) }) ].concat(bars)),
			node.make('div', { 'class': 'postern-days', 'aria-hidden': 'true' }, days(mail.length, history.until)),
			node.make('figcaption', {}, [
				node.make('span', { 'class': 'postern-key-mail' }, [ _('%d mail connections').format(sum(mail)) ]),
				node.make('span', { 'class': 'postern-key-suspicious' }, [ _('%d suspicious').format(sum(suspicious)) ]),
				node.make('span', { 'class': 'postern-key-refused' }, [ _('%d attempts refused').format(sum(refused)) ])
			])
		]);
	}
});
