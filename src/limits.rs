//! Every number that bounds something, with its reason.

use std::time::Duration;

/// A message's clone; and the memory that travels with it. What does not fit into an `ArrayBuffer` of every supported
/// engine is of no use to the receiver.
pub const MESSAGE_BYTES: usize = 1 << 30;

/// Parts (ports and memory) of one message: a bound for what a hostile peer can make us allocate from a header.
pub const PARTS: usize = 1 << 16;

/// Ports of one message; when it leaves the process those that wait in the queues of its ports count too, because each
/// takes a descriptor. The contract promises 1 000.
pub const PORTS: usize = 1 << 10;

/// Of memory that processes share, in one piece: what every V8 can show in one view.
pub const SHARED_BYTES: usize = 1 << 32;

/// Words behind the memory that processes share, each of which counts the calls of `notify` for some of its words: whoever
/// was not asleep in that very moment sees that there was one. So few that two words seldom share one.
pub const SHARED_TURNS: usize = 256;

/// The parts section of one frame: a message's memory and the luggage of its ports.
pub const TAIL_BYTES: usize = (u32::MAX - 7) as usize;

/// The luggage of all ports in one message. Half of what a tail can say, the rest is for their descriptions.
pub const LUGGAGE_BYTES: usize = 1 << 31;

/// Descriptors in one `sendmsg`. The kernel takes 253; half of that leaves room for old kernels and other readers.
pub const DESCRIPTORS_PER_SEND: usize = 128;

/// Descriptors that have arrived for one port and are not delivered. No message has more; beyond it the peer is hostile.
pub const DESCRIPTORS_WAITING: usize = PORTS;

/// The share of the descriptors that this process may have which may wait in all ports together, as a divisor. Beyond it
/// the port ends in which most of them wait.
pub const DESCRIPTORS_SHARE: usize = 4;

/// `bufferedAmount` above which the sender is asked to wait for `'drain'`.
pub const HIGH_WATER: usize = 1 << 20;

/// What is coalesced at most before the posting thread writes it itself.
pub const COALESCE_BYTES: usize = 64 << 10;

/// The same for what follows the first message of a burst, so that its reader has work while the rest is posted; what is
/// less leaves in one write.
pub const COALESCE_LEAST: usize = 4 << 10;

/// How much larger every further batch of a burst is, up to `COALESCE_BYTES`.
pub const COALESCE_STEP: usize = 4;

/// What JavaScript may have posted without a call before it makes one.
pub const SUBMISSION_BYTES: usize = 64 << 10;

/// How long a coalesced message may wait for a busy thread before the flusher takes it.
pub const COALESCE_DELAY: Duration = Duration::from_millis(1);

/// Written at most for one port before another gets its turn, or the poster its own back.
pub const WRITE_BYTES: usize = 1 << 20;

/// What a full socket does not take of a large message is copied in so many parts: between two the socket is tried again.
pub const COPY_PARTS: usize = 32;

/// Less than this is not worth trying again.
pub const COPY_LEAST: usize = 512 << 10;

/// In this time a reader empties the socket.
pub const COPY_MOST: usize = 4 << 20;

/// A message that is not shorter, or as much that waits behind a full socket, makes the kernel hold up to `SOCKET_BYTES` for it.
pub const WIDE_FROM: usize = 256 << 10;

/// What the kernel is asked to hold for a socket with large or many messages, so that whoever writes and whoever reads need not take
/// turns for each 200 KiB.
pub const SOCKET_BYTES: usize = 1 << 20;

/// One `recvmsg`. A default socket holds about 200 KiB; 64 KiB keeps the copy within the second-level cache.
pub const READ_BYTES: usize = 64 << 10;

/// One `recvmsg` into a frame that is known to be larger than [`READ_BYTES`].
pub const READ_BYTES_LARGE: usize = 1 << 20;

/// One `recvmsg` whose bytes nobody wants; it lies on the stack.
pub const DISCARD_BYTES: usize = 16 << 10;

/// Messages handed to JS for one port before others get their turn.
pub const BATCH_BYTES: usize = 64 << 10;

/// What a message counts there that is taken by itself, for each of its ports and memories, if it has fewer bytes: every one of
/// them becomes an object.
pub const SHARE_LEAST: usize = 1 << 10;

/// The receive buffer that JS decodes from; a message that does not fit is handed over in memory of its own.
pub const INBOX_BYTES: usize = 256 << 10;

/// Within the process a body that is not shorter is copied before the queue is locked, and never moved when that grows.
pub const APART_BYTES: usize = 16 << 10;

/// Capacity that an empty queue keeps; a queue that was once long does not stay large.
pub const IDLE_CAPACITY: usize = 64 << 10;

/// Memory that is not larger comes from the heap; what is, comes by the page, and is used again.
pub const SLAB_LEAST: usize = 64 << 10;

/// What is larger is given back at once.
pub const SLAB_MOST: usize = 128 << 20;

/// Memory that is not smaller and about to be written to may come in large pages.
pub const SLAB_HUGE: usize = 4 << 20;

/// What is kept of such memory when nobody uses it, in all: as much as large messages hold until the garbage collector comes
/// round.
pub const SLABS_KEPT: usize = 256 << 20;

/// How often it is looked for what nobody has needed since the last time, which is given back.
pub const SLABS_IDLE: Duration = Duration::from_secs(1);

/// How long a thread that waits for words of shared memory stays when it has none to wait for, if there is another: the next call
/// may need it again.
pub const SLEEPERS_IDLE: Duration = Duration::from_secs(1);

/// After so many bytes of large memory a thread's collector is made to look how much of it young buffers hold: V8 collects those
/// from 32 or 64 MiB on.
pub const YOUNG_BYTES: usize = 4 << 20;

/// What channels have left behind in the heap when they closed, before the allocator is asked to give it back: less is used
/// again soon, and to ask takes a while.
pub const LOOSE_BYTES: usize = 2 << 20;

/// How long an event loop in low-latency mode looks for the next message, at most, before it sleeps. Waking a sleeping core
/// takes a quarter of that; what takes longer than this to come costs no more for being slept through.
pub const SPIN_MOST: Duration = Duration::from_micros(200);

/// What it begins with, once a message has come that soon. Below it, it does not look at all.
pub const SPIN_LEAST: Duration = Duration::from_micros(25);

/// The room that is made for a frame when only its beginning has come. Pages that nothing was written to cost nothing;
/// beyond this it grows with what has come.
pub const ROOM_AHEAD: usize = 32 << 20;

/// What is posted in a process after it was let go of is not waited for, but for so many bytes of each port: parts weigh less than they
/// take on the way.
pub const LEAVE_BYTES: usize = 64 << 10;

/// At exit, how long the lingering goes on in all, however often it is begun anew: a reader may be slow for ever.
pub const LINGER_IN_ALL: Duration = Duration::from_secs(30);

/// At exit, how long the lingering goes on without a byte moving.
pub const LINGER: Duration = Duration::from_secs(5);

/// Back-off before a send that the kernel refused for want of descriptors or memory is tried again.
pub const RETRY_DELAY: Duration = Duration::from_millis(10);

/// How long a report for another process may be on its way: whoever reads it slower than that gets no more of it.
pub const ANSWER: Duration = Duration::from_secs(10);

/// A report from another process. Half a million ports fit.
pub const REPORT_BYTES: usize = 256 << 20;
