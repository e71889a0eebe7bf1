'use strict';
'require baseclass';
'require form';
'require uci';
'require postern.options as options';

/* Fields of the settings page: what they say, take and refuse comes from the daemon's own schema. */

/* What an option is, of which values and by default, are the words of the daemon's own schema. */
function describe(o, section) {
	var facts = options.option(section, o.option);
	var words = [ _(facts.help) ];

	/* One that is the same everywhere stands in the field; that nothing is set needs no words. */
	if (facts.explained && [ '', 'none', 'found' ].indexOf(facts.default) < 0)
		words.push(_('Default: %s.').format(_(facts.default)));

	o.description = words.join(' ').replace(/&/g, '&amp;').replace(/</g, '&lt;');
	o.rmempty = true;

	if (!facts.explained)
		o.placeholder = facts.default;

	o.validate = function(section_id, value) {
		if (value == null || value === '' || (Array.isArray(value) && !value.length))
			return true;

		var remedy = options.fault(section, this.option, value);

		return remedy ? _(remedy) : true;
	};

	return o;
}

function add(s, section, tab, type, name, title) {
	return describe(tab ? s.taboption(tab, type, name, title) : s.option(type, name, title), section);
}

function flag(s, section, tab, name, title) {
	var o = add(s, section, tab, form.Flag, name, title);

	o.default = options.option(section, name).default === '1' ? '1' : '0';
	o.rmempty = (o.default === '0');
	o.cfgvalue = function(section_id) {
		var value = uci.get('postern', section_id, this.option);

		return (value == null || options.fault(section, this.option, value)) ? null : (options.isOn(value) ? '1' : '0');
	};

	return o;
}

function choice(s, section, tab, name, title, choices) {
	var o = add(s, section, tab, form.ListValue, name, title);
	var facts = options.option(section, name);

	if (facts.explained) {
		o.value('', _('As found'));
		o.optional = true;
	}
	else {
		o.default = facts.default;
	}

	for (var word in choices)
		o.value(word, choices[word]);

	/* In a table too, the words and not the option's value. */
	o.textvalue = function(section_id) {
		var word = this.cfgvalue(section_id);

		return choices[word == null ? facts.default : word] || _('As found');
	};

	return o;
}

return baseclass.extend({
	add: add,
	flag: flag,
	choice: choice
});
