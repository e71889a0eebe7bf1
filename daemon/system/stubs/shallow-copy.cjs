// Stands in for `rfdc`: mqtt copies a packet that it keeps only to take the topic alias of MQTT 5 out of the copy.
module.exports = (packet) => ({ ...packet });
