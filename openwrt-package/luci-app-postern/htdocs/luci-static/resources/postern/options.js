'use strict';
'require baseclass';
/* Made by `node build.mjs --docs` of settings-check.ts and daemon/config: change it there. With valibot (MIT, Fabian
   Hiller), whose licence is in /usr/lib/postern/THIRD-PARTY-LICENSES.txt. */
var check=(()=>{var me=Object.defineProperty;var Dn=Object.getOwnPropertyDescriptor;var On=Object.getOwnPropertyNames;var $n=Object.prototype.hasOwnProperty;var Pn=(e,n)=>{for(var r in n)me(e,r,{get:n[r],enumerable:!0})},jn=(e,n,r,s)=>{if(n&&typeof n=="object"||typeof n==
"function")for(let t of On(n))!$n.call(e,t)&&t!==r&&me(e,t,{get:()=>n[t],enumerable:!(s=Dn(n,t))||s.enumerable});
return e};var Nn=e=>jn(me({},"__esModule",{value:!0}),e);var Tr={};Pn(Tr,{fault:()=>Mr,isOn:()=>Rr,option:()=>Nr,problems:()=>In,sentences:()=>qr});var ne,Mn={lang:void 0,message:void 0,abortEarly:void 0,abortPipeEarly:void 0};function he(e){return!e&&!ne?Mn:{lang:e?.lang??ne?.lang,message:e?.message,abortEarly:e?.abortEarly??ne?.abortEarly,
abortPipeEarly:e?.abortPipeEarly??ne?.abortPipeEarly}}var Rn;function qn(e){return Rn?.get(e)}var Cn;function Fn(e){return Cn?.get(e)}var Tn;function zn(e,n){return Tn?.get(e)?.get(n)}function Gn(e){let n=typeof e;return n==="string"?'"'.concat(e,'"'):n==="number"||n==="bigint"||n==="boolean"?
"".concat(e):n==="object"||n==="function"?(e&&Object.getPrototypeOf(e)?.constructor?.name)??"null":n}function O(e,n,r,s,t){
let i=t&&"input"in t?t.input:r.value,o=t?.expected??e.expects??null,u=t?.received??Gn(i),l={kind:e.kind,type:e.
type,input:i,expected:o,received:u,message:"Invalid ".concat(n,": ").concat(o?"Expected ".concat(o," but r"):"\
R","eceived ").concat(u),requirement:e.requirement,path:t?.path,issues:t?.issues,lang:s.lang,abortEarly:s.abortEarly,
abortPipeEarly:s.abortPipeEarly},c=e.kind==="schema",a=t?.message??e.message??zn(e.reference,l.lang)??(c?Fn(l.
lang):null)??s.message??qn(l.lang);a!==void 0&&(l.message=typeof a=="function"?a(l):a),c&&(r.typed=!1),r.issues?
r.issues.push(l):r.issues=[l]}function x(e){return e["~standard"]={version:1,vendor:"valibot",validate:n=>e["~run"]({value:n},he())},e}var Wn=class extends Error{constructor(e){super(e[0].message),this.name="ValiError",this.issues=e}};function de(e,n){return{kind:"validation",type:"max_length",reference:de,async:!1,expects:"<=".concat(e),requirement:e,
message:n,"~run"(r,s){return r.typed&&r.value.length>this.requirement&&O(this,"length",r,s,{received:"".concat(
r.value.length)}),r}}}function b(e){return{kind:"metadata",type:"metadata",reference:b,metadata:e}}function ve(e){return{kind:"transformation",type:"raw_transform",reference:ve,async:!1,"~run"(n,r){let s=e({dataset:n,
config:r,addIssue:t=>O(this,t?.label??"input",n,r,t),NEVER:null});return n.issues?n.typed=!1:n.value=s,n}}}function ge(e){return{kind:"transformation",type:"transform",reference:ge,async:!1,operation:e,"~run"(n){return n.
value=this.operation(n.value),n}}}var Ln={abortEarly:!0};function Pe(e,n,r){return typeof e.fallback=="function"?e.fallback(n,r):e.fallback}function $(e,n){return x({...e,
fallback:n,"~run"(r,s){let t=e["~run"](r,s);return t.issues?{typed:!0,value:Pe(this,t,s)}:t}})}function re(e,n,r){return typeof e.default=="function"?e.default(n,r):e.default}function je(e){let n={};function r(s){if("pipe"in s)for(let t of s.pipe)t.kind==="schema"&&"pipe"in t?r(t):t.kind===
"metadata"&&t.type==="metadata"&&Object.assign(n,t.metadata)}return r(e),n}function Ne(e,n){return!e["~run"]({value:n},Ln).issues}function q(e,n){return x({kind:"schema",type:"array",reference:q,expects:"Array",async:!1,item:e,message:n,"~r\
un"(r,s){let t=r.value;if(Array.isArray(t)){r.typed=!0,r.value=[];for(let i=0;i<t.length;i++){let o=t[i],u=this.
item["~run"]({value:o},s);if(u.issues){let l={type:"array",origin:"value",input:t,key:i,value:o};for(let c of u.
issues)c.path?c.path.unshift(l):c.path=[l],r.issues?.push(c);if(r.issues||(r.issues=u.issues),s.abortEarly){r.
typed=!1;break}}u.typed||(r.typed=!1),r.value.push(u.value)}}else O(this,"type",r,s);return r}})}function be(e){return x({kind:"schema",type:"boolean",reference:be,expects:"boolean",async:!1,message:e,"~run"(n,r){
return typeof n.value=="boolean"?n.typed=!0:O(this,"type",n,r),n}})}function w(e,n){return x({kind:"schema",type:"exact_optional",reference:w,expects:e.expects,async:!1,wrapped:e,
default:n,"~run"(r,s){return this.wrapped["~run"](r,s)}})}function te(e){return x({kind:"schema",type:"number",reference:te,expects:"number",async:!1,message:e,"~run"(n,r){
return typeof n.value=="number"&&!isNaN(n.value)?n.typed=!0:O(this,"type",n,r),n}})}function d(e,n){return x({
kind:"schema",type:"object",reference:d,expects:"Object",async:!1,entries:e,message:n,"~run"(r,s){let t=r.value;
if(t&&typeof t=="object"){r.typed=!0,r.value={};for(let i in this.entries){let o=this.entries[i];if(i in t||(o.
type==="exact_optional"||o.type==="optional"||o.type==="nullish")&&o.default!==void 0){let u=i in t?t[i]:re(o),
l=o["~run"]({value:u},s);if(l.issues){let c={type:"object",origin:"value",input:t,key:i,value:u};for(let a of l.
issues)a.path?a.path.unshift(c):a.path=[c],r.issues?.push(a);if(r.issues||(r.issues=l.issues),s.abortEarly){r.
typed=!1;break}}l.typed||(r.typed=!1),r.value[i]=l.value}else if(o.fallback!==void 0)r.value[i]=Pe(o);else if(o.
type!=="exact_optional"&&o.type!=="optional"&&o.type!=="nullish"&&(O(this,"key",r,s,{input:void 0,expected:'"'.
concat(i,'"'),path:[{type:"object",origin:"key",input:t,key:i,value:t[i]}]}),s.abortEarly))break}}else O(this,
"type",r,s);return r}})}function _(e,n){return x({kind:"schema",type:"optional",reference:_,expects:"(".concat(e.expects," | undefined\
)"),async:!1,wrapped:e,default:n,"~run"(r,s){return r.value===void 0&&(this.default!==void 0&&(r.value=re(this,
r,s)),r.value===void 0)?(r.typed=!0,r):this.wrapped["~run"](r,s)}})}function E(e){return x({kind:"schema",type:"string",reference:E,expects:"string",async:!1,message:e,"~run"(n,r){
return typeof n.value=="string"?n.typed=!0:O(this,"type",n,r),n}})}function C(){return x({kind:"schema",type:"unknown",reference:C,expects:"unknown",async:!1,"~run"(e){return e.
typed=!0,e}})}function Me(e,n,r){let s=e["~run"]({value:n},he(r));if(s.issues)throw new Wn(s.issues);return s.value}function h(...e){return x({...e[0],pipe:e,"~run"(n,r){for(let s of e)if(s.kind!=="metadata"){if(n.issues&&(s.kind===
"schema"||s.kind==="transformation")){n.typed=!1;break}(!n.issues||!r.abortEarly&&!r.abortPipeEarly)&&(n=s["~r\
un"](n,r))}return n}})}function B(e,n,r){let s=e["~run"]({value:n},he(r));return{typed:s.typed,success:!s.issues,output:s.value,issues:s.
issues}}var Re={main:{enabled:"Whether Postern runs.",mode:"guard acts; observe only tells, and says what it would hav\
e done.",preset:"How much evidence it takes to restrict a device.",node:"Name of this router in topics and inc\
ident ids.",interpreter:"Path of Node, if it is not in a usual place.",lowmem:"Save memory at the price of som\
e processor time.",refuse:"How refused mail is answered: with a TCP reset, or not at all.",max_bans:"The most \
devices held automatically at once; beyond it they are slowed and told.",log_level:"The least important kind o\
f line in the log.",report:"Tell once a week what was seen: an event, for people to see that it works.",data_dir:"\
Folder for what must outlive a reboot.",dns_log:"dnsmasq's log of queries, a file or a FIFO: shows which domai\
n a server belongs to. See the page on detection.",mail_domain:"Domains of your provider's whose mail servers \
count as one, by dns_log. Never one in which strangers have names.",blocklist:"DNS blocklists on which the hom\
e's own address is looked up once a day, such as zen.spamhaus.org and bl.spamcop.net.",blocklist_resolver:"Who\
 is asked for that; a public resolver is refused by most lists."},mqtt:{enabled:"Whether to connect to an MQTT\
 broker.",url:"Address of the broker; mqtts is TLS. Ports 1883 and 8883 unless given.",username:"Login at the \
broker.",password:"Password at the broker. Never shown, never logged.",ca_file:"Certificate (PEM) that signed \
the broker's, where it is not publicly trusted.",cert_file:"Client certificate (PEM), where the broker asks fo\
r one.",key_file:"Key (PEM) of the client certificate.",server_name:"Name in the broker's certificate, if it i\
s not the host of url.",insecure:"Do not check the broker's certificate. Reported as a weakness.",base:"What e\
very topic begins with.",discovery:"Home Assistant's discovery prefix; off for none.",merge_devices:"Show what\
 Postern says of a device on the page that other integrations of Home Assistant made for its MAC.",commands:"W\
hat MQTT may ask for: nothing; only what strengthens the guard; or all, which needs a password, and TLS or a b\
roker on the router."},network:{name:"Logical name of the interface in /etc/config/network.",role:"guard watch\
es the devices on it; upstream leads to the internet; ignore does neither.",class:"What devices on it are unle\
ss said otherwise.",interfaces:"Kernel interfaces (plain JSON; else found).",addresses:"The router's own addre\
sses on it (plain JSON; else found).",prefixes:"Prefixes of the devices on it (plain JSON; else found)."},device:{
mac:"Its MACs (cable and WLAN of one device may differ).",address:"Its address, where it has no MAC; beside a \
MAC, the fixed address of an exempt device.",name:"What to call it.",class:"What it is: iot has no business ma\
iling, an appliance mails its owner, a computer has people at it, a mailserver mails everybody.",exempt:"Wheth\
er its mail is never touched.",relay:"Mail servers that it may always use.",action:"The most that Postern does\
 to it by itself: anything, tell only, or restrict it to its known relays."},system:{hostname:"The router's ho\
st name.",lan_mac:"MAC of the LAN bridge, for the node's name.",run_dir:"Folder in memory for socket and snaps\
hot.",lease_files:"Lease files of dnsmasq and odhcpd."}};function m(e,n,r){return{option:e,message:n,remedy:r,severity:"error"}}function v(e,n,r){return{option:e,message:n,
remedy:r,severity:"warning"}}var qe=40;function y(e){return Array.isArray(e)?"a list":typeof e=="object"&&e!==null?"an object":typeof e!="s\
tring"?String(e):JSON.stringify(e.length>qe?"".concat(e.slice(0,qe),"\u2026"):e)}function F(e,n){if(e.length>32)
return;let r;for(let s of n){let t=Zn(e.toLowerCase(),s),i=Math.min(2,Math.floor(s.length/3));t<=i&&t<(r?.edits??
3)&&(r={candidate:s,edits:t})}return r?.candidate}function Zn(e,n){let r=[],s=Array.from({length:n.length+1},(t,i)=>i);
for(let t=1;t<=e.length;t++){let i=[t];for(let o=1;o<=n.length;o++){let u=e[t-1]===n[o-1]?0:1,l=t>1&&o>1&&e[t-
1]===n[o-2]&&e[t-2]===n[o-1];i[o]=Math.min(J(s,o)+1,J(i,o-1)+1,J(s,o-1)+u,l?J(r,o-2)+1:Number.POSITIVE_INFINITY)}
r=s,s=i}return J(s,n.length)}function J(e,n){return e[n]??Number.POSITIVE_INFINITY}var U="\n",Xn=new Map([[!0,!0],[!1,!1],...["1","on","true","yes","enabled"].map(e=>[e,!0]),...["0","off","fals\
e","no","disabled"].map(e=>[e,!1])]),Ce={type:"0 or 1",remedy:"Write 1 or 0."};function H(e,n){return h(C(),Fe(
e,n))}function Fe(e,n){return ve(({dataset:r,addIssue:s,NEVER:t})=>{let i=e(r.value);return i!==void 0?i:(s({message:n(
r.value)}),t)})}function T(e,n){return H(r=>typeof r=="string"?e(r):void 0,n)}function z(e){return _(h(Te(),b(
Ce)),e)}function ke(e){return w(h(Te(),b({...Ce,defaultText:e})))}function Te(){return H(e=>Xn.get(typeof e=="\
string"?e.toLowerCase():e),e=>"".concat(y(e)," is neither 0 nor 1"))}function N(e,n){return _(ze(e,{}),n)}function se(e,n){
return w(ze(e,{defaultText:n}))}function ze(e,n){let r=e.join(", "),s=o=>{let u=typeof o=="string"?F(o,e):void 0;
return"".concat(y(o)," is not one of ").concat(r).concat(u?" (did you mean ".concat(u,"?)"):"")},t=o=>e.find(u=>u===
o),i="Choose one of ".concat(r,".");return h(H(t,s),b({type:"one of ".concat(r),remedy:i,...n}))}function Ge(e,n,r){
let s="a whole number from ".concat(e," to ").concat(n);return _(h(H(i=>{let o=typeof i=="string"&&/^\d{1,9}$/.
test(i)?Number(i):i;return Number.isInteger(o)&&Number(o)>=e&&Number(o)<=n?Number(o):void 0},i=>"".concat(y(i),
" is not ").concat(s)),b({type:s,remedy:"Write ".concat(s,".")})),r)}function ie(e,n){return _(We(e,{}),n)}function g(e,n=""){
return w(We(e,{defaultText:n}))}function We({pattern:e,type:n,example:r},s){return h(T(t=>e.test(t)?t:void 0,t=>"".
concat(y(t)," is not ").concat(n)),b({type:n,remedy:"Write ".concat(n,", such as ").concat(r,"."),...s}))}function Le(){
let e="text of 1 to 256 characters without control characters";return w(h(T(n=>/^[^\x00-\x1f\x7f]{1,256}$/.test(
n)?n:void 0,()=>"the value (not shown) is not ".concat(e)),b({type:e,remedy:"Write ".concat(e,"."),secret:!0,defaultText:""})))}
function S({parse:e,type:n,example:r,most:s},t="none"){return w(h(H(Kn,i=>"".concat(y(i)," is not a list of te\
xt")),q(h(E(),Fe(e,i=>"".concat(y(i)," is not ").concat(n)))),de(s,({input:i})=>"has ".concat(i.length," items\
, more than ").concat(s)),b({type:"list; each ".concat(n),remedy:"Write ".concat(n,", such as ").concat(r,"."),
defaultText:t})))}function Kn(e){let n=Array.isArray(e)?e:[e];if(n.every(r=>typeof r=="string"))return n.flatMap(
r=>r.split(/\s+/)).filter(r=>r!=="")}function P(e,n){let r=l=>n.path===""?l:"".concat(n.path,".").concat(l),s=Object.keys(e.entries),t=Object.entries(
n.values).filter(([l,c])=>{let a=Object.hasOwn(e.entries,l)?e.entries[l]:void 0;return c!==null&&(c!==""||a!==
void 0&&Ne(a,""))}),i=t.flatMap(([l])=>{if(s.includes(l))return[];let c=[...n.beside??[],...s],a=F(l,c),p="an \
unknown option".concat(a?" (did you mean ".concat(a,"?)"):"",", not read");return[v(r(Vn(l)),p,"Known options \
are ".concat(c.join(", "),"."))]}),o=B(e,Object.fromEntries(t.filter(([l])=>s.includes(l))));return o.success?
{values:o.output,problems:i}:{problems:[...o.issues.map(l=>{let c=String(l.path?.[0]?.key??""),[a="",p]=l.message.
split(U);return m(r(c),a,p??Y(e.entries[c])?.remedy??"Correct it.")}),...i]}}function Y(e){let n=e&&Bn(e);if(!n)
return;let{type:r,remedy:s,defaultText:t,secret:i}=je(n);if(!(typeof r!="string"||typeof s!="string"))return{type:r,
remedy:s,...typeof t=="string"?{defaultText:t}:{},...i===!0?{secret:i}:{}}}function Bn(e){return"wrapped"in e?
e.wrapped:e}function Vn(e){return e.replaceAll(/[^\w.-]/g,"?").slice(0,32)||"?"}function I(e){if(e.length>45)return;if(e.includes(":")){let r=Hn(e);return r===void 0?void 0:{family:6,value:r}}
let n=oe(e);return n===void 0?void 0:{family:4,value:BigInt(n)}}function oe(e){let n=0,r=-1,s=0;for(let t=0;t<
e.length;t++){let i=e.charCodeAt(t);if(i===Jn&&r>=0)n=n*256+r,r=-1,s++;else if(i>=xe&&i<=Un&&r!==0){if(r=r<0?i-
xe:r*10+i-xe,r>255)return}else return}return s===3&&r>=0?n*256+r:void 0}var Jn=46,xe=48,Un=57;function Hn(e){let n=e.
split("::");if(n.length>2)return;let r=Ze(n[0]??""),s=n.length===2?Ze(n[1]??""):[];if(!r||!s)return;let t=8-r.
length-s.length;return(n.length===2?t<1:t!==0)?void 0:[...r,...Array(n.length===2?t:0).fill(0),...s].reduce((o,u)=>o<<
16n|BigInt(u),0n)}function Ze(e){if(e==="")return[];let n=[],r=e.split(":");for(let[s,t]of r.entries())if(t.includes(
".")&&s===r.length-1){let i=oe(t);if(i===void 0)return;n.push(Math.floor(i/65536),i%65536)}else if(/^[0-9a-fA-F]{1,4}$/.
test(t))n.push(Number.parseInt(t,16));else return;return n}function Q({family:e,value:n}){if(e===4)return[24n,
16n,8n,0n].map(i=>n>>i&255n).join(".");let r=Array.from({length:8},(i,o)=>Number(n>>BigInt(112-16*o)&0xffffn)),
s=Yn(r),t=i=>i.map(o=>o.toString(16)).join(":");return s.length<2?t(r):"".concat(t(r.slice(0,s.start)),"::").concat(
t(r.slice(s.start+s.length)))}function Yn(e){let n={start:0,length:0};for(let r=0;r<e.length;r++){let s=0;for(;r+
s<e.length&&e[r+s]===0;)s++;s>n.length&&(n={start:r,length:s})}return n}function ee(e){let n=I(e);return n&&Q(
n)}var Qn=/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;function M(e){if(e.length>17)return;let n=e.toLowerCase().replaceAll(
"-",":"),r=/^[0-9a-f]{12}$/.test(n)?(n.match(/../g)??[]).join(":"):n;return!Qn.test(r)||r==="00:00:00:00:00:00"||
(Number.parseInt(r.slice(0,2),16)&1)===1?void 0:r}var ue=e=>e===4?32:128;function G(e,n){let r=BigInt(ue(e.family)-n);return{family:e.family,value:e.value>>r<<r,
length:n}}function le(e){let[n="",r,s]=e.split("/"),t=I(n);if(!(!t||s!==void 0)){if(r===void 0)return G(t,ue(t.
family));if(!(!/^\d{1,3}$/.test(r)||Number(r)>ue(t.family)))return G(t,Number(r))}}function Xe(e){let n=Q(e);return e.
length===ue(e.family)?n:"".concat(n,"/").concat(e.length)}var er=/^(mqtts?):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))?\/?$/;function Ke(e){
let n=er.exec(e);if(!n)return;let[,r="",s="",t]=n;if(!(s.startsWith("[")&&I(s.slice(1,-1))?.family!==6)&&!(t!==
void 0&&(Number(t)<1||Number(t)>65535)))return"".concat(r,"://").concat(s.toLowerCase()).concat(t===void 0?"":
":".concat(Number(t)))}function Be(e){return e.startsWith("mqtts://")}function Ve(e){return/^mqtts?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.
test(e)}function Je(e){if(typeof e!="string")return"".concat(y(e)," is not the address of a broker");if(e.includes(
"@"))return"the value (not shown) has a login in the address".concat(U).concat("Write the address as mqtt://ho\
st, and the login into username and password.");let n=/^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(e)?.[1]?.toLowerCase();
if(n==="ws"||n==="wss"){let r=n==="ws"?"mqtt://host:1883":"mqtts://host:8883";return"".concat(y(e)," is MQTT o\
ver WebSocket, which is not built in").concat(U,"Use the broker's own port: ").concat(r,".")}return"".concat(y(
e)," is not mqtt://host[:port] or mqtts://host[:port]")}var we=["iot","appliance","unknown","computer","mailserver"];var Ue=[25,465,587,2525];var nr=/^(?:\[([0-9A-Fa-f:./]+)\]|([A-Za-z0-9._/-]+)):(\d{1,5})$/,He=/^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
function _e(e){let n=e.toLowerCase();return n.length<64&&He.test(n)?n:void 0}function Ye(e){let n=nr.exec(e),r=Ue.
find(o=>String(o)===n?.[3]);if(!n||r===void 0)return;let s=n[1]??n[2]??"",t=le(s);if(t){let o=n[1]!==void 0;return t.
length>0&&o===(t.family===6)?{prefix:t,port:r}:void 0}let i=s.toLowerCase();return n[1]===void 0&&He.test(i)?{
host:i,port:r}:void 0}var D={pattern:/^\/[A-Za-z0-9._/@+-]{0,254}$/,type:"an absolute path",example:"/etc/postern/ca.pem"},rr={pattern:/^[A-Za-z0-9_-]{1,64}$/,
type:"a name of letters, digits, _ and -",example:"attic-router"},Qe={pattern:/^[A-Za-z0-9_]{1,15}$/,type:"a n\
ame of 1 to 15 letters, digits and _",example:"guest"},tr={pattern:/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/,type:"\
a host name",example:"broker.example.org"},ae={pattern:/^[A-Za-z0-9_-]{1,64}(?:\/[A-Za-z0-9_-]{1,64}){0,3}$/,type:"\
a topic of letters, digits, _ and -, levels parted by /",example:"postern"},sr={pattern:/^(?:(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?|[0-9a-fA-F:]{2,39}|\[[0-9a-fA-F:]{2,39}\]:\d{1,5})$/,
type:"an address, with a port where it is not 53",example:"127.0.0.1 or [::1]:5353"},Ee={pattern:/^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{1,64}$/,
type:"a name of 1 to 64 visible characters",example:"Front door camera"},ir={parse:M,type:"a device's MAC",example:"\
ec:71:db:00:11:22",most:16},or={parse:Ye,type:"host:port or prefix:port with port 25, 465, 587 or 2525",example:"\
smtp.example.org:587, 192.0.2.0/24:25 or [2001:db8::1]:465",most:32},ur={parse:_e,type:"a domain",example:"isp\
.example",most:16},lr={parse:_e,type:"the zone of a blocklist",example:"zen.spamhaus.org",most:8},ar={parse:ee,
type:"an address",example:"192.168.1.1",most:64},cr={parse:le,type:"a prefix",example:"192.168.1.0/24",most:64},
fr={parse:e=>Ae(e)?e:void 0,type:"the name of a kernel interface",example:"br-lan",most:16};function Ae(e){return/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.
test(e)}function en(e){return Qe.pattern.test(e)}function nn(e){return Ee.pattern.test(e)}var pr=["","off","0",
"no","none"],R=d({enabled:z(!0),mode:N(["guard","observe"],"guard"),preset:N(["normal","strict","relaxed"],"no\
rmal"),node:g(rr,"host name and the end of the LAN MAC"),interpreter:g(D,"found"),lowmem:z(!1),refuse:N(["rese\
t","drop"],"reset"),max_bans:Ge(1,512,5),log_level:N(["debug","info","warn","error"],"info"),report:z(!0),data_dir:ie(
D,"/etc/postern"),dns_log:g({...D,example:"/tmp/dnsmasq.log"},"none"),mail_domain:S(ur),blocklist:S(lr),blocklist_resolver:g(
sr,"the router's own resolver")}),W=d({enabled:ke("1 if url is given"),url:w(h(T(Ke,Je),b({type:"mqtt://host[:\
port] or mqtts://host[:port]",remedy:"Write the address as mqtt://host or mqtts://host.",defaultText:""}))),username:g(
{...Ee,type:"a login",example:"postern"}),password:Le(),ca_file:g(D),cert_file:g(D),key_file:g(D),server_name:g(
tr),insecure:z(!1),base:ie(ae,"postern"),discovery:_(h(T(e=>pr.includes(e)?"":ae.pattern.test(e)?e:void 0,e=>"".
concat(y(e)," is not ").concat(ae.type)),b({type:"".concat(ae.type,", or off"),remedy:"Write homeassistant, or\
 off."})),"homeassistant"),merge_devices:z(!1),commands:N(["off","safe","all"],"off")}),L=d({name:g(Qe,"name o\
f the section"),role:se(["guard","upstream","ignore"],"upstream if it leads outwards, else guard"),class:se(we,
"none"),interfaces:S(fr,"found"),addresses:S(ar,"found"),prefixes:S(cr,"found")}),Z=d({mac:S(ir),address:w(h(T(
ee,e=>"".concat(y(e)," is not an address")),b({type:"an address",remedy:"Write an address, such as 192.168.1.2\
0.",defaultText:"none"}))),name:g(Ee,"found"),class:se(we,"guessed, or that of its network"),exempt:ke("1 for \
class mailserver, else 0"),relay:S(or),action:N(["auto","tell","restrict"],"auto")}),ce=d({hostname:g({pattern:/^.{0,255}$/s,
type:"text",example:"OpenWrt"}),lan_mac:g({pattern:/^.{0,64}$/s,type:"a MAC",example:"ec:71:db:00:11:22"}),run_dir:ie(
D,"/var/run/postern"),lease_files:S({parse:e=>D.pattern.test(e)?e:void 0,type:D.type,example:"/tmp/dhcp.leases",
most:8},"those of UCI, and /tmp/dhcp.leases, /tmp/hosts/odhcpd, /tmp/odhcpd.leases")});var yr={main:R,mqtt:W,network:L,device:Z,system:ce};function Se(){return Object.entries(yr).flatMap(([e,n])=>{
let r=Re[e];return Object.entries(n.entries).map(([s,t])=>{let i=Y(t);return{section:e,option:s,type:i?.type??
"",default:i?.defaultText??mr(re(t)),explained:i?.defaultText!==void 0,help:r[s]??""}})})}function mr(e){return String(
typeof e=="boolean"?Number(e):e??"")}function rn(e){let{url:n="",username:r,password:s,ca_file:t,cert_file:i,key_file:o,server_name:u}=e,{enabled:l=n!==
"",insecure:c,base:a,discovery:p,merge_devices:f,commands:j}=e;return{enabled:l,url:n,...r===void 0?{}:{username:r},
...s===void 0?{}:{password:s},...t===void 0?{}:{caFile:t},...i===void 0?{}:{certFile:i},...o===void 0?{}:{keyFile:o},
...u===void 0?{}:{serverName:u},insecure:c,base:a,discovery:p,mergeDevices:f,commands:j}}function tn(e,n){let r=u=>"".
concat(e,".").concat(u);if(!n.enabled)return[];if(n.url==="")return[m(r("url"),"is missing though MQTT is enab\
led","Write the address as mqtt://host, or disable MQTT.")];let s=[],t=Be(n.url);if(n.password!==void 0&&n.username===
void 0&&s.push(m(r("username"),"is missing though there is a password","Give the login of the password.")),n.certFile===
void 0!=(n.keyFile===void 0)){let u=n.certFile===void 0?"cert_file":"key_file";s.push(m(r(u),"is missing","Giv\
e cert_file and key_file together, or neither."))}let i=[n.caFile,n.certFile,n.serverName].some(u=>u!==void 0);
!t&&i&&s.push(v(r("url"),"does not encrypt, so the certificate options have no effect","Write mqtts:// for a c\
onnection with TLS.")),t&&n.insecure&&s.push(v(r("insecure"),"the broker's certificate is not checked: anybody\
 on the way can read and forge messages","Give ca_file, and remove insecure."));let o=n.password!==void 0&&(t&&
!n.insecure||Ve(n.url));return n.commands==="all"&&!o&&s.push(m(r("commands"),"all commands need a password, a\
nd a checked TLS connection or a broker on this router","Choose safe or off, or give a password and an mqtts:/\
/ address.")),s}var hr=new Set(["1","on","true","yes","enabled"]);function un(e){return e.filter(({type:n,values:r})=>n==="zon\
e"&&(r.enabled??"1")!=="0").slice(0,64).map(({values:n})=>({networks:sn(n.network),devices:sn(n.device),masquerades:on(
n.masq)||on(n.masq6),isForeign:["REJECT","DROP"].includes(String(n.input??"").toUpperCase())}))}function ln({networks:e,
devices:n},r,s){let t=i=>i.endsWith("+")?r.startsWith(i.slice(0,-1)):i===r;return s.some(i=>e.includes(i))||n.
some(t)}function an({masquerades:e,isForeign:n},r){return n&&(e||r)}function sn(e){return(Array.isArray(e)?e:[
e]).flatMap(r=>typeof r=="string"?r.split(/\s+/).filter(Boolean):[])}function on(e){return typeof e=="string"&&
hr.has(e)}var dr=64,vr=256,gr=new Set("3g 464xlat 6in4 6rd 6to4 dhcp dhcpv6 ds-lite dslite l2tp map mbim modemmanager nc\
m pppoa pppoe pptp qmi sstp wwan".split(" ")),fe=d({address:E(),mask:te()}),br=d({...fe.entries,"local-address":$(
_(fe),void 0)}),pn=d({target:E(),mask:te()}),kr=d({route:X(pn)}),xr=d({interface:E(),up:$(be(),!1),proto:$(E(),
""),l3_device:$(E(),""),device:$(E(),""),"ipv4-address":X(fe),"ipv6-address":X(fe),"ipv6-prefix-assignment":X(
br),route:X(pn),inactive:$(kr,{route:[]})});function X(e){let n=r=>r.slice(0,vr).flatMap(s=>{let t=B(e,s);return t.
success?[t.output]:[]});return $(h(q(C()),ge(n)),[])}function yn(e,n=[]){let r=B(d({interface:q(C())}),e);if(!r.
success)return;let s=new Map;for(let o of Me(X(xr),r.output.interface)){let u=o.l3_device||o.device;u==="lo"||
o.interface==="loopback"||!Ae(u)||s.set(u,[...s.get(u)??[],o])}let t=[...s].filter(([,o])=>o.some(fn)),i=n.filter(
o=>an(o,t.some(([u,l])=>cn(o,u,l))));return[...s].map(([o,u])=>{let l=u.some(fn)||i.some(c=>cn(c,o,u));return wr(
o,u,l)})}function cn(e,n,r){return ln(e,n,r.map(s=>s.interface))}function wr(e,n,r){let s=n.flatMap(a=>[...a["\
ipv4-address"],...a["ipv6-address"]]),t=n.flatMap(a=>a["ipv6-prefix-assignment"]),o=[...s,...t.flatMap(a=>a["l\
ocal-address"]??[])].flatMap(({address:a})=>ee(a)??[]),l=(r?[]:n.flatMap(a=>a.route)).map(({target:a,mask:p})=>({
address:a,mask:p})),c=[...s,...t,...l].flatMap(a=>_r(a)??[]);return{names:n.map(a=>a.interface).toSorted((a,p)=>a.
length-p.length),up:n.some(a=>a.up),upstream:r,interface:e,addresses:[...new Set(o)],prefixes:Er(c).slice(0,dr)}}
function fn(e){let n=({target:r,mask:s})=>s===0&&(r==="0.0.0.0"||r==="::");return gr.has(e.proto)||[...e.route,
...e.inactive.route].some(n)}function _r({address:e,mask:n}){let r=I(e);if(!(!r||!Number.isInteger(n)||n<1||n>
(r.family===4?32:128)))return G(r,n)}function Er(e){return[...new Map(e.map(n=>[Xe(n),n])).values()]}var Ie=32;function mn(e,n){let r=[],s=[],t=new Set;for(let{path:i,section:o,values:u}of e){let l=u.name??o;if(l===
void 0||!en(l)){let f=l===void 0?"is missing":"".concat(y(l)," is not a name of 1 to 15 letters, digits and _");
r.push(m("".concat(i,".name"),f,"Name the logical interface, as in /etc/config/network."));continue}let c=n.find(
({names:f})=>f.includes(l)),a=u.interfaces??(c?[c.interface]:[]),p=a.find(f=>t.has(f));if(s.some(f=>f.name===l)||
p!==void 0){let f=p===void 0?"this network":"the interface ".concat(p);r.push(m("".concat(i,".name"),"".concat(
f," has a section already"),"Keep one section for each interface."));continue}if(a.length===0){let f="no inter\
face of ".concat(l," was found, so it is left out");r.push(v("".concat(i,".name"),f,"Check the name against /e\
tc/config/network."));continue}for(let f of a)t.add(f);s.push({name:l,role:u.role??(c?.upstream?"upstream":"gu\
ard"),...u.class===void 0?{}:{class:u.class},interfaces:a,addresses:u.addresses??c?.addresses??[],prefixes:u.prefixes??
c?.prefixes??[]})}for(let{names:i,up:o,upstream:u,interface:l,addresses:c,prefixes:a}of n){if(!o||t.has(l))continue;
let p=u?"upstream":"guard",f=Sr(i[0]??l,s);s.push({name:f,role:p,interfaces:[l],addresses:c,prefixes:a})}return{
networks:s.slice(0,Ie),problems:[...r,...Ar(s)]}}function Ar(e){if(e.length>Ie){let n="".concat(e.length," net\
works were found, and only the first ").concat(Ie," are guarded");return[v("networks",n,"Give those that need \
no guard the role ignore.")]}return e.some(({role:n})=>n==="guard")?[]:[v("networks","there is no network to g\
uard","Run Postern on the router, or give a network the role guard.")]}function Sr(e,n){let r=e.replaceAll(/[^A-Za-z0-9_]/g,
"_").slice(0,15),s=i=>n.some(o=>o.name===i),t=r;for(let i=2;s(t);i++)t="".concat(r.slice(0,12),"_").concat(i);
return t}function hn(e,n){let r=(e??"").toLowerCase().replaceAll(/[^a-z0-9_]+/g,"-").replaceAll(/^-+|-+$/g,"").slice(0,
32),s=M(n??"")?.replaceAll(":","").slice(-6);return[r||"openwrt",s].filter(t=>t!==void 0).join("-")}function k(e){return typeof e=="object"&&e!==null&&!Array.isArray(e)}function dn(e){let n=[],{main:r,mqtt:s,networks:t,devices:i,interfaces:o,static_names:u,...l}=e,c=(p,f)=>f===void 0||
k(f)?{path:p,values:f??{}}:(n.push(m(p,"".concat(y(f)," is not an object"),'Write "'.concat(p,'": { \u2026 }.'))),
{path:p,values:{}}),a=(p,f)=>f===void 0?[]:Array.isArray(f)?f.map((j,A)=>c("".concat(p,"[").concat(A,"]"),j??null)):
(n.push(m(p,"".concat(y(f)," is not a list"),'Write "'.concat(p,'": [ \u2026 ].'))),[]);return{main:c("main",r),
mqtt:c("mqtt",s),networks:a("networks",t),devices:a("devices",i),system:{path:"",values:l,beside:["main","mqtt",
"networks","devices","interfaces","static_names"]},hosts:a("static_names",u),dump:o,zones:[],leaseFiles:[],problems:n}}function vn(e){return e.replaceAll(":","")}function gn(e){if(!e.includes(":"))return oe(e)===void 0?void 0:e;let n=I(
e);return n&&Q(G(n,64))}var pe=1024,Ir=1024;function bn(e,n){let{mac:r=[],address:s,name:t,relay:i=[],action:o}=n,u=s===void 0?void 0:
gn(s),l=r.length>0?r.map(vn):u===void 0?[]:[u];return l.length===0?m("".concat(e,".mac"),"is missing","Name th\
e device by its mac, or by its address."):{keys:[...new Set(l)],...r.length>0&&s!==void 0?{address:s}:{},...t===
void 0?{}:{name:t},...n.class===void 0?{}:{class:n.class},exempt:n.exempt??n.class==="mailserver",relays:i,action:o}}
function kn(e){let n=new Map;return e.flatMap(({path:r,rule:s})=>s.keys.flatMap(t=>{let i=n.get(t);return i===
void 0?(n.set(t,r),[]):[m("".concat(r,".mac"),"".concat(t," has a section already: ").concat(i),"Keep one sect\
ion for each device.")]}))}function xn(e){return e.flatMap(({values:n})=>Dr(n)).slice(0,Ir)}function Dr({name:e,
mac:n}){return typeof e!="string"||!nn(e)?[]:(Array.isArray(n)?n:[n]).filter(t=>typeof t=="string").flatMap(t=>t.
split(/\s+/)).flatMap(t=>M(t)??[]).map(t=>({mac:t,name:e}))}var De=["postern","mqtt","network","device"];function wn(e){let n=k(e.uci)?e.uci:{postern:e},r=Oe("postern",n.
postern),s=Oe("dhcp",n.dhcp),t=c=>r.filter(a=>a.type===c),{hostname:i,lan_mac:o,run_dir:u,lease_files:l}=e;return{
main:t("postern")[0]??{path:"postern.main",values:{}},mqtt:t("mqtt")[0]??{path:"postern.mqtt",values:{}},networks:t(
"network"),devices:t("device"),system:{path:"",values:$r({hostname:i,lan_mac:o,run_dir:u,lease_files:l})},hosts:s.
filter(c=>c.type==="host"),dump:e.interfaces,zones:un(Oe("firewall",n.firewall)),leaseFiles:s.flatMap(({type:c,
values:a})=>{let p=c==="dnsmasq"||c==="odhcpd"?a.leasefile:void 0;return typeof p=="string"?[p]:[]}),problems:Or(
r)}}function Oe(e,n){let r=k(n)?n.values:void 0;if(!k(r))return[];let s=new Map;return Object.entries(r).flatMap(
([t,i])=>{if(!k(i))return[];let o=String(i[".type"]),u=s.get(o)??0;s.set(o,u+1);let l=i[".anonymous"]===!0,c=Object.
fromEntries(Object.entries(i).filter(([p])=>!p.startsWith("."))),a=l?"".concat(e,".@").concat(o,"[").concat(u,
"]"):"".concat(e,".").concat(t);return[{type:o,path:a,values:c,...l?{}:{name:t}}]})}function Or(e){return e.flatMap(
({type:n,path:r},s)=>{if(!De.includes(n)){let i=F(n,De),o="a section of the unknown type ".concat(y(n)).concat(
i?" (did you mean ".concat(i,"?)"):"");return[v(r,o,"Known types are ".concat(De.join(", "),"."))]}return!(e.findIndex(
i=>i.type===n)!==s)||n!=="postern"&&n!=="mqtt"?[]:[v(r,"a second section of type ".concat(n," is not read"),"R\
emove it.")]})}function $r(e){return Object.fromEntries(Object.entries(e).filter(([,n])=>n!==void 0))}var ye=200,Pr=["/tmp/dhcp.leases","/tmp/hosts/odhcpd","/tmp/odhcpd.leases"];function En(e){if(!k(e))return{ok:!1,
problems:[m("config","".concat(y(e)," is not a JSON object"),'Write { "main": { \u2026 } }.')]};let n=k(e.uci)||
k(e.values),{config:r,problems:s}=jr(n?wn(e):dn(e)),t=s.filter(({severity:o})=>o==="error"),i=s.filter(({severity:o})=>o===
"warning");return t.length===0&&r?{ok:!0,config:r,warnings:_n(i)}:{ok:!1,problems:_n([...t,...i])}}function jr(e){
let n=[...e.problems],r=f=>(n.push(...f.problems),f.values),s=(f,j)=>j.flatMap(A=>{let $e=r(P(f,A));return $e===
void 0?[]:[{path:A.path,section:A.name,values:$e}]}),t=r(P(R,e.main)),i=r(P(W,e.mqtt)),o=r(P(ce,e.system)),u=i&&
rn(i);u&&n.push(...tn(e.mqtt.path,u));let l=e.dump===void 0?[]:yn(e.dump,e.zones);l||n.push(v("interfaces","is\
 not the answer of ubus call network.interface dump, so no network could be found","See what that command says\
 on this router."));let c=mn(s(L,e.networks),l??[]);if(n.push(...c.problems),e.devices.length>pe){let f="".concat(
e.devices.length," sections are more than ").concat(pe);n.push(m("devices",f,"Remove devices that are gone."))}
let a=s(Z,e.devices.slice(0,pe)).flatMap(({path:f,values:j})=>{let A=bn(f,j);return"severity"in A?(n.push(A),[]):
[{path:f,rule:A}]});return n.push(...kn(a)),!t||!u||!o?{problems:n}:{config:{enabled:t.enabled,mode:t.mode,preset:t.
preset,node:t.node??hn(o.hostname,o.lan_mac),...t.interpreter===void 0?{}:{interpreter:t.interpreter},lowmem:t.
lowmem,refuse:t.refuse,maxBans:t.max_bans,logLevel:t.log_level,report:t.report,dataDir:t.data_dir,runDir:o.run_dir,
leaseFiles:o.lease_files??[...new Set([...e.leaseFiles,...Pr])],...t.dns_log===void 0?{}:{dnsLog:t.dns_log},mailDomains:t.
mail_domain??[],blocklists:t.blocklist??[],...t.blocklist_resolver===void 0?{}:{blocklistResolver:t.blocklist_resolver},
mqtt:u,networks:c.networks,devices:a.map(({rule:f})=>f),staticNames:xn(e.hosts)},problems:n}}function _n(e){if(e.
length<=ye)return e;let n="there are ".concat(e.length-ye," more problems");return[...e.slice(0,ye),{...m("con\
fig",n,"Correct those above first."),severity:e[ye]?.severity??"error"}]}var Sn={main:R,mqtt:W,network:L,device:Z};function Nr(e,n){return Se().find(r=>r.section===e&&r.option===n)}function Mr(e,n,r){
let s=Sn[e];if(!s)return;let{problems:t}=P(s,{path:"",values:{[n]:r}});return t.find(({severity:i})=>i==="erro\
r")?.remedy}function In(e){let n=En({values:e});return n.ok?n.warnings:n.problems}function Rr(e){return P(R,{path:"",
values:{enabled:e}}).values?.enabled===!0}function qr(){let e=Se().filter(t=>t.section!=="system"&&!An.includes(
t.option)),n=Object.values(Sn).flatMap(t=>Object.entries(t.entries).map(([i,o])=>An.includes(i)?"":Y(o)?.remedy??
"")),r=e.flatMap(t=>t.explained&&!Cr.includes(t.default)?[t.default]:[]),s=Fr.flatMap(t=>In(t)).map(({remedy:t})=>t);
return[...new Set([...e.map(({help:t})=>t),...r,...n,...s])].filter(Boolean)}var K=e=>({mqtt:{".type":"mqtt",enabled:"\
1",url:"mqtt://broker",...e}}),Cr=["none","found"],An=["interfaces","addresses","prefixes"],Fr=[K({url:""}),K(
{password:"x",commands:"all"}),K({cert_file:"/a"}),K({url:"ftp://broker"}),K({url:"mqtt://user:pass@broker"}),
K({url:"ws://broker"}),{device:{".type":"device"}},{one:{".type":"device",mac:"ec:71:db:00:11:22"},two:{".type":"\
device",mac:"ec:71:db:00:11:22"}},{lan:{".type":"network",interfaces:"a"},b:{".type":"network",name:"lan",interfaces:"\
b"}},{cfg012345:{".type":"network",".anonymous":!0}}];return Nn(Tr);})();

return baseclass.extend({
	option: check.option,
	fault: check.fault,
	problems: check.problems,
	isOn: check.isOn
});
