'use strict';
'require baseclass';
'require postern.node as node';

/* The colours are the theme's: dark and light come from it. */

var rules = [
	'.postern{overflow-wrap:anywhere}',
	/* The theme has lists in a grey that is too pale to read. */
	'.postern,.postern li,.postern p,.postern dd,.postern h4,.postern h5{color:var(--text-color-high)}',
	'.postern ul,.postern ol{margin:0 0 1em;padding:0 0 0 1.75em}',
	'.postern ol{list-style:decimal}',
	'.postern section{margin-bottom:1.5em}',
	'.postern h4,.postern h5{margin:0;line-height:1.4}',
	'.postern h5{margin-top:.75em}',
	'.postern small,.postern dt,.postern-left,.postern-kind,.postern-mail{color:var(--text-color-high)}',
	'.postern-now,.postern-answer{border:1px solid var(--border-color-medium);border-left-width:.5em;border-radius:4px;padding:.75em 1em}',
	'.postern-now p{margin:0}',
	'.postern-sentence{font-size:1.25em;line-height:1.4}',
	'.postern-good{border-left-color:var(--success-color-high)}',
	'.postern-warn{border-left-color:var(--warn-color-high)}',
	'.postern-bad{border-left-color:var(--error-color-high)}',
	'.postern .postern-health,.postern .postern-devices,.postern .postern-incidents{list-style:none;padding:0}',
	'.postern-health li{border-left:.25em solid var(--border-color-medium);margin-bottom:.5em;padding-left:.75em}',
	'.postern-health .postern-warn{border-left-color:var(--warn-color-high)}',
	'.postern-controls{margin:1em 0}',
	'.postern-device{border:1px solid var(--border-color-medium);border-radius:4px;margin-bottom:.5em;padding:.5em .75em}',
	'.postern-is-troubled{border-left:.5em solid var(--error-color-high)}',
	'.postern-head{display:flex;flex-wrap:wrap;gap:.25em .75em;align-items:center}',
	'.postern-head h4{flex:1 1 10em}',
	'.postern-kind{flex:1 1 14em}',
	'.postern-mail{display:flex;flex:1 1 18em;flex-wrap:wrap;gap:.25em .5em;align-items:center}',
	'.postern-state{border:1px solid var(--border-color-medium);border-radius:1em;font-size:.9em;padding:0 .6em;color:var(--text-color-high)}',
	'.postern-state-blocked,.postern-state-restricted,.postern-state-quarantined,.postern-state-slowed,.postern-is-open{border-color:var(--error-color-high);border-width:2px;font-weight:bold}',
	'.postern-state-allowed{border-color:var(--success-color-high);border-width:2px}',
	'.postern-state-watched{border-color:var(--warn-color-high);border-width:2px}',
	'.postern-actions{display:flex;flex-wrap:wrap;gap:.4em;margin:.5em 0}',
	'.postern-actions .btn{margin:0;white-space:normal}',
	'.postern summary{cursor:pointer;padding:.35em 0}',
	'.postern dl{display:grid;grid-template-columns:minmax(6em,14em) 1fr;gap:.25em 1em;margin:.5em 0}',
	'.postern dt,.postern dd{margin:0;font-weight:normal;line-height:1.4}',
	'.postern meter{width:100%;max-width:24em}',
	'.postern-why{font-size:.95em;max-height:20em;overflow-y:auto}',
	'.postern-story time{color:var(--text-color-high)}',
	'.postern-sparkline{width:8em;height:1.75em;flex:none}',
	'.postern-timeline{margin:0}',
	'.postern-timeline svg{display:block;width:100%;height:6em}',
	'.postern-axis{stroke:currentColor;stroke-opacity:.4;stroke-width:1;vector-effect:non-scaling-stroke;fill:none}',
	'.postern-bar-mail{fill:currentColor;fill-opacity:.55}',
	'.postern-bar-suspicious{fill:var(--warn-color-high)}',
	'.postern-bar-refused{fill:var(--error-color-high)}',
	'.postern-days{position:relative;height:1.5em;overflow:hidden;font-size:.85em;color:var(--text-color-high)}',
	'.postern-days span{position:absolute;border-left:1px solid currentColor;padding-left:.25em;white-space:nowrap}',
	'.postern-timeline figcaption{display:flex;flex-wrap:wrap;gap:0 1.5em}',
	'.postern-timeline figcaption span:before{content:"";display:inline-block;width:.8em;height:.8em;margin-right:.4em;background:currentColor;opacity:.55}',
	'.postern-timeline figcaption .postern-key-suspicious:before{background:var(--warn-color-high);opacity:1}',
	'.postern-timeline figcaption .postern-key-refused:before{background:var(--error-color-high);opacity:1}',
	'.postern-who textarea{width:100%;max-width:60em;box-sizing:border-box}',
	'.postern-row label{display:inline-block;min-width:6em}',
	'@media (max-width:600px){.postern dl{grid-template-columns:1fr;gap:0}.postern dd{margin-bottom:.5em}}'
];

return baseclass.extend({
	render: function() {
		return node.make('style', {}, [ rules.join('\n') ]);
	}
});
