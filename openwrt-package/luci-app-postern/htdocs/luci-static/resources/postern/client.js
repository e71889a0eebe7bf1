'use strict';
'require baseclass';
'require rpc';

/* What is asked of Postern. Every answer is the verb's data, or { error: { code, message, remedy } }. */

var verbs = {
	status: [],
	devices: [ 'after', 'limit' ],
	device: [ 'device', 'why' ],
	incidents: [ 'after', 'limit' ],
	incident: [ 'incident', 'device' ],
	evidence: [ 'incident', 'device', 'names' ],
	history: [ 'device' ],
	report: [],
	who: [ 'address', 'at', 'port', 'to', 'notice' ],
	look_up: [ 'now' ],
	slow: [ 'device', 'for' ],
	restrict: [ 'device', 'for' ],
	block: [ 'device', 'for' ],
	quarantine: [ 'device', 'for' ],
	release: [ 'device', 'for' ],
	allow: [ 'device', 'relay', 'for' ],
	watch: [ 'device', 'for' ],
	pause: [ 'for' ],
	resume: [],
	acknowledge: [ 'incident' ],
	pin: [ 'device', 'on' ],
	forget: [ 'device' ],
	test: []
};

var declared = {};

Object.keys(verbs).forEach(function(verb) {
	var params = {};

	verbs[verb].forEach(function(name) {
		params[name] = true;
	});

	/* With an object of names only those that are given are sent. */
	declared[verb] = rpc.declare({ object: 'postern', method: verb, params: params, reject: true });
});

function failure(message) {
	return {
		error: {
			code: 'unreachable',
			message: _('The router did not answer: %s').format(message),
			remedy: _('Check that you are still connected and logged in; this page tries again by itself.')
		}
	};
}

var callAccess = rpc.declare({ object: 'session', method: 'access', params: [ 'scope', 'object', 'function' ], expect: { access: false } });

return baseclass.extend({
	/* Whether the login may see the settings: without that LuCI answers their address with an empty 403. */
	maySet: function() {
		return L.resolveDefault(callAccess('access-group', 'luci-app-postern-settings', 'read'), false);
	},

	/* A page of a list; where so many are too long for a message, fewer. */
	askPage: function(verb, after, limit) {
		var self = this;
		var args = after ? { after: after, limit: limit } : { limit: limit };

		return this.ask(verb, args).then(function(answer) {
			var isTooLong = answer.error && (answer.error.code === 'too_many' || answer.error.code === 'too_long');

			return isTooLong && limit > 1 ? self.askPage(verb, after, Math.ceil(limit / 4)) : answer;
		});
	},

	ask: function(verb, args) {
		return declared[verb](args || {}).then(function(answer) {
			return (answer && typeof answer === 'object') ? answer : failure(String(answer));
		}, function(error) {
			return failure(error && error.message ? error.message : String(error));
		});
	}
});
