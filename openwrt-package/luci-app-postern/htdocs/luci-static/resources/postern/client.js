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
	evidence: [ 'incident', 'device' ],
	history: [ 'device', 'after', 'limit' ],
	who: [ 'address', 'at', 'port', 'to', 'notice' ],
	slow: [ 'device', 'for' ],
	restrict: [ 'device', 'for' ],
	block: [ 'device', 'for' ],
	quarantine: [ 'device', 'for' ],
	release: [ 'device', 'for' ],
	allow: [ 'device', 'relay', 'for' ],
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

return baseclass.extend({
	ask: function(verb, args) {
		return declared[verb](args || {}).then(function(answer) {
			return (answer && typeof answer === 'object') ? answer : failure(String(answer));
		}, function(error) {
			return failure(error && error.message ? error.message : String(error));
		});
	}
});
