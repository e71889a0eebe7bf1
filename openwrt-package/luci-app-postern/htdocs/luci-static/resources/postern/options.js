'use strict';
'require baseclass';
/* Made by `node build.mjs --docs` of settings-check.ts and daemon/config: change it there. With valibot (MIT, Fabian
   Hiller), whose licence is in /usr/lib/postern/THIRD-PARTY-LICENSES.txt. */
var check=(()=>{var he=Object.defineProperty;var jn=Object.getOwnPropertyDescriptor;var Nn=Object.getOwnPropertyNames;var Mn=Object.prototype.hasOwnProperty;var Rn=(e,n)=>{for(var r in n)he(e,r,{get:n[r],enumerable:!0})},qn=(e,n,r,i)=>{if(n&&typeof n=="object"||typeof n==
"function")for(let t of Nn(n))!Mn.call(e,t)&&t!==r&&he(e,t,{get:()=>n[t],enumerable:!(i=jn(n,t))||i.enumerable});
return e};var Cn=e=>qn(he({},"__esModule",{value:!0}),e);var Wr={};Rn(Wr,{fault:()=>Cr,isOn:()=>Fr,option:()=>qr,problems:()=>Pn,sentences:()=>Tr});var re,Fn={lang:void 0,message:void 0,abortEarly:void 0,abortPipeEarly:void 0};function de(e){return!e&&!re?Fn:{lang:e?.lang??re?.lang,message:e?.message,abortEarly:e?.abortEarly??re?.abortEarly,
abortPipeEarly:e?.abortPipeEarly??re?.abortPipeEarly}}var Tn;function zn(e){return Tn?.get(e)}var Gn;function Wn(e){return Gn?.get(e)}var Ln;function Zn(e,n){return Ln?.get(e)?.get(n)}function Xn(e){let n=typeof e;return n==="string"?'"'.concat(e,'"'):n==="number"||n==="bigint"||n==="boolean"?
"".concat(e):n==="object"||n==="function"?(e&&Object.getPrototypeOf(e)?.constructor?.name)??"null":n}function $(e,n,r,i,t){
let s=t&&"input"in t?t.input:r.value,o=t?.expected??e.expects??null,u=t?.received??Xn(s),l={kind:e.kind,type:e.
type,input:s,expected:o,received:u,message:"Invalid ".concat(n,": ").concat(o?"Expected ".concat(o," but r"):"\
R","eceived ").concat(u),requirement:e.requirement,path:t?.path,issues:t?.issues,lang:i.lang,abortEarly:i.abortEarly,
abortPipeEarly:i.abortPipeEarly},c=e.kind==="schema",a=t?.message??e.message??Zn(e.reference,l.lang)??(c?Wn(l.
lang):null)??i.message??zn(l.lang);a!==void 0&&(l.message=typeof a=="function"?a(l):a),c&&(r.typed=!1),r.issues?
r.issues.push(l):r.issues=[l]}function je(e,n){if("pipe"in e){let r=[];for(let i=e.pipe.length-1;i>=0;i--){let t=e.pipe[i];if(t.kind==="sche\
ma"&&"pipe"in t)r.push(t);else if(t.kind==="metadata"&&t.type===n)return t[n]}for(let i of r){let t=je(i,n);if(t!==
void 0)return t}}}function w(e){return e["~standard"]={version:1,vendor:"valibot",validate:n=>e["~run"]({value:n},de())},e}var Kn=class extends Error{constructor(e){super(e[0].message),this.name="ValiError",this.issues=e}};function b(e){return{kind:"metadata",type:"description",reference:b,description:e}}function ve(e,n){return{kind:"validation",type:"max_length",reference:ve,async:!1,expects:"<=".concat(e),requirement:e,
message:n,"~run"(r,i){return r.typed&&r.value.length>this.requirement&&$(this,"length",r,i,{received:"".concat(
r.value.length)}),r}}}function k(e){return{kind:"metadata",type:"metadata",reference:k,metadata:e}}function ge(e){return{kind:"transformation",type:"raw_transform",reference:ge,async:!1,"~run"(n,r){let i=e({dataset:n,
config:r,addIssue:t=>$(this,t?.label??"input",n,r,t),NEVER:null});return n.issues?n.typed=!1:n.value=i,n}}}function be(e){return{kind:"transformation",type:"transform",reference:be,async:!1,operation:e,"~run"(n){return n.
value=this.operation(n.value),n}}}var Bn={abortEarly:!0};function Ne(e,n,r){return typeof e.fallback=="function"?e.fallback(n,r):e.fallback}function P(e,n){return w({...e,
fallback:n,"~run"(r,i){let t=e["~run"](r,i);return t.issues?{typed:!0,value:Ne(this,t,i)}:t}})}function te(e,n,r){return typeof e.default=="function"?e.default(n,r):e.default}function Me(e){return je(e,"description")}function Re(e){let n={};function r(i){if("pipe"in i)for(let t of i.pipe)t.kind==="schema"&&"pipe"in t?r(t):t.kind===
"metadata"&&t.type==="metadata"&&Object.assign(n,t.metadata)}return r(e),n}function qe(e,n){return!e["~run"]({value:n},Bn).issues}function C(e,n){return w({kind:"schema",type:"array",reference:C,expects:"Array",async:!1,item:e,message:n,"~r\
un"(r,i){let t=r.value;if(Array.isArray(t)){r.typed=!0,r.value=[];for(let s=0;s<t.length;s++){let o=t[s],u=this.
item["~run"]({value:o},i);if(u.issues){let l={type:"array",origin:"value",input:t,key:s,value:o};for(let c of u.
issues)c.path?c.path.unshift(l):c.path=[l],r.issues?.push(c);if(r.issues||(r.issues=u.issues),i.abortEarly){r.
typed=!1;break}}u.typed||(r.typed=!1),r.value.push(u.value)}}else $(this,"type",r,i);return r}})}function ke(e){return w({kind:"schema",type:"boolean",reference:ke,expects:"boolean",async:!1,message:e,"~run"(n,r){
return typeof n.value=="boolean"?n.typed=!0:$(this,"type",n,r),n}})}function _(e,n){return w({kind:"schema",type:"exact_optional",reference:_,expects:e.expects,async:!1,wrapped:e,
default:n,"~run"(r,i){return this.wrapped["~run"](r,i)}})}function ie(e){return w({kind:"schema",type:"number",reference:ie,expects:"number",async:!1,message:e,"~run"(n,r){
return typeof n.value=="number"&&!isNaN(n.value)?n.typed=!0:$(this,"type",n,r),n}})}function d(e,n){return w({
kind:"schema",type:"object",reference:d,expects:"Object",async:!1,entries:e,message:n,"~run"(r,i){let t=r.value;
if(t&&typeof t=="object"){r.typed=!0,r.value={};for(let s in this.entries){let o=this.entries[s];if(s in t||(o.
type==="exact_optional"||o.type==="optional"||o.type==="nullish")&&o.default!==void 0){let u=s in t?t[s]:te(o),
l=o["~run"]({value:u},i);if(l.issues){let c={type:"object",origin:"value",input:t,key:s,value:u};for(let a of l.
issues)a.path?a.path.unshift(c):a.path=[c],r.issues?.push(a);if(r.issues||(r.issues=l.issues),i.abortEarly){r.
typed=!1;break}}l.typed||(r.typed=!1),r.value[s]=l.value}else if(o.fallback!==void 0)r.value[s]=Ne(o);else if(o.
type!=="exact_optional"&&o.type!=="optional"&&o.type!=="nullish"&&($(this,"key",r,i,{input:void 0,expected:'"'.
concat(s,'"'),path:[{type:"object",origin:"key",input:t,key:s,value:t[s]}]}),i.abortEarly))break}}else $(this,
"type",r,i);return r}})}function E(e,n){return w({kind:"schema",type:"optional",reference:E,expects:"(".concat(e.expects," | undefined\
)"),async:!1,wrapped:e,default:n,"~run"(r,i){return r.value===void 0&&(this.default!==void 0&&(r.value=te(this,
r,i)),r.value===void 0)?(r.typed=!0,r):this.wrapped["~run"](r,i)}})}function A(e){return w({kind:"schema",type:"string",reference:A,expects:"string",async:!1,message:e,"~run"(n,r){
return typeof n.value=="string"?n.typed=!0:$(this,"type",n,r),n}})}function F(){return w({kind:"schema",type:"unknown",reference:F,expects:"unknown",async:!1,"~run"(e){return e.
typed=!0,e}})}function Ce(e,n,r){let i=e["~run"]({value:n},de(r));if(i.issues)throw new Kn(i.issues);return i.value}function h(...e){return w({...e[0],pipe:e,"~run"(n,r){for(let i of e)if(i.kind!=="metadata"){if(n.issues&&(i.kind===
"schema"||i.kind==="transformation")){n.typed=!1;break}(!n.issues||!r.abortEarly&&!r.abortPipeEarly)&&(n=i["~r\
un"](n,r))}return n}})}function V(e,n,r){let i=e["~run"]({value:n},de(r));return{typed:i.typed,success:!i.issues,output:i.value,issues:i.
issues}}function m(e,n,r){return{option:e,message:n,remedy:r,severity:"error"}}function v(e,n,r){return{option:e,message:n,
remedy:r,severity:"warning"}}var Fe=40;function y(e){return Array.isArray(e)?"a list":typeof e=="object"&&e!==null?"an object":typeof e!="s\
tring"?String(e):JSON.stringify(e.length>Fe?"".concat(e.slice(0,Fe),"\u2026"):e)}function T(e,n){if(e.length>32)
return;let r;for(let i of n){let t=Vn(e.toLowerCase(),i),s=Math.min(2,Math.floor(i.length/3));t<=s&&t<(r?.edits??
3)&&(r={candidate:i,edits:t})}return r?.candidate}function Vn(e,n){let r=[],i=Array.from({length:n.length+1},(t,s)=>s);
for(let t=1;t<=e.length;t++){let s=[t];for(let o=1;o<=n.length;o++){let u=e[t-1]===n[o-1]?0:1,l=t>1&&o>1&&e[t-
1]===n[o-2]&&e[t-2]===n[o-1];s[o]=Math.min(U(i,o)+1,U(s,o-1)+1,U(i,o-1)+u,l?U(r,o-2)+1:Number.POSITIVE_INFINITY)}
r=i,i=s}return U(i,n.length)}function U(e,n){return e[n]??Number.POSITIVE_INFINITY}var H="\n",Jn=new Map([[!0,!0],[!1,!1],...["1","on","true","yes","enabled"].map(e=>[e,!0]),...["0","off","fals\
e","no","disabled"].map(e=>[e,!1])]),Te={type:"0 or 1",remedy:"Write 1 or 0."};function Y(e,n){return h(F(),ze(
e,n))}function ze(e,n){return ge(({dataset:r,addIssue:i,NEVER:t})=>{let s=e(r.value);return s!==void 0?s:(i({message:n(
r.value)}),t)})}function z(e,n){return Y(r=>typeof r=="string"?e(r):void 0,n)}function G(e,n){return E(h(Ge(),
b(e),k(Te)),n)}function xe(e,n){return _(h(Ge(),b(e),k({...Te,defaultText:n})))}function Ge(){return Y(e=>Jn.get(
typeof e=="string"?e.toLowerCase():e),e=>"".concat(y(e)," is neither 0 nor 1"))}function M(e,n,r){return E(We(
e,n,{}),r)}function se(e,n,r){return _(We(e,n,{defaultText:r}))}function We(e,n,r){let i=n.join(", "),t=u=>{let l=typeof u==
"string"?T(u,n):void 0;return"".concat(y(u)," is not one of ").concat(i).concat(l?" (did you mean ".concat(l,"\
?)"):"")},s=u=>n.find(l=>l===u),o="Choose one of ".concat(i,".");return h(Y(s,t),b(e),k({type:"one of ".concat(
i),remedy:o,...r}))}function Le(e,n,r,i){let t="a whole number from ".concat(n," to ").concat(r);return E(h(Y(
o=>{let u=typeof o=="string"&&/^\d{1,9}$/.test(o)?Number(o):o;return Number.isInteger(u)&&Number(u)>=n&&Number(
u)<=r?Number(u):void 0},o=>"".concat(y(o)," is not ").concat(t)),b(e),k({type:t,remedy:"Write ".concat(t,".")})),
i)}function oe(e,n,r){return E(Ze(e,n,{}),r)}function g(e,n,r=""){return _(Ze(e,n,{defaultText:r}))}function Ze(e,{
pattern:n,type:r,example:i},t){return h(z(s=>n.test(s)?s:void 0,s=>"".concat(y(s)," is not ").concat(r)),b(e),
k({type:r,remedy:"Write ".concat(r,", such as ").concat(i,"."),...t}))}function Xe(e){let n="text of 1 to 256 \
characters without control characters";return _(h(z(r=>/^[^\x00-\x1f\x7f]{1,256}$/.test(r)?r:void 0,()=>"the v\
alue (not shown) is not ".concat(n)),b(e),k({type:n,remedy:"Write ".concat(n,"."),secret:!0,defaultText:""})))}
function D(e,{parse:n,type:r,example:i,most:t},s="none"){return _(h(Y(Un,o=>"".concat(y(o)," is not a list of \
text")),C(h(A(),ze(n,o=>"".concat(y(o)," is not ").concat(r)))),ve(t,({input:o})=>"has ".concat(o.length," ite\
ms, more than ").concat(t)),b(e),k({type:"list; each ".concat(r),remedy:"Write ".concat(r,", such as ").concat(
i,"."),defaultText:s})))}function Un(e){let n=Array.isArray(e)?e:[e];if(n.every(r=>typeof r=="string"))return n.
flatMap(r=>r.split(/\s+/)).filter(r=>r!=="")}function j(e,n){let r=l=>n.path===""?l:"".concat(n.path,".").concat(l),i=Object.keys(e.entries),t=Object.entries(
n.values).filter(([l,c])=>{let a=Object.hasOwn(e.entries,l)?e.entries[l]:void 0;return c!==null&&(c!==""||a!==
void 0&&qe(a,""))}),s=t.flatMap(([l])=>{if(i.includes(l))return[];let c=[...n.beside??[],...i],a=T(l,c),p="an \
unknown option".concat(a?" (did you mean ".concat(a,"?)"):"",", not read");return[v(r(Hn(l)),p,"Known options \
are ".concat(c.join(", "),"."))]}),o=V(e,Object.fromEntries(t.filter(([l])=>i.includes(l))));return o.success?
{values:o.output,problems:s}:{problems:[...o.issues.map(l=>{let c=String(l.path?.[0]?.key??""),[a="",p]=l.message.
split(H);return m(r(c),a,p??Q(e.entries[c])?.remedy??"Correct it.")}),...s]}}function Q(e){let n=e&&Be(e);if(!n)
return;let{type:r,remedy:i,defaultText:t,secret:s}=Re(n);if(!(typeof r!="string"||typeof i!="string"))return{type:r,
remedy:i,...typeof t=="string"?{defaultText:t}:{},...s===!0?{secret:s}:{}}}function Ke(e){return Me(Be(e))??""}
function Be(e){return"wrapped"in e?e.wrapped:e}function Hn(e){return e.replaceAll(/[^\w.-]/g,"?").slice(0,32)||
"?"}function S(e){if(e.length>45)return;if(e.includes(":")){let r=er(e);return r===void 0?void 0:{family:6,value:r}}
let n=ue(e);return n===void 0?void 0:{family:4,value:BigInt(n)}}function ue(e){let n=0,r=-1,i=0;for(let t=0;t<
e.length;t++){let s=e.charCodeAt(t);if(s===Yn&&r>=0)n=n*256+r,r=-1,i++;else if(s>=we&&s<=Qn&&r!==0){if(r=r<0?s-
we:r*10+s-we,r>255)return}else return}return i===3&&r>=0?n*256+r:void 0}var Yn=46,we=48,Qn=57;function er(e){let n=e.
split("::");if(n.length>2)return;let r=Ve(n[0]??""),i=n.length===2?Ve(n[1]??""):[];if(!r||!i)return;let t=8-r.
length-i.length;return(n.length===2?t<1:t!==0)?void 0:[...r,...Array(n.length===2?t:0).fill(0),...i].reduce((o,u)=>o<<
16n|BigInt(u),0n)}function Ve(e){if(e==="")return[];let n=[],r=e.split(":");for(let[i,t]of r.entries())if(t.includes(
".")&&i===r.length-1){let s=ue(t);if(s===void 0)return;n.push(Math.floor(s/65536),s%65536)}else if(/^[0-9a-fA-F]{1,4}$/.
test(t))n.push(Number.parseInt(t,16));else return;return n}function ee({family:e,value:n}){if(e===4)return[24n,
16n,8n,0n].map(s=>n>>s&255n).join(".");let r=Array.from({length:8},(s,o)=>Number(n>>BigInt(112-16*o)&0xffffn)),
i=nr(r),t=s=>s.map(o=>o.toString(16)).join(":");return i.length<2?t(r):"".concat(t(r.slice(0,i.start)),"::").concat(
t(r.slice(i.start+i.length)))}function nr(e){let n={start:0,length:0};for(let r=0;r<e.length;r++){let i=0;for(;r+
i<e.length&&e[r+i]===0;)i++;i>n.length&&(n={start:r,length:i})}return n}function ne(e){let n=S(e);return n&&ee(
n)}var rr=/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;function R(e){if(e.length>17)return;let n=e.toLowerCase().replaceAll(
"-",":"),r=/^[0-9a-f]{12}$/.test(n)?(n.match(/../g)??[]).join(":"):n;return!rr.test(r)||r==="00:00:00:00:00:00"||
(Number.parseInt(r.slice(0,2),16)&1)===1?void 0:r}var le=e=>e===4?32:128;function W(e,n){let r=BigInt(le(e.family)-n);return{family:e.family,value:e.value>>r<<r,
length:n}}function ae(e){let[n="",r,i]=e.split("/"),t=S(n);if(!(!t||i!==void 0)){if(r===void 0)return W(t,le(t.
family));if(!(!/^\d{1,3}$/.test(r)||Number(r)>le(t.family)))return W(t,Number(r))}}function Je(e){let n=ee(e);
return e.length===le(e.family)?n:"".concat(n,"/").concat(e.length)}var tr=/^(mqtts?):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))?\/?$/;function Ue(e){
let n=tr.exec(e);if(!n)return;let[,r="",i="",t]=n;if(!(i.startsWith("[")&&S(i.slice(1,-1))?.family!==6)&&!(t!==
void 0&&(Number(t)<1||Number(t)>65535)))return"".concat(r,"://").concat(i.toLowerCase()).concat(t===void 0?"":
":".concat(Number(t)))}function He(e){return e.startsWith("mqtts://")}function Ye(e){return/^mqtts?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.
test(e)}function Qe(e){if(typeof e!="string")return"".concat(y(e)," is not the address of a broker");if(e.includes(
"@"))return"the value (not shown) has a login in the address".concat(H).concat("Write the address as mqtt://ho\
st, and the login into username and password.");let n=/^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(e)?.[1]?.toLowerCase();
if(n==="ws"||n==="wss"){let r=n==="ws"?"mqtt://host:1883":"mqtts://host:8883";return"".concat(y(e)," is MQTT o\
ver WebSocket, which is not built in").concat(H,"Use the broker's own port: ").concat(r,".")}return"".concat(y(
e)," is not mqtt://host[:port] or mqtts://host[:port]")}var _e=["iot","appliance","unknown","computer","mailserver"];var en=[25,465,587,2525];var ir=/^(?:\[([0-9A-Fa-f:./]+)\]|([A-Za-z0-9._/-]+)):(\d{1,5})$/,nn=/^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
function Ee(e){let n=e.toLowerCase();return n.length<64&&nn.test(n)?n:void 0}function rn(e){let n=ir.exec(e),r=en.
find(o=>String(o)===n?.[3]);if(!n||r===void 0)return;let i=n[1]??n[2]??"",t=ae(i);if(t){let o=n[1]!==void 0;return t.
length>0&&o===(t.family===6)?{prefix:t,port:r}:void 0}let s=i.toLowerCase();return n[1]===void 0&&nn.test(s)?{
host:s,port:r}:void 0}var O={pattern:/^\/[A-Za-z0-9._/@+-]{0,254}$/,type:"an absolute path",example:"/etc/postern/ca.pem"},sr={pattern:/^[A-Za-z0-9_-]{1,64}$/,
type:"a name of letters, digits, _ and -",example:"attic-router"},tn={pattern:/^[A-Za-z0-9_]{1,15}$/,type:"a n\
ame of 1 to 15 letters, digits and _",example:"guest"},or={pattern:/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/,type:"\
a host name",example:"broker.example.org"},ce={pattern:/^[A-Za-z0-9_-]{1,64}(?:\/[A-Za-z0-9_-]{1,64}){0,3}$/,type:"\
a topic of letters, digits, _ and -, levels parted by /",example:"postern"},ur={pattern:/^(?:(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?|[0-9a-fA-F:]{2,39}|\[[0-9a-fA-F:]{2,39}\]:\d{1,5})$/,
type:"an address, with a port where it is not 53",example:"127.0.0.1 or [::1]:5353"},Ae={pattern:/^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{1,64}$/,
type:"a name of 1 to 64 visible characters",example:"Front door camera"},lr={parse:R,type:"a device's MAC",example:"\
ec:71:db:00:11:22",most:16},ar={parse:rn,type:"host:port or prefix:port with port 25, 465, 587 or 2525",example:"\
smtp.example.org:587, 192.0.2.0/24:25 or [2001:db8::1]:465",most:32},cr={parse:Ee,type:"a domain",example:"isp\
.example",most:16},fr={parse:Ee,type:"the zone of a blocklist",example:"zen.spamhaus.org",most:8},pr={parse:ne,
type:"an address",example:"192.168.1.1",most:64},yr={parse:ae,type:"a prefix",example:"192.168.1.0/24",most:64},
mr={parse:e=>Ie(e)?e:void 0,type:"the name of a kernel interface",example:"br-lan",most:16};function Ie(e){return/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.
test(e)}function sn(e){return tn.pattern.test(e)}function on(e){return Ae.pattern.test(e)}var hr=["","off","0",
"no","none"],q=d({enabled:G("Whether Postern runs.",!0),mode:M("guard acts; observe only tells, and says what \
it would have done.",["guard","observe"],"guard"),preset:M("How much evidence it takes to restrict a device.",
["normal","strict","relaxed"],"normal"),node:g("Name of this router in topics and incident ids.",sr,"host name\
 and the end of the LAN MAC"),interpreter:g("Path of Node, if it is not in a usual place.",O,"found"),lowmem:G(
"Save memory at the price of some processor time.",!1),refuse:M("How refused mail is answered: with a TCP rese\
t, or not at all.",["reset","drop"],"reset"),max_bans:Le("The most devices held automatically at once; beyond \
it they are slowed and told.",1,512,5),log_level:M("The least important kind of line in the log.",["debug","in\
fo","warn","error"],"info"),report:G("Tell once a week what was seen: an event, for people to see that it work\
s.",!0),data_dir:oe("Folder for what must outlive a reboot.",O,"/etc/postern"),dns_log:g("dnsmasq's log of que\
ries, a file or a FIFO: shows which domain a server belongs to. See the page on detection.",{...O,example:"/tm\
p/dnsmasq.log"},"none"),mail_domain:D("Domains of your provider's whose mail servers count as one, by dns_log.\
 Never one in which strangers have names.",cr),blocklist:D("DNS blocklists on which the home's own address is \
looked up once a day, such as zen.spamhaus.org and bl.spamcop.net.",fr),blocklist_resolver:g("Who is asked for\
 that; a public resolver is refused by most lists.",ur,"the router's own resolver")}),L=d({enabled:xe("Whether\
 to connect to an MQTT broker.","1 if url is given"),url:_(h(z(Ue,Qe),b("Address of the broker; mqtts is TLS. \
Ports 1883 and 8883 unless given."),k({type:"mqtt://host[:port] or mqtts://host[:port]",remedy:"Write the addr\
ess as mqtt://host or mqtts://host.",defaultText:""}))),username:g("Login at the broker.",{...Ae,type:"a login",
example:"postern"}),password:Xe("Password at the broker. Never shown, never logged."),ca_file:g("Certificate (\
PEM) that signed the broker's, where it is not publicly trusted.",O),cert_file:g("Client certificate (PEM), wh\
ere the broker asks for one.",O),key_file:g("Key (PEM) of the client certificate.",O),server_name:g("Name in t\
he broker's certificate, if it is not the host of url.",or),insecure:G("Do not check the broker's certificate.\
 Reported as a weakness.",!1),base:oe("What every topic begins with.",ce,"postern"),discovery:E(h(z(e=>hr.includes(
e)?"":ce.pattern.test(e)?e:void 0,e=>"".concat(y(e)," is not ").concat(ce.type)),b("Home Assistant's discovery\
 prefix; off for none."),k({type:"".concat(ce.type,", or off"),remedy:"Write homeassistant, or off."})),"homea\
ssistant"),merge_devices:G("Show what Postern says of a device on the page that other integrations of Home Ass\
istant made for its MAC.",!1),commands:M("What MQTT may ask for: nothing; only what strengthens the guard; or \
all, which needs a password, and TLS or a broker on the router.",["off","safe","all"],"off")}),Z=d({name:g("Lo\
gical name of the interface in /etc/config/network.",tn,"name of the section"),role:se("guard watches the devi\
ces on it; upstream leads to the internet; ignore does neither.",["guard","upstream","ignore"],"upstream if it\
 leads outwards, else guard"),class:se("What devices on it are unless said otherwise.",_e,"none"),interfaces:D(
"Kernel interfaces (plain JSON; else found).",mr,"found"),addresses:D("The router's own addresses on it (plain\
 JSON; else found).",pr,"found"),prefixes:D("Prefixes of the devices on it (plain JSON; else found).",yr,"foun\
d")}),X=d({mac:D("Its MACs (cable and WLAN of one device may differ).",lr),address:_(h(z(ne,e=>"".concat(y(e),
" is not an address")),b("Its address, where it has no MAC; beside a MAC, the fixed address of an exempt devic\
e."),k({type:"an address",remedy:"Write an address, such as 192.168.1.20.",defaultText:"none"}))),name:g("What\
 to call it.",Ae,"found"),class:se("What it is: iot has no business mailing, an appliance mails its owner, a c\
omputer has people at it, a mailserver mails everybody.",_e,"guessed, or that of its network"),exempt:xe("Whet\
her its mail is never touched.","1 for class mailserver, else 0"),relay:D("Mail servers that it may always use\
.",ar),action:M("The most that Postern does to it by itself: anything, tell only, or restrict it to its known \
relays.",["auto","tell","restrict"],"auto")}),fe=d({hostname:g("The router's host name.",{pattern:/^.{0,255}$/s,
type:"text",example:"OpenWrt"}),lan_mac:g("MAC of the LAN bridge, for the node's name.",{pattern:/^.{0,64}$/s,
type:"a MAC",example:"ec:71:db:00:11:22"}),run_dir:oe("Folder in memory for socket and snapshot.",O,"/var/run/\
postern"),lease_files:D("Lease files of dnsmasq and odhcpd.",{parse:e=>O.pattern.test(e)?e:void 0,type:O.type,
example:"/tmp/dhcp.leases",most:8},"those of UCI, and /tmp/dhcp.leases, /tmp/hosts/odhcpd, /tmp/odhcpd.leases")});var dr={main:q,mqtt:L,network:Z,device:X,system:fe};function De(){return Object.entries(dr).flatMap(([e,n])=>Object.
entries(n.entries).map(([r,i])=>{let t=Q(i);return{section:e,option:r,type:t?.type??"",default:t?.defaultText??
vr(te(i)),explained:t?.defaultText!==void 0,help:Ke(i)}}))}function vr(e){return String(typeof e=="boolean"?Number(
e):e??"")}function un(e){let{url:n="",username:r,password:i,ca_file:t,cert_file:s,key_file:o,server_name:u}=e,{enabled:l=n!==
"",insecure:c,base:a,discovery:p,merge_devices:f,commands:N}=e;return{enabled:l,url:n,...r===void 0?{}:{username:r},
...i===void 0?{}:{password:i},...t===void 0?{}:{caFile:t},...s===void 0?{}:{certFile:s},...o===void 0?{}:{keyFile:o},
...u===void 0?{}:{serverName:u},insecure:c,base:a,discovery:p,mergeDevices:f,commands:N}}function ln(e,n){let r=u=>"".
concat(e,".").concat(u);if(!n.enabled)return[];if(n.url==="")return[m(r("url"),"is missing though MQTT is enab\
led","Write the address as mqtt://host, or disable MQTT.")];let i=[],t=He(n.url);if(n.password!==void 0&&n.username===
void 0&&i.push(m(r("username"),"is missing though there is a password","Give the login of the password.")),n.certFile===
void 0!=(n.keyFile===void 0)){let u=n.certFile===void 0?"cert_file":"key_file";i.push(m(r(u),"is missing","Giv\
e cert_file and key_file together, or neither."))}let s=[n.caFile,n.certFile,n.serverName].some(u=>u!==void 0);
!t&&s&&i.push(v(r("url"),"does not encrypt, so the certificate options have no effect","Write mqtts:// for a c\
onnection with TLS.")),t&&n.insecure&&i.push(v(r("insecure"),"the broker's certificate is not checked: anybody\
 on the way can read and forge messages","Give ca_file, and remove insecure."));let o=n.password!==void 0&&(t&&
!n.insecure||Ye(n.url));return n.commands==="all"&&!o&&i.push(m(r("commands"),"all commands need a password, a\
nd a checked TLS connection or a broker on this router","Choose safe or off, or give a password and an mqtts:/\
/ address.")),i}var gr=new Set(["1","on","true","yes","enabled"]);function fn(e){return e.filter(({type:n,values:r})=>n==="zon\
e"&&(r.enabled??"1")!=="0").slice(0,64).map(({values:n})=>({networks:an(n.network),devices:an(n.device),masquerades:cn(
n.masq)||cn(n.masq6),isForeign:["REJECT","DROP"].includes(String(n.input??"").toUpperCase())}))}function pn({networks:e,
devices:n},r,i){let t=s=>s.endsWith("+")?r.startsWith(s.slice(0,-1)):s===r;return i.some(s=>e.includes(s))||n.
some(t)}function yn({masquerades:e,isForeign:n},r){return n&&(e||r)}function an(e){return(Array.isArray(e)?e:[
e]).flatMap(r=>typeof r=="string"?r.split(/\s+/).filter(Boolean):[])}function cn(e){return typeof e=="string"&&
gr.has(e)}var br=64,kr=256,xr=new Set("3g 464xlat 6in4 6rd 6to4 dhcp dhcpv6 ds-lite dslite l2tp map mbim modemmanager nc\
m pppoa pppoe pptp qmi sstp wwan".split(" ")),pe=d({address:A(),mask:ie()}),wr=d({...pe.entries,"local-address":P(
E(pe),void 0)}),dn=d({target:A(),mask:ie()}),_r=d({route:K(dn)}),Er=d({interface:A(),up:P(ke(),!1),proto:P(A(),
""),l3_device:P(A(),""),device:P(A(),""),"ipv4-address":K(pe),"ipv6-address":K(pe),"ipv6-prefix-assignment":K(
wr),route:K(dn),inactive:P(_r,{route:[]})});function K(e){let n=r=>r.slice(0,kr).flatMap(i=>{let t=V(e,i);return t.
success?[t.output]:[]});return P(h(C(F()),be(n)),[])}function vn(e,n=[]){let r=V(d({interface:C(F())}),e);if(!r.
success)return;let i=new Map;for(let o of Ce(K(Er),r.output.interface)){let u=o.l3_device||o.device;u==="lo"||
o.interface==="loopback"||!Ie(u)||i.set(u,[...i.get(u)??[],o])}let t=[...i].filter(([,o])=>o.some(hn)),s=n.filter(
o=>yn(o,t.some(([u,l])=>mn(o,u,l))));return[...i].map(([o,u])=>{let l=u.some(hn)||s.some(c=>mn(c,o,u));return Ar(
o,u,l)})}function mn(e,n,r){return pn(e,n,r.map(i=>i.interface))}function Ar(e,n,r){let i=n.flatMap(a=>[...a["\
ipv4-address"],...a["ipv6-address"]]),t=n.flatMap(a=>a["ipv6-prefix-assignment"]),o=[...i,...t.flatMap(a=>a["l\
ocal-address"]??[])].flatMap(({address:a})=>ne(a)??[]),l=(r?[]:n.flatMap(a=>a.route)).map(({target:a,mask:p})=>({
address:a,mask:p})),c=[...i,...t,...l].flatMap(a=>Ir(a)??[]);return{names:n.map(a=>a.interface).toSorted((a,p)=>a.
length-p.length),up:n.some(a=>a.up),upstream:r,interface:e,addresses:[...new Set(o)],prefixes:Dr(c).slice(0,br)}}
function hn(e){let n=({target:r,mask:i})=>i===0&&(r==="0.0.0.0"||r==="::");return xr.has(e.proto)||[...e.route,
...e.inactive.route].some(n)}function Ir({address:e,mask:n}){let r=S(e);if(!(!r||!Number.isInteger(n)||n<1||n>
(r.family===4?32:128)))return W(r,n)}function Dr(e){return[...new Map(e.map(n=>[Je(n),n])).values()]}var Se=32;function gn(e,n){let r=[],i=[],t=new Set;for(let{path:s,section:o,values:u}of e){let l=u.name??o;if(l===
void 0||!sn(l)){let f=l===void 0?"is missing":"".concat(y(l)," is not a name of 1 to 15 letters, digits and _");
r.push(m("".concat(s,".name"),f,"Name the logical interface, as in /etc/config/network."));continue}let c=n.find(
({names:f})=>f.includes(l)),a=u.interfaces??(c?[c.interface]:[]),p=a.find(f=>t.has(f));if(i.some(f=>f.name===l)||
p!==void 0){let f=p===void 0?"this network":"the interface ".concat(p);r.push(m("".concat(s,".name"),"".concat(
f," has a section already"),"Keep one section for each interface."));continue}if(a.length===0){let f="no inter\
face of ".concat(l," was found, so it is left out");r.push(v("".concat(s,".name"),f,"Check the name against /e\
tc/config/network."));continue}for(let f of a)t.add(f);i.push({name:l,role:u.role??(c?.upstream?"upstream":"gu\
ard"),...u.class===void 0?{}:{class:u.class},interfaces:a,addresses:u.addresses??c?.addresses??[],prefixes:u.prefixes??
c?.prefixes??[]})}for(let{names:s,up:o,upstream:u,interface:l,addresses:c,prefixes:a}of n){if(!o||t.has(l))continue;
let p=u?"upstream":"guard",f=Or(s[0]??l,i);i.push({name:f,role:p,interfaces:[l],addresses:c,prefixes:a})}return{
networks:i.slice(0,Se),problems:[...r,...Sr(i)]}}function Sr(e){if(e.length>Se){let n="".concat(e.length," net\
works were found, and only the first ").concat(Se," are guarded");return[v("networks",n,"Give those that need \
no guard the role ignore.")]}return e.some(({role:n})=>n==="guard")?[]:[v("networks","there is no network to g\
uard","Run Postern on the router, or give a network the role guard.")]}function Or(e,n){let r=e.replaceAll(/[^A-Za-z0-9_]/g,
"_").slice(0,15),i=s=>n.some(o=>o.name===s),t=r;for(let s=2;i(t);s++)t="".concat(r.slice(0,12),"_").concat(s);
return t}function bn(e,n){let r=(e??"").toLowerCase().replaceAll(/[^a-z0-9_]+/g,"-").replaceAll(/^-+|-+$/g,"").slice(0,
32),i=R(n??"")?.replaceAll(":","").slice(-6);return[r||"openwrt",i].filter(t=>t!==void 0).join("-")}function x(e){return typeof e=="object"&&e!==null&&!Array.isArray(e)}function kn(e){let n=[],{main:r,mqtt:i,networks:t,devices:s,interfaces:o,static_names:u,...l}=e,c=(p,f)=>f===void 0||
x(f)?{path:p,values:f??{}}:(n.push(m(p,"".concat(y(f)," is not an object"),'Write "'.concat(p,'": { \u2026 }.'))),
{path:p,values:{}}),a=(p,f)=>f===void 0?[]:Array.isArray(f)?f.map((N,I)=>c("".concat(p,"[").concat(I,"]"),N??null)):
(n.push(m(p,"".concat(y(f)," is not a list"),'Write "'.concat(p,'": [ \u2026 ].'))),[]);return{main:c("main",r),
mqtt:c("mqtt",i),networks:a("networks",t),devices:a("devices",s),system:{path:"",values:l,beside:["main","mqtt",
"networks","devices","interfaces","static_names"]},hosts:a("static_names",u),dump:o,zones:[],leaseFiles:[],problems:n}}function xn(e){return e.replaceAll(":","")}function wn(e){if(!e.includes(":"))return ue(e)===void 0?void 0:e;let n=S(
e);return n&&ee(W(n,64))}var ye=1024,$r=1024;function _n(e,n){let{mac:r=[],address:i,name:t,relay:s=[],action:o}=n,u=i===void 0?void 0:
wn(i),l=r.length>0?r.map(xn):u===void 0?[]:[u];return l.length===0?m("".concat(e,".mac"),"is missing","Name th\
e device by its mac, or by its address."):{keys:[...new Set(l)],...r.length>0&&i!==void 0?{address:i}:{},...t===
void 0?{}:{name:t},...n.class===void 0?{}:{class:n.class},exempt:n.exempt??n.class==="mailserver",relays:s,action:o}}
function En(e){let n=new Map;return e.flatMap(({path:r,rule:i})=>i.keys.flatMap(t=>{let s=n.get(t);return s===
void 0?(n.set(t,r),[]):[m("".concat(r,".mac"),"".concat(t," has a section already: ").concat(s),"Keep one sect\
ion for each device.")]}))}function An(e){return e.flatMap(({values:n})=>Pr(n)).slice(0,$r)}function Pr({name:e,
mac:n}){return typeof e!="string"||!on(e)?[]:(Array.isArray(n)?n:[n]).filter(t=>typeof t=="string").flatMap(t=>t.
split(/\s+/)).flatMap(t=>R(t)??[]).map(t=>({mac:t,name:e}))}var Oe=["postern","mqtt","network","device"];function In(e){let n=x(e.uci)?e.uci:{postern:e},r=$e("postern",n.
postern),i=$e("dhcp",n.dhcp),t=c=>r.filter(a=>a.type===c),{hostname:s,lan_mac:o,run_dir:u,lease_files:l}=e;return{
main:t("postern")[0]??{path:"postern.main",values:{}},mqtt:t("mqtt")[0]??{path:"postern.mqtt",values:{}},networks:t(
"network"),devices:t("device"),system:{path:"",values:Nr({hostname:s,lan_mac:o,run_dir:u,lease_files:l})},hosts:i.
filter(c=>c.type==="host"),dump:e.interfaces,zones:fn($e("firewall",n.firewall)),leaseFiles:i.flatMap(({type:c,
values:a})=>{let p=c==="dnsmasq"||c==="odhcpd"?a.leasefile:void 0;return typeof p=="string"?[p]:[]}),problems:jr(
r)}}function $e(e,n){let r=x(n)?n.values:void 0;if(!x(r))return[];let i=new Map;return Object.entries(r).flatMap(
([t,s])=>{if(!x(s))return[];let o=String(s[".type"]),u=i.get(o)??0;i.set(o,u+1);let l=s[".anonymous"]===!0,c=Object.
fromEntries(Object.entries(s).filter(([p])=>!p.startsWith("."))),a=l?"".concat(e,".@").concat(o,"[").concat(u,
"]"):"".concat(e,".").concat(t);return[{type:o,path:a,values:c,...l?{}:{name:t}}]})}function jr(e){return e.flatMap(
({type:n,path:r},i)=>{if(!Oe.includes(n)){let s=T(n,Oe),o="a section of the unknown type ".concat(y(n)).concat(
s?" (did you mean ".concat(s,"?)"):"");return[v(r,o,"Known types are ".concat(Oe.join(", "),"."))]}return!(e.findIndex(
s=>s.type===n)!==i)||n!=="postern"&&n!=="mqtt"?[]:[v(r,"a second section of type ".concat(n," is not read"),"R\
emove it.")]})}function Nr(e){return Object.fromEntries(Object.entries(e).filter(([,n])=>n!==void 0))}var me=200,Mr=["/tmp/dhcp.leases","/tmp/hosts/odhcpd","/tmp/odhcpd.leases"];function Sn(e){if(!x(e))return{ok:!1,
problems:[m("config","".concat(y(e)," is not a JSON object"),'Write { "main": { \u2026 } }.')]};let n=x(e.uci)||
x(e.values),{config:r,problems:i}=Rr(n?In(e):kn(e)),t=i.filter(({severity:o})=>o==="error"),s=i.filter(({severity:o})=>o===
"warning");return t.length===0&&r?{ok:!0,config:r,warnings:Dn(s)}:{ok:!1,problems:Dn([...t,...s])}}function Rr(e){
let n=[...e.problems],r=f=>(n.push(...f.problems),f.values),i=(f,N)=>N.flatMap(I=>{let Pe=r(j(f,I));return Pe===
void 0?[]:[{path:I.path,section:I.name,values:Pe}]}),t=r(j(q,e.main)),s=r(j(L,e.mqtt)),o=r(j(fe,e.system)),u=s&&
un(s);u&&n.push(...ln(e.mqtt.path,u));let l=e.dump===void 0?[]:vn(e.dump,e.zones);l||n.push(v("interfaces","is\
 not the answer of ubus call network.interface dump, so no network could be found","See what that command says\
 on this router."));let c=gn(i(Z,e.networks),l??[]);if(n.push(...c.problems),e.devices.length>ye){let f="".concat(
e.devices.length," sections are more than ").concat(ye);n.push(m("devices",f,"Remove devices that are gone."))}
let a=i(X,e.devices.slice(0,ye)).flatMap(({path:f,values:N})=>{let I=_n(f,N);return"severity"in I?(n.push(I),[]):
[{path:f,rule:I}]});return n.push(...En(a)),!t||!u||!o?{problems:n}:{config:{enabled:t.enabled,mode:t.mode,preset:t.
preset,node:t.node??bn(o.hostname,o.lan_mac),...t.interpreter===void 0?{}:{interpreter:t.interpreter},lowmem:t.
lowmem,refuse:t.refuse,maxBans:t.max_bans,logLevel:t.log_level,report:t.report,dataDir:t.data_dir,runDir:o.run_dir,
leaseFiles:o.lease_files??[...new Set([...e.leaseFiles,...Mr])],...t.dns_log===void 0?{}:{dnsLog:t.dns_log},mailDomains:t.
mail_domain??[],blocklists:t.blocklist??[],...t.blocklist_resolver===void 0?{}:{blocklistResolver:t.blocklist_resolver},
mqtt:u,networks:c.networks,devices:a.map(({rule:f})=>f),staticNames:An(e.hosts)},problems:n}}function Dn(e){if(e.
length<=me)return e;let n="there are ".concat(e.length-me," more problems");return[...e.slice(0,me),{...m("con\
fig",n,"Correct those above first."),severity:e[me]?.severity??"error"}]}var $n={main:q,mqtt:L,network:Z,device:X};function qr(e,n){return De().find(r=>r.section===e&&r.option===n)}function Cr(e,n,r){
let i=$n[e];if(!i)return;let{problems:t}=j(i,{path:"",values:{[n]:r}});return t.find(({severity:s})=>s==="erro\
r")?.remedy}function Pn(e){let n=Sn({values:e});return n.ok?n.warnings:n.problems}function Fr(e){return j(q,{path:"",
values:{enabled:e}}).values?.enabled===!0}function Tr(){let e=De().filter(t=>t.section!=="system"&&!On.includes(
t.option)),n=Object.values($n).flatMap(t=>Object.entries(t.entries).map(([s,o])=>On.includes(s)?"":Q(o)?.remedy??
"")),r=e.flatMap(t=>t.explained&&!zr.includes(t.default)?[t.default]:[]),i=Gr.flatMap(t=>Pn(t)).map(({remedy:t})=>t);
return[...new Set([...e.map(({help:t})=>t),...r,...n,...i])].filter(Boolean)}var B=e=>({mqtt:{".type":"mqtt",enabled:"\
1",url:"mqtt://broker",...e}}),zr=["none","found"],On=["interfaces","addresses","prefixes"],Gr=[B({url:""}),B(
{password:"x",commands:"all"}),B({cert_file:"/a"}),B({url:"ftp://broker"}),B({url:"mqtt://user:pass@broker"}),
B({url:"ws://broker"}),{device:{".type":"device"}},{one:{".type":"device",mac:"ec:71:db:00:11:22"},two:{".type":"\
device",mac:"ec:71:db:00:11:22"}},{lan:{".type":"network",interfaces:"a"},b:{".type":"network",name:"lan",interfaces:"\
b"}},{cfg012345:{".type":"network",".anonymous":!0}}];return Cn(Wr);})();

return baseclass.extend({
	option: check.option,
	fault: check.fault,
	problems: check.problems,
	isOn: check.isOn
});
