// Globals of Node whose types only the DOM library has, as far as this package uses them.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBufferView | ArrayBuffer);
    static exports(module: object): object[];
  }
  class Memory {
    constructor(descriptor: { initial: number, maximum?: number, shared?: boolean });
    readonly buffer: ArrayBufferLike;
  }
}

/** The native addon, in this package or in one for a platform. */
declare module '*.node';
declare module 'message-channel-main-*';
