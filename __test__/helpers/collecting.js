// What small programs that run with --expose-gc collect garbage by, as text.

/**
 * collect(done): until done() or its patience ends. outlive(): until a channel that is made and dropped now is gone, and so is
 * what was dropped before it.
 */
const collecting = `
  async function collect(done) {
    for (const end = performance.now() + 15_000; !done() && performance.now() < end;) {
      gc();
      await new Promise(setImmediate);
    }
    return done();
  }

  async function outlive() {
    let gone = false;
    const registry = new FinalizationRegistry(() => { gone = true; });
    (() => registry.register(new MessageChannelMain().port2))();
    if (!await collect(() => gone)) throw new Error('nothing is collected');
    for (let i = 0; i < 5; i++) {
      gc();
      await new Promise(setImmediate);
    }
  }
`;

module.exports = { collecting };
