'use strict';
'require baseclass';
/* Made by `node build.mjs --docs` of settings-check.ts and daemon/config: change it there. With valibot (MIT, Fabian
   Hiller), whose licence is in /usr/lib/postern/THIRD-PARTY-LICENSES.txt. */
var check=(()=>{var he=Object.defineProperty;var An=Object.getOwnPropertyDescriptor;var Dn=Object.getOwnPropertyNames;var In=Object.prototype.hasOwnProperty;var Sn=(e,n)=>{for(var r in n)he(e,r,{get:n[r],enumerable:!0})},On=(e,n,r,i)=>{if(n&&typeof n=="object"||typeof n==
"function")for(let t of Dn(n))!In.call(e,t)&&t!==r&&he(e,t,{get:()=>n[t],enumerable:!(i=An(n,t))||i.enumerable});
return e};var $n=e=>On(he({},"__esModule",{value:!0}),e);var Rr={};Sn(Rr,{fault:()=>$r,isOn:()=>Pr,option:()=>Or,problems:()=>En,sentences:()=>jr});var re,Pn={lang:void 0,message:void 0,abortEarly:void 0,abortPipeEarly:void 0};function de(e){return!e&&!re?Pn:{lang:e?.lang??re?.lang,message:e?.message,abortEarly:e?.abortEarly??re?.abortEarly,
abortPipeEarly:e?.abortPipeEarly??re?.abortPipeEarly}}var jn;function Nn(e){return jn?.get(e)}var Mn;function Rn(e){return Mn?.get(e)}var qn;function Cn(e,n){return qn?.get(e)?.get(n)}function Fn(e){let n=typeof e;return n==="string"?'"'.concat(e,'"'):n==="number"||n==="bigint"||n==="boolean"?
"".concat(e):n==="object"||n==="function"?(e&&Object.getPrototypeOf(e)?.constructor?.name)??"null":n}function $(e,n,r,i,t){
let s=t&&"input"in t?t.input:r.value,o=t?.expected??e.expects??null,l=t?.received??Fn(s),u={kind:e.kind,type:e.
type,input:s,expected:o,received:l,message:"Invalid ".concat(n,": ").concat(o?"Expected ".concat(o," but r"):"\
R","eceived ").concat(l),requirement:e.requirement,path:t?.path,issues:t?.issues,lang:i.lang,abortEarly:i.abortEarly,
abortPipeEarly:i.abortPipeEarly},c=e.kind==="schema",a=t?.message??e.message??Cn(e.reference,u.lang)??(c?Rn(u.
lang):null)??i.message??Nn(u.lang);a!==void 0&&(u.message=typeof a=="function"?a(u):a),c&&(r.typed=!1),r.issues?
r.issues.push(u):r.issues=[u]}function Pe(e,n){if("pipe"in e){let r=[];for(let i=e.pipe.length-1;i>=0;i--){let t=e.pipe[i];if(t.kind==="sche\
ma"&&"pipe"in t)r.push(t);else if(t.kind==="metadata"&&t.type===n)return t[n]}for(let i of r){let t=Pe(i,n);if(t!==
void 0)return t}}}function w(e){return e["~standard"]={version:1,vendor:"valibot",validate:n=>e["~run"]({value:n},de())},e}var Tn=class extends Error{constructor(e){super(e[0].message),this.name="ValiError",this.issues=e}};function b(e){return{kind:"metadata",type:"description",reference:b,description:e}}function ve(e,n){return{kind:"validation",type:"max_length",reference:ve,async:!1,expects:"<=".concat(e),requirement:e,
message:n,"~run"(r,i){return r.typed&&r.value.length>this.requirement&&$(this,"length",r,i,{received:"".concat(
r.value.length)}),r}}}function k(e){return{kind:"metadata",type:"metadata",reference:k,metadata:e}}function ge(e){return{kind:"transformation",type:"raw_transform",reference:ge,async:!1,"~run"(n,r){let i=e({dataset:n,
config:r,addIssue:t=>$(this,t?.label??"input",n,r,t),NEVER:null});return n.issues?n.typed=!1:n.value=i,n}}}function be(e){return{kind:"transformation",type:"transform",reference:be,async:!1,operation:e,"~run"(n){return n.
value=this.operation(n.value),n}}}var zn={abortEarly:!0};function je(e,n,r){return typeof e.fallback=="function"?e.fallback(n,r):e.fallback}function P(e,n){return w({...e,
fallback:n,"~run"(r,i){let t=e["~run"](r,i);return t.issues?{typed:!0,value:je(this,t,i)}:t}})}function te(e,n,r){return typeof e.default=="function"?e.default(n,r):e.default}function Ne(e){return Pe(e,"description")}function Me(e){let n={};function r(i){if("pipe"in i)for(let t of i.pipe)t.kind==="schema"&&"pipe"in t?r(t):t.kind===
"metadata"&&t.type==="metadata"&&Object.assign(n,t.metadata)}return r(e),n}function Re(e,n){return!e["~run"]({value:n},zn).issues}function C(e,n){return w({kind:"schema",type:"array",reference:C,expects:"Array",async:!1,item:e,message:n,"~r\
un"(r,i){let t=r.value;if(Array.isArray(t)){r.typed=!0,r.value=[];for(let s=0;s<t.length;s++){let o=t[s],l=this.
item["~run"]({value:o},i);if(l.issues){let u={type:"array",origin:"value",input:t,key:s,value:o};for(let c of l.
issues)c.path?c.path.unshift(u):c.path=[u],r.issues?.push(c);if(r.issues||(r.issues=l.issues),i.abortEarly){r.
typed=!1;break}}l.typed||(r.typed=!1),r.value.push(l.value)}}else $(this,"type",r,i);return r}})}function ke(e){return w({kind:"schema",type:"boolean",reference:ke,expects:"boolean",async:!1,message:e,"~run"(n,r){
return typeof n.value=="boolean"?n.typed=!0:$(this,"type",n,r),n}})}function _(e,n){return w({kind:"schema",type:"exact_optional",reference:_,expects:e.expects,async:!1,wrapped:e,
default:n,"~run"(r,i){return this.wrapped["~run"](r,i)}})}function ie(e){return w({kind:"schema",type:"number",reference:ie,expects:"number",async:!1,message:e,"~run"(n,r){
return typeof n.value=="number"&&!isNaN(n.value)?n.typed=!0:$(this,"type",n,r),n}})}function d(e,n){return w({
kind:"schema",type:"object",reference:d,expects:"Object",async:!1,entries:e,message:n,"~run"(r,i){let t=r.value;
if(t&&typeof t=="object"){r.typed=!0,r.value={};for(let s in this.entries){let o=this.entries[s];if(s in t||(o.
type==="exact_optional"||o.type==="optional"||o.type==="nullish")&&o.default!==void 0){let l=s in t?t[s]:te(o),
u=o["~run"]({value:l},i);if(u.issues){let c={type:"object",origin:"value",input:t,key:s,value:l};for(let a of u.
issues)a.path?a.path.unshift(c):a.path=[c],r.issues?.push(a);if(r.issues||(r.issues=u.issues),i.abortEarly){r.
typed=!1;break}}u.typed||(r.typed=!1),r.value[s]=u.value}else if(o.fallback!==void 0)r.value[s]=je(o);else if(o.
type!=="exact_optional"&&o.type!=="optional"&&o.type!=="nullish"&&($(this,"key",r,i,{input:void 0,expected:'"'.
concat(s,'"'),path:[{type:"object",origin:"key",input:t,key:s,value:t[s]}]}),i.abortEarly))break}}else $(this,
"type",r,i);return r}})}function E(e,n){return w({kind:"schema",type:"optional",reference:E,expects:"(".concat(e.expects," | undefined\
)"),async:!1,wrapped:e,default:n,"~run"(r,i){return r.value===void 0&&(this.default!==void 0&&(r.value=te(this,
r,i)),r.value===void 0)?(r.typed=!0,r):this.wrapped["~run"](r,i)}})}function A(e){return w({kind:"schema",type:"string",reference:A,expects:"string",async:!1,message:e,"~run"(n,r){
return typeof n.value=="string"?n.typed=!0:$(this,"type",n,r),n}})}function F(){return w({kind:"schema",type:"unknown",reference:F,expects:"unknown",async:!1,"~run"(e){return e.
typed=!0,e}})}function qe(e,n,r){let i=e["~run"]({value:n},de(r));if(i.issues)throw new Tn(i.issues);return i.value}function h(...e){return w({...e[0],pipe:e,"~run"(n,r){for(let i of e)if(i.kind!=="metadata"){if(n.issues&&(i.kind===
"schema"||i.kind==="transformation")){n.typed=!1;break}(!n.issues||!r.abortEarly&&!r.abortPipeEarly)&&(n=i["~r\
un"](n,r))}return n}})}function V(e,n,r){let i=e["~run"]({value:n},de(r));return{typed:i.typed,success:!i.issues,output:i.value,issues:i.
issues}}function m(e,n,r){return{option:e,message:n,remedy:r,severity:"error"}}function v(e,n,r){return{option:e,message:n,
remedy:r,severity:"warning"}}var Ce=40;function y(e){return Array.isArray(e)?"a list":typeof e=="object"&&e!==null?"an object":typeof e!="s\
tring"?String(e):JSON.stringify(e.length>Ce?"".concat(e.slice(0,Ce),"\u2026"):e)}function T(e,n){if(e.length>32)
return;let r;for(let i of n){let t=Gn(e.toLowerCase(),i),s=Math.min(2,Math.floor(i.length/3));t<=s&&t<(r?.edits??
3)&&(r={candidate:i,edits:t})}return r?.candidate}function Gn(e,n){let r=[],i=Array.from({length:n.length+1},(t,s)=>s);
for(let t=1;t<=e.length;t++){let s=[t];for(let o=1;o<=n.length;o++){let l=e[t-1]===n[o-1]?0:1,u=t>1&&o>1&&e[t-
1]===n[o-2]&&e[t-2]===n[o-1];s[o]=Math.min(U(i,o)+1,U(s,o-1)+1,U(i,o-1)+l,u?U(r,o-2)+1:Number.POSITIVE_INFINITY)}
r=i,i=s}return U(i,n.length)}function U(e,n){return e[n]??Number.POSITIVE_INFINITY}var H="\n",Ln=new Map([[!0,!0],[!1,!1],...["1","on","true","yes","enabled"].map(e=>[e,!0]),...["0","off","fals\
e","no","disabled"].map(e=>[e,!1])]),Fe={type:"0 or 1",remedy:"Write 1 or 0."};function Q(e,n){return h(F(),Te(
e,n))}function Te(e,n){return ge(({dataset:r,addIssue:i,NEVER:t})=>{let s=e(r.value);return s!==void 0?s:(i({message:n(
r.value)}),t)})}function z(e,n){return Q(r=>typeof r=="string"?e(r):void 0,n)}function G(e,n){return E(h(ze(),
b(e),k(Fe)),n)}function xe(e,n){return _(h(ze(),b(e),k({...Fe,defaultText:n})))}function ze(){return Q(e=>Ln.get(
typeof e=="string"?e.toLowerCase():e),e=>"".concat(y(e)," is neither 0 nor 1"))}function M(e,n,r){return E(Ge(
e,n,{}),r)}function se(e,n,r){return _(Ge(e,n,{defaultText:r}))}function Ge(e,n,r){let i=n.join(", "),t=l=>{let u=typeof l==
"string"?T(l,n):void 0;return"".concat(y(l)," is not one of ").concat(i).concat(u?" (did you mean ".concat(u,"\
?)"):"")},s=l=>n.find(u=>u===l),o="Choose one of ".concat(i,".");return h(Q(s,t),b(e),k({type:"one of ".concat(
i),remedy:o,...r}))}function Le(e,n,r,i){let t="a whole number from ".concat(n," to ").concat(r);return E(h(Q(
o=>{let l=typeof o=="string"&&/^\d{1,9}$/.test(o)?Number(o):o;return Number.isInteger(l)&&Number(l)>=n&&Number(
l)<=r?Number(l):void 0},o=>"".concat(y(o)," is not ").concat(t)),b(e),k({type:t,remedy:"Write ".concat(t,".")})),
i)}function oe(e,n,r){return E(We(e,n,{}),r)}function g(e,n,r=""){return _(We(e,n,{defaultText:r}))}function We(e,{
pattern:n,type:r,example:i},t){return h(z(s=>n.test(s)?s:void 0,s=>"".concat(y(s)," is not ").concat(r)),b(e),
k({type:r,remedy:"Write ".concat(r,", such as ").concat(i,"."),...t}))}function Xe(e){let n="text of 1 to 256 \
characters without control characters";return _(h(z(r=>/^[^\x00-\x1f\x7f]{1,256}$/.test(r)?r:void 0,()=>"the v\
alue (not shown) is not ".concat(n)),b(e),k({type:n,remedy:"Write ".concat(n,"."),secret:!0,defaultText:""})))}
function I(e,{parse:n,type:r,example:i,most:t},s="none"){return _(h(Q(Wn,o=>"".concat(y(o)," is not a list of \
text")),C(h(A(),Te(n,o=>"".concat(y(o)," is not ").concat(r)))),ve(t,({input:o})=>"has ".concat(o.length," ite\
ms, more than ").concat(t)),b(e),k({type:"list; each ".concat(r),remedy:"Write ".concat(r,", such as ").concat(
i,"."),defaultText:s})))}function Wn(e){let n=Array.isArray(e)?e:[e];if(n.every(r=>typeof r=="string"))return n.
flatMap(r=>r.split(/\s+/)).filter(r=>r!=="")}function j(e,n){let r=u=>n.path===""?u:"".concat(n.path,".").concat(u),i=Object.keys(e.entries),t=Object.entries(
n.values).filter(([u,c])=>{let a=Object.hasOwn(e.entries,u)?e.entries[u]:void 0;return c!==null&&(c!==""||a!==
void 0&&Re(a,""))}),s=t.flatMap(([u])=>{if(i.includes(u))return[];let c=[...n.beside??[],...i],a=T(u,c),p="an \
unknown option".concat(a?" (did you mean ".concat(a,"?)"):"",", not read");return[v(r(Xn(u)),p,"Known options \
are ".concat(c.join(", "),"."))]}),o=V(e,Object.fromEntries(t.filter(([u])=>i.includes(u))));return o.success?
{values:o.output,problems:s}:{problems:[...o.issues.map(u=>{let c=String(u.path?.[0]?.key??""),[a="",p]=u.message.
split(H);return m(r(c),a,p??Y(e.entries[c])?.remedy??"Correct it.")}),...s]}}function Y(e){let n=e&&Ke(e);if(!n)
return;let{type:r,remedy:i,defaultText:t,secret:s}=Me(n);if(!(typeof r!="string"||typeof i!="string"))return{type:r,
remedy:i,...typeof t=="string"?{defaultText:t}:{},...s===!0?{secret:s}:{}}}function Ze(e){return Ne(Ke(e))??""}
function Ke(e){return"wrapped"in e?e.wrapped:e}function Xn(e){return e.replaceAll(/[^\w.-]/g,"?").slice(0,32)||
"?"}function S(e){if(e.length>45)return;if(e.includes(":")){let r=Bn(e);return r===void 0?void 0:{family:6,value:r}}
let n=ue(e);return n===void 0?void 0:{family:4,value:BigInt(n)}}function ue(e){let n=0,r=-1,i=0;for(let t=0;t<
e.length;t++){let s=e.charCodeAt(t);if(s===Zn&&r>=0)n=n*256+r,r=-1,i++;else if(s>=we&&s<=Kn&&r!==0){if(r=r<0?s-
we:r*10+s-we,r>255)return}else return}return i===3&&r>=0?n*256+r:void 0}var Zn=46,we=48,Kn=57;function Bn(e){let n=e.
split("::");if(n.length>2)return;let r=Be(n[0]??""),i=n.length===2?Be(n[1]??""):[];if(!r||!i)return;let t=8-r.
length-i.length;return(n.length===2?t<1:t!==0)?void 0:[...r,...Array(n.length===2?t:0).fill(0),...i].reduce((o,l)=>o<<
16n|BigInt(l),0n)}function Be(e){if(e==="")return[];let n=[],r=e.split(":");for(let[i,t]of r.entries())if(t.includes(
".")&&i===r.length-1){let s=ue(t);if(s===void 0)return;n.push(Math.floor(s/65536),s%65536)}else if(/^[0-9a-fA-F]{1,4}$/.
test(t))n.push(Number.parseInt(t,16));else return;return n}function ee({family:e,value:n}){if(e===4)return[24n,
16n,8n,0n].map(s=>n>>s&255n).join(".");let r=Array.from({length:8},(s,o)=>Number(n>>BigInt(112-16*o)&0xffffn)),
i=Vn(r),t=s=>s.map(o=>o.toString(16)).join(":");return i.length<2?t(r):"".concat(t(r.slice(0,i.start)),"::").concat(
t(r.slice(i.start+i.length)))}function Vn(e){let n={start:0,length:0};for(let r=0;r<e.length;r++){let i=0;for(;r+
i<e.length&&e[r+i]===0;)i++;i>n.length&&(n={start:r,length:i})}return n}function ne(e){let n=S(e);return n&&ee(
n)}var Jn=/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;function R(e){if(e.length>17)return;let n=e.toLowerCase().replaceAll(
"-",":"),r=/^[0-9a-f]{12}$/.test(n)?(n.match(/../g)??[]).join(":"):n;return!Jn.test(r)||r==="00:00:00:00:00:00"||
(Number.parseInt(r.slice(0,2),16)&1)===1?void 0:r}var le=e=>e===4?32:128;function L(e,n){let r=BigInt(le(e.family)-n);return{family:e.family,value:e.value>>r<<r,
length:n}}function ae(e){let[n="",r,i]=e.split("/"),t=S(n);if(!(!t||i!==void 0)){if(r===void 0)return L(t,le(t.
family));if(!(!/^\d{1,3}$/.test(r)||Number(r)>le(t.family)))return L(t,Number(r))}}function Ve(e){let n=ee(e);
return e.length===le(e.family)?n:"".concat(n,"/").concat(e.length)}var Un=/^(mqtts?):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))?\/?$/;function Je(e){
let n=Un.exec(e);if(!n)return;let[,r="",i="",t]=n;if(!(i.startsWith("[")&&S(i.slice(1,-1))?.family!==6)&&!(t!==
void 0&&(Number(t)<1||Number(t)>65535)))return"".concat(r,"://").concat(i.toLowerCase()).concat(t===void 0?"":
":".concat(Number(t)))}function Ue(e){return e.startsWith("mqtts://")}function He(e){return/^mqtts?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.
test(e)}function Qe(e){if(typeof e!="string")return"".concat(y(e)," is not the address of a broker");if(e.includes(
"@"))return"the value (not shown) has a login in the address".concat(H).concat("Write the address as mqtt://ho\
st, and the login into username and password.");let n=/^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(e)?.[1]?.toLowerCase();
if(n==="ws"||n==="wss"){let r=n==="ws"?"mqtt://host:1883":"mqtts://host:8883";return"".concat(y(e)," is MQTT o\
ver WebSocket, which is not built in").concat(H,"Use the broker's own port: ").concat(r,".")}return"".concat(y(
e)," is not mqtt://host[:port] or mqtts://host[:port]")}var _e=["iot","appliance","unknown","computer","mailserver"];var Ye=[25,465,587,2525];var Hn=/^(?:\[([0-9A-Fa-f:./]+)\]|([A-Za-z0-9._/-]+)):(\d{1,5})$/,en=/^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
function Ee(e){let n=e.toLowerCase();return n.length<64&&en.test(n)?n:void 0}function nn(e){let n=Hn.exec(e),r=Ye.
find(o=>String(o)===n?.[3]);if(!n||r===void 0)return;let i=n[1]??n[2]??"",t=ae(i);if(t){let o=n[1]!==void 0;return t.
length>0&&o===(t.family===6)?{prefix:t,port:r}:void 0}let s=i.toLowerCase();return n[1]===void 0&&en.test(s)?{
host:s,port:r}:void 0}var O={pattern:/^\/[A-Za-z0-9._/@+-]{0,254}$/,type:"an absolute path",example:"/etc/postern/ca.pem"},Qn={pattern:/^[A-Za-z0-9_-]{1,64}$/,
type:"a name of letters, digits, _ and -",example:"attic-router"},rn={pattern:/^[A-Za-z0-9_]{1,15}$/,type:"a n\
ame of 1 to 15 letters, digits and _",example:"guest"},Yn={pattern:/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/,type:"\
a host name",example:"broker.example.org"},ce={pattern:/^[A-Za-z0-9_-]{1,64}(?:\/[A-Za-z0-9_-]{1,64}){0,3}$/,type:"\
a topic of letters, digits, _ and -, levels parted by /",example:"postern"},er={pattern:/^(?:(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?|[0-9a-fA-F:]{2,39}|\[[0-9a-fA-F:]{2,39}\]:\d{1,5})$/,
type:"an address, with a port where it is not 53",example:"127.0.0.1 or [::1]:5353"},Ae={pattern:/^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{1,64}$/,
type:"a name of 1 to 64 visible characters",example:"Front door camera"},nr={parse:R,type:"a device's MAC",example:"\
ec:71:db:00:11:22",most:16},rr={parse:nn,type:"host:port or prefix:port with port 25, 465, 587 or 2525",example:"\
smtp.example.org:587, 192.0.2.0/24:25 or [2001:db8::1]:465",most:32},tr={parse:Ee,type:"a domain",example:"isp\
.example",most:16},ir={parse:Ee,type:"the zone of a blocklist",example:"zen.spamhaus.org",most:8},sr={parse:ne,
type:"an address",example:"192.168.1.1",most:64},or={parse:ae,type:"a prefix",example:"192.168.1.0/24",most:64},
ur={parse:e=>De(e)?e:void 0,type:"the name of a kernel interface",example:"br-lan",most:16};function De(e){return/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.
test(e)}function tn(e){return rn.pattern.test(e)}function sn(e){return Ae.pattern.test(e)}var lr=["","off","0",
"no","none"],q=d({enabled:G("Whether Postern runs.",!0),mode:M("guard acts; observe only tells, and says what \
it would have done.",["guard","observe"],"guard"),preset:M("How much evidence it takes to restrict a device.",
["normal","strict","relaxed"],"normal"),node:g("Name of this router in topics and incident ids.",Qn,"host name\
 and the end of the LAN MAC"),interpreter:g("Path of Node, if it is not in a usual place.",O,"found"),lowmem:G(
"Save memory at the price of some processor time.",!1),refuse:M("How refused mail is answered: with a TCP rese\
t, or not at all.",["reset","drop"],"reset"),max_bans:Le("The most devices held automatically at once; beyond \
it they are slowed and told.",1,512,5),log_level:M("The least important kind of line in the log.",["debug","in\
fo","warn","error"],"info"),report:G("Tell once a week what was seen: an event, for people to see that it work\
s.",!0),data_dir:oe("Folder for what must outlive a reboot.",O,"/etc/postern"),dns_log:g("dnsmasq's log of que\
ries, a file or a FIFO: shows which domain a server belongs to. See the page on detection.",{...O,example:"/tm\
p/dnsmasq.log"},"none"),mail_domain:I("Domains of your provider's whose mail servers count as one, by dns_log.\
 Never one in which strangers have names.",tr),blocklist:I("DNS blocklists on which the home's own address is \
looked up once a day, such as zen.spamhaus.org and bl.spamcop.net.",ir),blocklist_resolver:g("Who is asked for\
 that; a public resolver is refused by most lists.",er,"the router's own resolver")}),W=d({enabled:xe("Whether\
 to connect to an MQTT broker.","1 if url is given"),url:_(h(z(Je,Qe),b("Address of the broker; mqtts is TLS. \
Ports 1883 and 8883 unless given."),k({type:"mqtt://host[:port] or mqtts://host[:port]",remedy:"Write the addr\
ess as mqtt://host or mqtts://host.",defaultText:""}))),username:g("Login at the broker.",{...Ae,type:"a login",
example:"postern"}),password:Xe("Password at the broker. Never shown, never logged."),ca_file:g("Certificate (\
PEM) that signed the broker's, where it is not publicly trusted.",O),cert_file:g("Client certificate (PEM), wh\
ere the broker asks for one.",O),key_file:g("Key (PEM) of the client certificate.",O),server_name:g("Name in t\
he broker's certificate, if it is not the host of url.",Yn),insecure:G("Do not check the broker's certificate.\
 Reported as a weakness.",!1),base:oe("What every topic begins with.",ce,"postern"),discovery:E(h(z(e=>lr.includes(
e)?"":ce.pattern.test(e)?e:void 0,e=>"".concat(y(e)," is not ").concat(ce.type)),b("Home Assistant's discovery\
 prefix; off for none."),k({type:"".concat(ce.type,", or off"),remedy:"Write homeassistant, or off."})),"homea\
ssistant"),merge_devices:G("Show what Postern says of a device on the page that other integrations of Home Ass\
istant made for its MAC.",!1),commands:M("What MQTT may ask for: nothing; only what strengthens the guard; or \
all, which needs a password, and TLS or a broker on the router.",["off","safe","all"],"off")}),X=d({name:g("Lo\
gical name of the interface in /etc/config/network.",rn,"name of the section"),role:se("guard watches the devi\
ces on it; upstream leads to the internet; ignore does neither.",["guard","upstream","ignore"],"upstream if it\
 has a default route, else guard"),class:se("What devices on it are unless said otherwise.",_e,"none"),interfaces:I(
"Kernel interfaces (plain JSON; else found).",ur,"found"),addresses:I("The router's own addresses on it (plain\
 JSON; else found).",sr,"found"),prefixes:I("Prefixes of the devices on it (plain JSON; else found).",or,"foun\
d")}),Z=d({mac:I("Its MACs (cable and WLAN of one device may differ).",nr),address:_(h(z(ne,e=>"".concat(y(e),
" is not an address")),b("Its address, where it has no MAC; beside a MAC, the fixed address of an exempt devic\
e."),k({type:"an address",remedy:"Write an address, such as 192.168.1.20.",defaultText:"none"}))),name:g("What\
 to call it.",Ae,"found"),class:se("What it is: iot has no business mailing, an appliance mails its owner, a c\
omputer has people at it, a mailserver mails everybody.",_e,"guessed, or that of its network"),exempt:xe("Whet\
her its mail is never touched.","1 for class mailserver, else 0"),relay:I("Mail servers that it may always use\
.",rr),action:M("The most that Postern does to it by itself: anything, tell only, or restrict it to its known \
relays.",["auto","tell","restrict"],"auto")}),fe=d({hostname:g("The router's host name.",{pattern:/^.{0,255}$/s,
type:"text",example:"OpenWrt"}),lan_mac:g("MAC of the LAN bridge, for the node's name.",{pattern:/^.{0,64}$/s,
type:"a MAC",example:"ec:71:db:00:11:22"}),run_dir:oe("Folder in memory for socket and snapshot.",O,"/var/run/\
postern"),lease_files:I("Lease files of dnsmasq and odhcpd.",{parse:e=>O.pattern.test(e)?e:void 0,type:O.type,
example:"/tmp/dhcp.leases",most:8},"those of UCI, and /tmp/dhcp.leases, /tmp/hosts/odhcpd, /tmp/odhcpd.leases")});var ar={main:q,mqtt:W,network:X,device:Z,system:fe};function Ie(){return Object.entries(ar).flatMap(([e,n])=>Object.
entries(n.entries).map(([r,i])=>{let t=Y(i);return{section:e,option:r,type:t?.type??"",default:t?.defaultText??
cr(te(i)),explained:t?.defaultText!==void 0,help:Ze(i)}}))}function cr(e){return String(typeof e=="boolean"?Number(
e):e??"")}function on(e){let{url:n="",username:r,password:i,ca_file:t,cert_file:s,key_file:o,server_name:l}=e,{enabled:u=n!==
"",insecure:c,base:a,discovery:p,merge_devices:f,commands:N}=e;return{enabled:u,url:n,...r===void 0?{}:{username:r},
...i===void 0?{}:{password:i},...t===void 0?{}:{caFile:t},...s===void 0?{}:{certFile:s},...o===void 0?{}:{keyFile:o},
...l===void 0?{}:{serverName:l},insecure:c,base:a,discovery:p,mergeDevices:f,commands:N}}function un(e,n){let r=l=>"".
concat(e,".").concat(l);if(!n.enabled)return[];if(n.url==="")return[m(r("url"),"is missing though MQTT is enab\
led","Write the address as mqtt://host, or disable MQTT.")];let i=[],t=Ue(n.url);if(n.password!==void 0&&n.username===
void 0&&i.push(m(r("username"),"is missing though there is a password","Give the login of the password.")),n.certFile===
void 0!=(n.keyFile===void 0)){let l=n.certFile===void 0?"cert_file":"key_file";i.push(m(r(l),"is missing","Giv\
e cert_file and key_file together, or neither."))}let s=[n.caFile,n.certFile,n.serverName].some(l=>l!==void 0);
!t&&s&&i.push(v(r("url"),"does not encrypt, so the certificate options have no effect","Write mqtts:// for a c\
onnection with TLS.")),t&&n.insecure&&i.push(v(r("insecure"),"the broker's certificate is not checked: anybody\
 on the way can read and forge messages","Give ca_file, and remove insecure."));let o=n.password!==void 0&&(t&&
!n.insecure||He(n.url));return n.commands==="all"&&!o&&i.push(m(r("commands"),"all commands need a password, a\
nd a checked TLS connection or a broker on this router","Choose safe or off, or give a password and an mqtts:/\
/ address.")),i}var fr=64,pr=256,yr=new Set("3g 464xlat 6in4 6rd 6to4 dhcp dhcpv6 ds-lite dslite l2tp map mbim modemmanager nc\
m pppoa pppoe pptp qmi sstp wwan".split(" ")),pe=d({address:A(),mask:ie()}),mr=d({...pe.entries,"local-address":P(
E(pe),void 0)}),ln=d({target:A(),mask:ie()}),hr=d({route:K(ln)}),dr=d({interface:A(),up:P(ke(),!1),proto:P(A(),
""),l3_device:P(A(),""),device:P(A(),""),"ipv4-address":K(pe),"ipv6-address":K(pe),"ipv6-prefix-assignment":K(
mr),route:K(ln),inactive:P(hr,{route:[]})});function K(e){let n=r=>r.slice(0,pr).flatMap(i=>{let t=V(e,i);return t.
success?[t.output]:[]});return P(h(C(F()),be(n)),[])}function an(e){let n=V(d({interface:C(F())}),e);if(!n.success)
return;let r=new Map;for(let i of qe(K(dr),n.output.interface)){let t=i.l3_device||i.device;t==="lo"||i.interface===
"loopback"||!De(t)||r.set(t,[...r.get(t)??[],i])}return[...r].map(([i,t])=>vr(i,t))}function vr(e,n){let r=n.some(
gr),i=n.flatMap(a=>[...a["ipv4-address"],...a["ipv6-address"]]),t=n.flatMap(a=>a["ipv6-prefix-assignment"]),o=[
...i,...t.flatMap(a=>a["local-address"]??[])].flatMap(({address:a})=>ne(a)??[]),u=(r?[]:n.flatMap(a=>a.route)).
map(({target:a,mask:p})=>({address:a,mask:p})),c=[...i,...t,...u].flatMap(a=>br(a)??[]);return{names:n.map(a=>a.
interface).toSorted((a,p)=>a.length-p.length),up:n.some(a=>a.up),upstream:r,interface:e,addresses:[...new Set(
o)],prefixes:kr(c).slice(0,fr)}}function gr(e){let n=({target:r,mask:i})=>i===0&&(r==="0.0.0.0"||r==="::");return yr.
has(e.proto)||[...e.route,...e.inactive.route].some(n)}function br({address:e,mask:n}){let r=S(e);if(!(!r||!Number.
isInteger(n)||n<1||n>(r.family===4?32:128)))return L(r,n)}function kr(e){return[...new Map(e.map(n=>[Ve(n),n])).
values()]}var Se=32;function cn(e,n){let r=[],i=[],t=new Set;for(let{path:s,section:o,values:l}of e){let u=l.name??o;if(u===
void 0||!tn(u)){let f=u===void 0?"is missing":"".concat(y(u)," is not a name of 1 to 15 letters, digits and _");
r.push(m("".concat(s,".name"),f,"Name the logical interface, as in /etc/config/network."));continue}let c=n.find(
({names:f})=>f.includes(u)),a=l.interfaces??(c?[c.interface]:[]),p=a.find(f=>t.has(f));if(i.some(f=>f.name===u)||
p!==void 0){let f=p===void 0?"this network":"the interface ".concat(p);r.push(m("".concat(s,".name"),"".concat(
f," has a section already"),"Keep one section for each interface."));continue}if(a.length===0){let f="no inter\
face of ".concat(u," was found, so it is left out");r.push(v("".concat(s,".name"),f,"Check the name against /e\
tc/config/network."));continue}for(let f of a)t.add(f);i.push({name:u,role:l.role??(c?.upstream?"upstream":"gu\
ard"),...l.class===void 0?{}:{class:l.class},interfaces:a,addresses:l.addresses??c?.addresses??[],prefixes:l.prefixes??
c?.prefixes??[]})}for(let{names:s,up:o,upstream:l,interface:u,addresses:c,prefixes:a}of n){if(!o||t.has(u))continue;
let p=l?"upstream":"guard",f=wr(s[0]??u,i);i.push({name:f,role:p,interfaces:[u],addresses:c,prefixes:a})}return{
networks:i.slice(0,Se),problems:[...r,...xr(i)]}}function xr(e){if(e.length>Se){let n="".concat(e.length," net\
works were found, and only the first ").concat(Se," are guarded");return[v("networks",n,"Give those that need \
no guard the role ignore.")]}return e.some(({role:n})=>n==="guard")?[]:[v("networks","there is no network to g\
uard","Run Postern on the router, or give a network the role guard.")]}function wr(e,n){let r=e.replaceAll(/[^A-Za-z0-9_]/g,
"_").slice(0,15),i=s=>n.some(o=>o.name===s),t=r;for(let s=2;i(t);s++)t="".concat(r.slice(0,12),"_").concat(s);
return t}function fn(e,n){let r=(e??"").toLowerCase().replaceAll(/[^a-z0-9_]+/g,"-").replaceAll(/^-+|-+$/g,"").slice(0,
32),i=R(n??"")?.replaceAll(":","").slice(-6);return[r||"openwrt",i].filter(t=>t!==void 0).join("-")}function x(e){return typeof e=="object"&&e!==null&&!Array.isArray(e)}function pn(e){let n=[],{main:r,mqtt:i,networks:t,devices:s,interfaces:o,static_names:l,...u}=e,c=(p,f)=>f===void 0||
x(f)?{path:p,values:f??{}}:(n.push(m(p,"".concat(y(f)," is not an object"),'Write "'.concat(p,'": { \u2026 }.'))),
{path:p,values:{}}),a=(p,f)=>f===void 0?[]:Array.isArray(f)?f.map((N,D)=>c("".concat(p,"[").concat(D,"]"),N??null)):
(n.push(m(p,"".concat(y(f)," is not a list"),'Write "'.concat(p,'": [ \u2026 ].'))),[]);return{main:c("main",r),
mqtt:c("mqtt",i),networks:a("networks",t),devices:a("devices",s),system:{path:"",values:u,beside:["main","mqtt",
"networks","devices","interfaces","static_names"]},hosts:a("static_names",l),dump:o,leaseFiles:[],problems:n}}function yn(e){return e.replaceAll(":","")}function mn(e){if(!e.includes(":"))return ue(e)===void 0?void 0:e;let n=S(
e);return n&&ee(L(n,64))}var ye=1024,_r=1024;function hn(e,n){let{mac:r=[],address:i,name:t,relay:s=[],action:o}=n,l=i===void 0?void 0:
mn(i),u=r.length>0?r.map(yn):l===void 0?[]:[l];return u.length===0?m("".concat(e,".mac"),"is missing","Name th\
e device by its mac, or by its address."):{keys:[...new Set(u)],...r.length>0&&i!==void 0?{address:i}:{},...t===
void 0?{}:{name:t},...n.class===void 0?{}:{class:n.class},exempt:n.exempt??n.class==="mailserver",relays:s,action:o}}
function dn(e){let n=new Map;return e.flatMap(({path:r,rule:i})=>i.keys.flatMap(t=>{let s=n.get(t);return s===
void 0?(n.set(t,r),[]):[m("".concat(r,".mac"),"".concat(t," has a section already: ").concat(s),"Keep one sect\
ion for each device.")]}))}function vn(e){return e.flatMap(({values:n})=>Er(n)).slice(0,_r)}function Er({name:e,
mac:n}){return typeof e!="string"||!sn(e)?[]:(Array.isArray(n)?n:[n]).filter(t=>typeof t=="string").flatMap(t=>t.
split(/\s+/)).flatMap(t=>R(t)??[]).map(t=>({mac:t,name:e}))}var Oe=["postern","mqtt","network","device"];function bn(e){let n=x(e.uci)?e.uci:{postern:e},r=gn("postern",n.
postern),i=gn("dhcp",n.dhcp),t=c=>r.filter(a=>a.type===c),{hostname:s,lan_mac:o,run_dir:l,lease_files:u}=e;return{
main:t("postern")[0]??{path:"postern.main",values:{}},mqtt:t("mqtt")[0]??{path:"postern.mqtt",values:{}},networks:t(
"network"),devices:t("device"),system:{path:"",values:Dr({hostname:s,lan_mac:o,run_dir:l,lease_files:u})},hosts:i.
filter(c=>c.type==="host"),dump:e.interfaces,leaseFiles:i.flatMap(({type:c,values:a})=>{let p=c==="dnsmasq"||c===
"odhcpd"?a.leasefile:void 0;return typeof p=="string"?[p]:[]}),problems:Ar(r)}}function gn(e,n){let r=x(n)?n.values:
void 0;if(!x(r))return[];let i=new Map;return Object.entries(r).flatMap(([t,s])=>{if(!x(s))return[];let o=String(
s[".type"]),l=i.get(o)??0;i.set(o,l+1);let u=s[".anonymous"]===!0,c=Object.fromEntries(Object.entries(s).filter(
([p])=>!p.startsWith("."))),a=u?"".concat(e,".@").concat(o,"[").concat(l,"]"):"".concat(e,".").concat(t);return[
{type:o,path:a,values:c,...u?{}:{name:t}}]})}function Ar(e){return e.flatMap(({type:n,path:r},i)=>{if(!Oe.includes(
n)){let s=T(n,Oe),o="a section of the unknown type ".concat(y(n)).concat(s?" (did you mean ".concat(s,"?)"):"");
return[v(r,o,"Known types are ".concat(Oe.join(", "),"."))]}return!(e.findIndex(s=>s.type===n)!==i)||n!=="post\
ern"&&n!=="mqtt"?[]:[v(r,"a second section of type ".concat(n," is not read"),"Remove it.")]})}function Dr(e){
return Object.fromEntries(Object.entries(e).filter(([,n])=>n!==void 0))}var me=200,Ir=["/tmp/dhcp.leases","/tmp/hosts/odhcpd","/tmp/odhcpd.leases"];function xn(e){if(!x(e))return{ok:!1,
problems:[m("config","".concat(y(e)," is not a JSON object"),'Write { "main": { \u2026 } }.')]};let n=x(e.uci)||
x(e.values),{config:r,problems:i}=Sr(n?bn(e):pn(e)),t=i.filter(({severity:o})=>o==="error"),s=i.filter(({severity:o})=>o===
"warning");return t.length===0&&r?{ok:!0,config:r,warnings:kn(s)}:{ok:!1,problems:kn([...t,...s])}}function Sr(e){
let n=[...e.problems],r=f=>(n.push(...f.problems),f.values),i=(f,N)=>N.flatMap(D=>{let $e=r(j(f,D));return $e===
void 0?[]:[{path:D.path,section:D.name,values:$e}]}),t=r(j(q,e.main)),s=r(j(W,e.mqtt)),o=r(j(fe,e.system)),l=s&&
on(s);l&&n.push(...un(e.mqtt.path,l));let u=e.dump===void 0?[]:an(e.dump);u||n.push(v("interfaces","is not the\
 answer of ubus call network.interface dump, so no network could be found","See what that command says on this\
 router."));let c=cn(i(X,e.networks),u??[]);if(n.push(...c.problems),e.devices.length>ye){let f="".concat(e.devices.
length," sections are more than ").concat(ye);n.push(m("devices",f,"Remove devices that are gone."))}let a=i(Z,
e.devices.slice(0,ye)).flatMap(({path:f,values:N})=>{let D=hn(f,N);return"severity"in D?(n.push(D),[]):[{path:f,
rule:D}]});return n.push(...dn(a)),!t||!l||!o?{problems:n}:{config:{enabled:t.enabled,mode:t.mode,preset:t.preset,
node:t.node??fn(o.hostname,o.lan_mac),...t.interpreter===void 0?{}:{interpreter:t.interpreter},lowmem:t.lowmem,
refuse:t.refuse,maxBans:t.max_bans,logLevel:t.log_level,report:t.report,dataDir:t.data_dir,runDir:o.run_dir,leaseFiles:o.
lease_files??[...new Set([...e.leaseFiles,...Ir])],...t.dns_log===void 0?{}:{dnsLog:t.dns_log},mailDomains:t.mail_domain??
[],blocklists:t.blocklist??[],...t.blocklist_resolver===void 0?{}:{blocklistResolver:t.blocklist_resolver},mqtt:l,
networks:c.networks,devices:a.map(({rule:f})=>f),staticNames:vn(e.hosts)},problems:n}}function kn(e){if(e.length<=
me)return e;let n="there are ".concat(e.length-me," more problems");return[...e.slice(0,me),{...m("config",n,"\
Correct those above first."),severity:e[me]?.severity??"error"}]}var _n={main:q,mqtt:W,network:X,device:Z};function Or(e,n){return Ie().find(r=>r.section===e&&r.option===n)}function $r(e,n,r){
let i=_n[e];if(!i)return;let{problems:t}=j(i,{path:"",values:{[n]:r}});return t.find(({severity:s})=>s==="erro\
r")?.remedy}function En(e){let n=xn({values:e});return n.ok?n.warnings:n.problems}function Pr(e){return j(q,{path:"",
values:{enabled:e}}).values?.enabled===!0}function jr(){let e=Ie().filter(t=>t.section!=="system"&&!wn.includes(
t.option)),n=Object.values(_n).flatMap(t=>Object.entries(t.entries).map(([s,o])=>wn.includes(s)?"":Y(o)?.remedy??
"")),r=e.flatMap(t=>t.explained&&!Nr.includes(t.default)?[t.default]:[]),i=Mr.flatMap(t=>En(t)).map(({remedy:t})=>t);
return[...new Set([...e.map(({help:t})=>t),...r,...n,...i])].filter(Boolean)}var B=e=>({mqtt:{".type":"mqtt",enabled:"\
1",url:"mqtt://broker",...e}}),Nr=["none","found"],wn=["interfaces","addresses","prefixes"],Mr=[B({url:""}),B(
{password:"x",commands:"all"}),B({cert_file:"/a"}),B({url:"ftp://broker"}),B({url:"mqtt://user:pass@broker"}),
B({url:"ws://broker"}),{device:{".type":"device"}},{one:{".type":"device",mac:"ec:71:db:00:11:22"},two:{".type":"\
device",mac:"ec:71:db:00:11:22"}},{lan:{".type":"network",interfaces:"a"},b:{".type":"network",name:"lan",interfaces:"\
b"}},{cfg012345:{".type":"network",".anonymous":!0}}];return $n(Rr);})();

return baseclass.extend({
	option: check.option,
	fault: check.fault,
	problems: check.problems,
	isOn: check.isOn
});
