'use strict';
'require baseclass';
'require postern.client as client';
'require postern.words as words';

/* What the page knows. Every poll asks for the first pages; the rest is asked for when somebody opens it. */

var historyEveryMs = 60000;
var othersEveryMs = 60000;
/* The daemon keeps fewer; a bound all the same. */
var mostIncidents = 1000;
var mostOthers = 1000;
var mostCached = 64;

/* The ways in that lead to a device are found a while after its incident has begun, and change what to do. */
function adviceKey(device) {
	return device.incident + (device.doors && device.doors.length ? ' open' : '');
}

/* Of devices whose fold was opened, and of incidents that are shown with what to do. */
function cache(map, key, value) {
	map[key] = value;

	var keys = Object.keys(map);

	if (keys.length > mostCached)
		delete map[keys[0]];
}

return baseclass.extend({
	__init__: function() {
		this.status = null;
		this.maySet = false;
		this.error = null;
		this.devices = [];
		this.incidents = [];
		this.moreDevices = null;
		this.others = null;
		this.othersAtMs = 0;
		this.moreIncidents = null;
		this.older = [];
		this.history = null;
		this.historyAtMs = 0;
		this.historySums = null;
		this.remedies = {};
		this.why = {};
		this.busy = {};
		this.open = {};
		this.found = null;
		this.notice = null;
		this.late = 0;
		this.atMs = 0;
	},

	/* What is asked for once. */
	begin: function() {
		var self = this;

		return Promise.all([ this.refresh(), client.maySet().then(function(may) { self.maySet = may; }) ]);
	},

	/* Asks for what is shown. Resolves always: what went wrong is `error`, and what was known before stays. */
	refresh: function() {
		var self = this;

		/* rpcd does one thing at a time, and waits a second for each: of who did not answer one thing is asked at a time. */
		return (this.late ? client.ask('status') : Promise.resolve({})).then(function(first) {
			return first.error ? [ first, {}, {} ] : Promise.all([
				client.ask('status'),
				client.askPage('devices', null, 40),
				client.askPage('incidents', null, 10)
			]);
		}).then(function(answers) {
			var failed = answers[0].error || answers[1].error || answers[2].error;

			if (failed) {
				/* One late answer of a busy router is no news. */
				self.late = failed.code === 'timeout' ? self.late + 1 : 2;

				if (self.late > 1 || !self.status)
					self.error = failed;

				return null;
			}

			self.late = 0;
			self.error = null;
			self.atMs = Date.now();
			self.status = answers[0];
			self.devices = answers[1].devices || [];
			self.moreDevices = answers[1].next || null;
			self.takeIncidents(answers[2]);

			return self.lookAtTrouble();
		});
	},

	takeIncidents: function(answer) {
		var seen = {};

		this.incidents = answer.incidents || [];
		this.incidents.forEach(function(incident) { seen[incident.id] = true; });

		/* New ones push others from the first page: what was there stays, once. */
		this.older = this.older.filter(function(incident) { return !seen[incident.id]; });

		if (!this.older.length)
			this.moreIncidents = answer.next || null;
	},

	/* Longer than all else, and the same as before where nothing happens: asked for when its sums have changed. */
	askHistory: function() {
		var self = this;
		var sums = [ this.status.connections_24h, this.status.refused, this.status.incidents_open ].join();

		if (sums === this.historySums && Date.now() - this.historyAtMs < historyEveryMs)
			return null;

		return client.ask('history').then(function(answer) {
			if (answer.error)
				return;

			self.history = answer;
			self.historySums = sums;
			self.historyAtMs = Date.now();
			words.setClock(answer.until);
		});
	},

	/* The week, what to do about the device that stands on top, and the reasons of devices whose fold is open. */
	lookAtTrouble: function() {
		var self = this;
		var first = this.troubled()[0];
		var tasks = [ this.askHistory() ];

		if (this.others && this.open.others && Date.now() - this.othersAtMs >= othersEveryMs)
			tasks.push(this.askOthers());

		if (first && first.incident && !this.remedies[adviceKey(first)])
			tasks.push(client.ask('device', { device: first.device }).then(function(answer) {
				if (!answer.error)
					cache(self.remedies, adviceKey(answer), answer.remedies || []);
			}));

		this.devices.concat(this.others || []).filter(function(device) {
			return self.open[device.device];
		}).slice(0, 4).forEach(function(device) {
			tasks.push(self.askWhy(device.device));
		});

		return Promise.all(tasks);
	},

	askWhy: function(key) {
		var self = this;

		return client.ask('device', { device: key, why: true }).then(function(answer) {
			cache(self.why, key, answer);
		});
	},

	/* Something was done to a device: those beyond the first page are no longer as they were either. */
	changed: function() {
		this.othersAtMs = 0;
	},

	askOthers: function() {
		var self = this;
		var found = [];

		function next(after) {
			return client.askPage('devices', after, 40).then(function(answer) {
				if (answer.error)
					return;

				found = found.concat(answer.devices || []);

				if (answer.next && found.length < mostOthers)
					return next(answer.next);

				self.others = found;
			});
		}

		this.othersAtMs = Date.now();

		if (this.moreDevices)
			return next(this.moreDevices);

		this.others = null;

		return Promise.resolve();
	},

	askOlder: function() {
		var self = this;

		if (!this.moreIncidents || this.older.length >= mostIncidents)
			return Promise.resolve();

		return client.askPage('incidents', this.moreIncidents, 10).then(function(answer) {
			if (answer.error)
				return;

			self.older = self.older.concat(answer.incidents || []);
			self.moreIncidents = answer.next || null;
		});
	},

	/* Devices of the first page and those that were asked for, once each. */
	all: function() {
		var seen = {};

		return this.devices.concat(this.others || []).filter(function(device) {
			var isNew = !seen[device.device];

			seen[device.device] = true;

			return isNew;
		});
	},

	/* What to do about a device with an incident, as far as it is known. */
	advice: function(device) {
		return (device && device.incident && (this.remedies[adviceKey(device)] || this.remedies[device.incident])) || [];
	},

	troubled: function() {
		return this.devices.filter(words.isTroubled);
	},

	find: function(key) {
		return this.all().filter(function(device) { return device.device === key; })[0];
	},

	findIncident: function(id) {
		return this.incidents.concat(this.older).filter(function(incident) { return incident.id === id; })[0];
	}
});
