'use strict';
'require form';
'require rpc';
'require ui';
'require uci';
'require view';
'require postern.fields as fields';
'require postern.options as options';
'require postern.said as said';

var callDevices = rpc.declare({ object: 'postern', method: 'devices' });
var callStatus = rpc.declare({ object: 'postern', method: 'status' });
var callTest = rpc.declare({ object: 'postern', method: 'test' });

var classNames = {
	iot: _('Smart thing: has no business mailing'),
	appliance: _('Appliance: prints, stores or records, and mails its owner'),
	unknown: _('Unknown'),
	computer: _('Computer or phone: has people at it'),
	mailserver: _('Mail server: mails everybody, and is never touched')
};

/* What the daemon would say of all sections together; an error keeps the page from saving. */
function checkAll() {
	var sections = {};

	uci.sections('postern').forEach(function(section) {
		sections[section['.name']] = section;
	});

	var errors = options.problems(sections).filter(function(problem) {
		return problem.severity === 'error';
	});

	if (errors.length)
		throw new Error(errors.map(function(problem) {
			return problem.option + ': ' + _(problem.remedy);
		}).join('\n'));
}

function tell(kind, sentences) {
	ui.addNotification(null, E('div', {}, sentences.filter(Boolean).map(function(sentence) {
		return E('p', {}, [ sentence ]);
	})), kind);
}

var brokerReasons = [ 'broker_unreachable', 'client_id_taken', 'mqtt_not_heard', 'mqtt_insecure', 'config_rejected' ];

/* The session with the broker, as the daemon has it: the settings must be saved and applied for that. */
function testBroker() {
	return callTest().then(function(test) {
		if (test.error && test.error.code !== 'timeout')
			return tell('danger', [ said.of(test.error.message), said.of(test.error.remedy) ]);

		if (test.mqtt === 'off')
			return tell('warning', [ _('MQTT is switched off, so no alert was sent. Save and apply the settings first.') ]);

		if (test.mqtt === 'delivered')
			return tell('info', [ _('The broker has the test alert.') ]);

		return callStatus().then(function(status) {
			var found = (status.degraded || []).filter(function(reason) {
				return brokerReasons.indexOf(reason.code) >= 0;
			});

			if (!found.length && !test.mqtt_trouble)
				return tell('warning', [ _('The test alert was sent; the broker has not acknowledged it yet. Try again in a few seconds.') ]);

			var words = [ test.mqtt_trouble ];

			found.forEach(function(reason) {
				/* What the test found is the detail of the reason too. */
				if (!test.mqtt_trouble || reason.detail !== test.mqtt_trouble)
					words.push(reason.detail ? '%s (%s)'.format(said.of(reason.text), reason.detail) : said.of(reason.text));

				words.push(said.of(reason.remedy));
			});

			return tell('danger', words);
		});
	}).catch(function(error) {
		tell('danger', [ error.message ]);
	});
}

function guardSection(m) {
	var s = m.section(form.NamedSection, 'main', 'postern', _('Guard'));

	s.addremove = false;
	s.tab('general', _('General'));
	s.tab('advanced', _('Advanced'));

	fields.flag(s, 'main', 'general', 'enabled', _('Enabled'));
	fields.choice(s, 'main', 'general', 'mode', _('Mode'), {
		guard: _('Guard: stop what spams'),
		observe: _('Observe: only tell')
	});
	fields.choice(s, 'main', 'general', 'preset', _('Sensitivity'), {
		normal: _('Normal'),
		strict: _('Strict: less evidence is enough'),
		relaxed: _('Relaxed: more evidence is needed')
	});
	fields.choice(s, 'main', 'general', 'refuse', _('Refused mail'), {
		reset: _('Answer with a reset'),
		drop: _('Do not answer')
	});
	fields.add(s, 'main', 'general', form.Value, 'max_bans', _('Most devices held at once'));
	fields.flag(s, 'main', 'general', 'report', _('Weekly report'));

	fields.add(s, 'main', 'advanced', form.Value, 'node', _('Name of this router'));
	fields.add(s, 'main', 'advanced', form.Value, 'interpreter', _('Node.js'));
	fields.flag(s, 'main', 'advanced', 'lowmem', _('Save memory'));
	fields.choice(s, 'main', 'advanced', 'log_level', _('Log'), {
		debug: _('Everything'),
		info: _('Events'),
		warn: _('Warnings'),
		error: _('Errors')
	});
	fields.add(s, 'main', 'advanced', form.Value, 'data_dir', _('Folder of the state'));
	fields.add(s, 'main', 'advanced', form.Value, 'dns_log', _('DNS log'));
	fields.add(s, 'main', 'advanced', form.DynamicList, 'mail_domain', _('Mail domains'));
	fields.add(s, 'main', 'advanced', form.DynamicList, 'blocklist', _('Blocklists'));
	fields.add(s, 'main', 'advanced', form.Value, 'blocklist_resolver', _('Resolver for blocklists'));
}

function networkSection(m) {
	var s = m.section(form.GridSection, 'network', _('Networks'),
		_('Only networks that are not what they are found to be: all that do not lead to the internet are guarded by themselves.'));

	s.anonymous = true;
	s.addremove = true;
	s.nodescriptions = true;
	s.modaltitle = _('Networks');

	fields.add(s, 'network', null, form.Value, 'name', _('Name'));
	fields.choice(s, 'network', null, 'role', _('Role'), {
		guard: _('Guard: watch its devices'),
		upstream: _('Upstream: leads to the internet'),
		ignore: _('Ignore')
	});
	fields.choice(s, 'network', null, 'class', _('Its devices are'), classNames);
}

function deviceSection(m, devices) {
	var s = m.section(form.GridSection, 'device', _('Devices'),
		_('What you know of a device, and Postern cannot: its name, what it is, and what it may do for good.'));
	var o;

	s.anonymous = true;
	s.addremove = true;
	s.sortable = true;
	s.modaltitle = _('Devices');
	s.nodescriptions = true;

	fields.add(s, 'device', null, form.Value, 'name', _('Name'));
	o = fields.add(s, 'device', null, form.DynamicList, 'mac', _('MAC'));
	devices.forEach(function(device) {
		/* The name is the device's own word: an element, so that nobody takes it for HTML. */
		if (device.mac)
			o.value(device.mac, E('span', {}, [ '%s (%s)'.format(device.name, device.mac) ]));
	});
	fields.add(s, 'device', null, form.Value, 'address', _('Address')).modalonly = true;
	fields.choice(s, 'device', null, 'class', _('It is'), classNames);
	/* No checkbox: not to say it means yes for a mail server, and no for others. */
	fields.choice(s, 'device', null, 'exempt', _('Never touch its mail'), { 1: _('Yes'), 0: _('No') }).modalonly = true;
	fields.add(s, 'device', null, form.DynamicList, 'relay', _('Mail servers')).modalonly = true;
	fields.choice(s, 'device', null, 'action', _('At most'), {
		auto: _('Whatever is needed'),
		restrict: _('Restrict it to its known mail servers'),
		tell: _('Only tell')
	});
}

function mqttSection(m) {
	var s = m.section(form.NamedSection, 'mqtt', 'mqtt', _('MQTT and Home Assistant'));
	var o;

	s.addremove = false;
	s.tab('general', _('General'));
	s.tab('tls', _('Encryption'));
	s.tab('topics', _('Topics'));

	o = fields.flag(s, 'mqtt', 'general', 'enabled', _('Enabled'));
	o.rmempty = false;
	o.cfgvalue = function(section_id) {
		var value = uci.get('postern', section_id, 'enabled');

		return (value != null ? options.isOn(value) : uci.get('postern', section_id, 'url')) ? '1' : '0';
	};
	fields.add(s, 'mqtt', 'general', form.Value, 'url', _('Broker')).placeholder = 'mqtts://192.168.1.10';
	fields.add(s, 'mqtt', 'general', form.Value, 'username', _('User name'));
	fields.add(s, 'mqtt', 'general', form.Value, 'password', _('Password')).password = true;
	fields.choice(s, 'mqtt', 'general', 'commands', _('May ask for'), {
		off: _('Nothing'),
		safe: _('What strengthens the guard'),
		all: _('Everything')
	});

	o = s.taboption('general', form.Button, '_test', _('Connection'),
		_('Sends a test alert to the broker, and says what came of it. Save and apply changes before.'));
	o.inputtitle = _('Test');
	o.inputstyle = 'apply';
	o.onclick = testBroker;

	fields.add(s, 'mqtt', 'tls', form.Value, 'ca_file', _('Certificate authority'));
	fields.add(s, 'mqtt', 'tls', form.Value, 'cert_file', _('Client certificate'));
	fields.add(s, 'mqtt', 'tls', form.Value, 'key_file', _('Key of the client certificate'));
	fields.add(s, 'mqtt', 'tls', form.Value, 'server_name', _('Name in the certificate'));
	fields.flag(s, 'mqtt', 'tls', 'insecure', _('Do not check the certificate'));

	fields.add(s, 'mqtt', 'topics', form.Value, 'base', _('Topics begin with'));
	fields.add(s, 'mqtt', 'topics', form.Value, 'discovery', _('Discovery prefix'));
	fields.flag(s, 'mqtt', 'topics', 'merge_devices', _('Join devices of other integrations'));
}

function alertSection(m) {
	var s = m.section(form.NamedSection, 'main', 'postern', _('Alerts'));
	var o;

	s.addremove = false;

	o = s.option(form.DummyValue, '_hooks', _('Programs'));
	o.cfgvalue = function() {
		return _('Executable files in /etc/postern/hooks.d are run for each event: for example to send it by mail, ntfy or Telegram.');
	};

	o = s.option(form.Button, '_alert', _('Test alert'), _('Goes wherever real ones would: to MQTT, and to those programs.'));
	o.inputtitle = _('Send');
	o.inputstyle = 'apply';
	o.onclick = function() {
		return callTest().then(function(test) {
			if (test.error && test.error.code !== 'timeout')
				return tell('danger', [ said.of(test.error.message), said.of(test.error.remedy) ]);

			tell('info', [ test.followers > 0
				? _('A test alert was sent, and handed over to run the programs.')
				: _('A test alert was sent. No programs are run.') ]);
		});
	};
}

return view.extend({
	load: function() {
		return Promise.all([
			L.resolveDefault(callDevices(), {}),
			uci.load('postern')
		]);
	},

	render: function(data) {
		var m = new form.Map('postern', _('Postern: settings'),
			_('Postern finds the device at home that sends spam, and stops its mail.'));

		guardSection(m);
		networkSection(m);
		deviceSection(m, data[0].devices || []);
		mqttSection(m);
		alertSection(m);
		this.map = m;

		return m.render();
	},

	handleSave: function() {
		return this.map.save(checkAll);
	}
});
