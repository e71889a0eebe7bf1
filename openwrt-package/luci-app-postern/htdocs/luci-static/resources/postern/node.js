'use strict';
'require baseclass';

/* Elements, and how a page is brought up to date without losing focus, open folds or what somebody types. */

var svgSpace = 'http://www.w3.org/2000/svg';
var svgTags = { svg: true, g: true, rect: true, path: true, line: true, title: true };

/* Control characters, and those that turn the direction of text: a device may put them into its name. */
var unseemly = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
var rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/* What others chose, as text in which nothing is hidden. */
function clean(words) {
	return String(words == null ? '' : words).replace(unseemly, '\ufffd');
}

/* A name within a sentence: no longer than a line, and without influence on the order of what stands around it. */
function name(words) {
	var text = clean(words);

	if (text.length > 48)
		text = text.substr(0, 47) + '\u2026';

	return rightToLeft.test(text) ? '\u2068' + text + '\u2069' : text;
}

/* An element. Strings among its children are always text: as a bare child LuCI would take one as HTML, and print a null. */
function make(tag, attrs, children) {
	var isSvg = svgTags[tag] === true;
	var element = isSvg ? document.createElementNS(svgSpace, tag) : document.createElement(tag);

	Object.keys(attrs || {}).forEach(function(key) {
		if (attrs[key] != null && attrs[key] !== false)
			element.setAttribute(key, attrs[key] === true ? '' : String(attrs[key]));
	});

	return append(element, children);
}

function append(element, children) {
	[].concat(children == null ? [] : children).forEach(function(child) {
		if (child == null || child === false)
			return;

		element.appendChild(typeof child === 'object' ? child : document.createTextNode(String(child)));
	});

	return element;
}

/* One of many in a list. Its children are made when they are needed: not where it was painted `of` the same values before. */
function lazy(tag, attrs, of, children) {
	var element = make(tag, attrs);

	element.madeOf = of;
	element.missing = children;

	return element;
}

function filled(element) {
	if (element.missing)
		append(element, element.missing());

	element.missing = null;

	return element;
}

/* With all that is missing in it, and in what it holds. */
function whole(element) {
	Array.from(filled(element).childNodes).forEach(whole);

	return element;
}

function isOfSame(from, to) {
	return from.madeOf && to.madeOf && to.madeOf.every(function(value, index) { return value === from.madeOf[index]; });
}

function keyOf(node) {
	return node.nodeType === 1 ? node.getAttribute('data-key') : null;
}

function isSame(a, b) {
	return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function takeAttributes(from, to) {
	Array.from(from.attributes).forEach(function(attribute) {
		var isUsers = attribute.name === 'open' && from.nodeName === 'DETAILS';

		if (!isUsers && !to.hasAttribute(attribute.name))
			from.removeAttribute(attribute.name);
	});

	Array.from(to.attributes).forEach(function(attribute) {
		var isUsers = attribute.name === 'open' && from.nodeName === 'DETAILS';

		if (!isUsers && from.getAttribute(attribute.name) !== attribute.value)
			from.setAttribute(attribute.name, attribute.value);
	});
}

function takeChildren(from, to) {
	var wanted = {}, kept = {};

	Array.from(to.childNodes).forEach(function(child) {
		if (keyOf(child))
			wanted[keyOf(child)] = true;
	});

	Array.from(from.childNodes).forEach(function(child) {
		var key = keyOf(child);

		if (key && !wanted[key])
			from.removeChild(child);
		else if (key)
			kept[key] = child;
	});

	var at = from.firstChild;

	Array.from(to.childNodes).forEach(function(child) {
		var key = keyOf(child);
		var match = key ? kept[key] : at;

		if (!match || !isSame(match, child)) {
			from.insertBefore(whole(child), at);
			return;
		}

		if (match === at)
			at = at.nextSibling;
		else
			from.insertBefore(match, at);

		update(match, child);
	});

	while (at) {
		var next = at.nextSibling;

		from.removeChild(at);
		at = next;
	}
}

/* Makes `from` look as `to`, and keeps every element of it that can stay. */
function update(from, to) {
	if (from.nodeType !== 1) {
		if (from.nodeValue !== to.nodeValue)
			from.nodeValue = to.nodeValue;

		return;
	}

	if (isOfSame(from, to))
		return;

	takeAttributes(from, filled(to));
	from.madeOf = to.madeOf;

	/* What is typed is its user's. */
	if (from.nodeName !== 'TEXTAREA')
		takeChildren(from, to);
}

return baseclass.extend({
	clean: clean,
	name: name,
	make: make,
	lazy: lazy,

	/* Brings the content of `root` up to date. */
	paint: function(root, children) {
		var focused = root.contains(document.activeElement) ? document.activeElement : null;

		takeChildren(root, make('div', {}, children));

		/* An element that had to move has lost it. */
		if (focused && focused !== document.activeElement && root.contains(focused))
			focused.focus({ preventScroll: true });
	}
});
