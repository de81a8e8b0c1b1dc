// Posts what Node.js brings and prints how it arrived, or why it could not leave: what each runtime makes otherwise.
const dgram = require('node:dgram');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { FileDescriptor, MessageChannelMain, receiveMessageOnPort } = require('../../index.js');

const { port1, port2 } = new MessageChannelMain();

function pass(value, transfer = []) {
  try {
    port1.postMessage({ value }, transfer);
    return receiveMessageOnPort(port2).message.value;
  } catch (error) {
    return `${error.name} ${error.code}: ${error.message}`;
  }
}

(async () => {
  const told = {};
  const blob = pass(new Blob(['some ', 'text'], { type: 'a/b' }));
  told.blob = blob instanceof Blob ? [blob.type, await blob.text()] : blob;
  const file = pass(new File(['content'], 'name', { lastModified: 5 }));
  told.file = file instanceof File ? [file.name, file.lastModified, await file.text()] : file;
  told.ofAFile = String(pass(await fs.openAsBlob('/dev/null')));
  const list = new net.BlockList();
  list.addAddress('1.2.3.4');
  list.addSubnet('10.0.0.0', 8);
  const arrived = pass(list);
  told.list = arrived instanceof net.BlockList ? arrived.rules : arrived;
  const address = pass(new net.SocketAddress({ address: '::1', family: 'ipv6', port: 5, flowlabel: 7 }));
  told.address = [address instanceof net.SocketAddress, address.address, address.family, address.port, address.flowlabel];

  const server = net.createServer().listen(0);
  await once(server, 'listening');
  const client = net.connect(server.address().port);
  const [socket] = await once(server, 'connection');
  told.socket = pass(socket, [socket]);
  socket.end('it goes on');
  told.client = String((await once(client, 'data'))[0]);
  const datagrams = dgram.createSocket('udp4').bind(0);
  await once(datagrams, 'listening');
  told.datagrams = pass(datagrams, [datagrams]);
  told.stillThere = datagrams.address().port > 0;
  try {
    const descriptor = new FileDescriptor(fs.openSync(__filename));
    told.descriptor = typeof pass(descriptor, [descriptor]).fd;
  } catch (error) {
    told.descriptor = error.code;
  }
  console.log(JSON.stringify(told));
  process.exit();
})();
