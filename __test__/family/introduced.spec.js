// Two processes that were given the ends of a channel need nobody else: whoever introduced them may be gone.
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

for (const [title, end, killed] of [
  ['exits', 'process.exit()', false],
  ['is killed', "process.kill(process.pid, 'SIGKILL')", true],
]) {
  test.serial(`who introduced them ${title}, and they go on`, async (t) => {
    t.timeout(20_000);
    await prints(t, `
      const { once } = require('node:events');
      const { port1, port2 } = new MessageChannelMain();
      const [asks, answers] = [0, 1].map(() => utilityProcess.fork(${JSON.stringify(fixture('talks.js'))}));
      asks.postMessage('asks', [port1]);
      answers.postMessage('answers', [port2]);
      Promise.all([once(asks, 'message'), once(answers, 'message')]).then(() => ${end});
    `, ['is anybody there? yes'], { killed });
  });
}
