/** Loaded before the test runner: wine 8 makes no connection whose keep-alive was set before it ("connect UNKNOWN"). */
const { Socket } = require('node:net');

const usual = Socket.prototype.setKeepAlive;
Socket.prototype.setKeepAlive = function setKeepAlive(...args) {
  if (!this.connecting) return usual.apply(this, args);
  this.once('connect', () => usual.apply(this, args));
  return this;
};
