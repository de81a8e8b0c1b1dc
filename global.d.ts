// `message-channel-main/global` puts our MessageChannel, MessagePort and MessageEvent on globalThis and exports nothing:
// libraries that make channels of their own then make ours, which cross threads and processes.
export {};
