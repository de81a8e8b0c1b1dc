//! What was posted to a peer behind a socket and has not left: its queues, and one state machine of who writes them.
//!
//! ```text
//! Idle ── list ──▶ Listed(Soon) ── list ──▶ Listed(Now)      the backstop is told, or told again
//! Idle, Listed ── wait ──▶ Blocked(job)                      its job found the socket full
//! Blocked ── retry ──▶ Listed(Now)                           the job goes by the clock, not by the socket
//! Listed, Blocked ── rest ──▶ Idle                           its job found everything written
//! Blocked ── release ──▶ Idle                                the socket leaves the process or closes
//! ```
//! Whether the end is still open is not told here: `Link::Far` has the other half beside this one, `Link::Lingering`
//! has nothing else.

use std::io::{self, IoSlice};

use super::pending::{Next, Pending};
use super::{Backstop, Handle, Part};
use crate::inbox::Inbox;
use crate::limits::{
    COALESCE_BYTES, COALESCE_LEAST, COALESCE_STEP, DISCARD_BYTES, SOCKET_BYTES, WIDE_FROM, WRITE_BYTES,
};
use crate::sys::{self, Descriptor, Interest, Poller, Received, Socket};
use crate::wire::body::Body;
use crate::wire::outbox::Outbox;

#[derive(Debug)]
pub(super) struct Outgoing {
    socket: Socket,
    outbox: Outbox<Descriptor>,
    /// The end has brought what is in there along, and not all of that has left.
    brought: bool,
    /// The end has left in what is written here: its socket is its next owner's to end.
    handed_on: bool,
    /// Posted but not yet in the outbox.
    pub pending: Pending,
    /// Bytes that are worth a write of their own in the middle of a burst.
    batch: usize,
    /// The kernel has not taken all of what was last written. Whoever has the duty is told when it takes more.
    full: bool,
    /// The kernel was asked to hold more for this socket.
    wide: bool,
    /// The system has refused to send what was posted, and will again: whoever reads here is to be told.
    refused: bool,
    duty: Duty,
}

/// Who sees to it that what waits is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Duty {
    /// Whoever posts or flushes next: usually nothing waits.
    Idle,
    /// The backstop has it on its list. It may be flushed by its poster long before its turn comes.
    Listed(Urgency),
    /// The backstop's poller waits for the socket to become writable, for the job of this key.
    Blocked(usize),
}

/// When the backstop is to flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Unless the poster does so itself, which it means to at the end of its turn.
    Soon,
    /// The poster has tried.
    Now,
}

/// How far a flush came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flushed {
    Done,
    /// It has had its share, and could go on.
    Unfinished,
    /// The kernel's buffer is full.
    Blocked,
    /// The kernel, or what is pending, wants us to try again later.
    Later,
    /// The system will never send what is at the front.
    Refused,
}

/// The transitions.
impl Outgoing {
    /// Idle. `pending` is what is to be shipped before anything else.
    pub fn new(socket: Socket, outbox: Outbox<Descriptor>, pending: Inbox<Part>) -> Outgoing {
        let brought = !outbox.is_empty();
        Outgoing {
            socket,
            outbox,
            brought,
            handed_on: false,
            pending: Pending::new(pending),
            batch: COALESCE_LEAST,
            full: false,
            wide: false,
            refused: false,
            duty: Duty::Idle,
        }
    }

    /// To Listed: tells the backstop, unless it knows already.
    pub fn list(&mut self, end: &Handle, urgency: Urgency) {
        let is_known = match self.duty {
            Duty::Idle => false,
            Duty::Listed(told) => told >= urgency,
            // Its poller tells it.
            Duty::Blocked(_) => true,
        };
        if !is_known && end.backstop().take_over(end.clone(), urgency) {
            self.duty = Duty::Listed(urgency);
        }
    }

    /// To Blocked: the socket is full. `false`: it cannot be waited for.
    fn wait(&mut self, job: usize, poller: &Poller) -> bool {
        if !matches!(self.duty, Duty::Blocked(_)) {
            if poller.add(&self.socket, job, Interest::Writable).is_err() {
                return false;
            }
            self.duty = Duty::Blocked(job);
        }
        true
    }

    /// From Blocked back to Listed: what is in the way is not the socket, which may be writable all the while.
    fn retry(&mut self, poller: &Poller) {
        if let Duty::Blocked(_) = self.duty {
            poller.delete(&self.socket);
            self.duty = Duty::Listed(Urgency::Now);
        }
    }

    /// To Idle: the backstop has found everything written, and strikes the job off its list.
    fn rest(&mut self, poller: &Poller) {
        if let Duty::Blocked(_) = self.duty {
            poller.delete(&self.socket);
        }
        self.duty = Duty::Idle;
    }

    /// To Idle: the socket is about to leave the process or to close. A job that is only listed finds nobody.
    pub fn release(&mut self, backstop: &dyn Backstop) {
        if let Duty::Blocked(job) = self.duty {
            backstop.forget(&self.socket, job);
        }
        self.duty = Duty::Idle;
    }

    /// Rule 2: everything goes along.
    pub fn into_luggage(mut self, backstop: &dyn Backstop) -> (Socket, Outbox<Descriptor>, Inbox<Part>) {
        self.release(backstop);
        (self.socket, self.outbox, self.pending.into_queue())
    }

    /// The end leaves in the message that is about to be packed: answers with what is behind that.
    pub fn hand_on(&mut self) -> Inbox<Part> {
        self.handed_on = true;
        self.pending.take_queue()
    }

    /// Ends the socket for every copy of its descriptor, wherever one may have leaked to; unless the end lives on with one.
    pub fn shut_down(mut self, backstop: &dyn Backstop) {
        self.release(backstop);
        if !self.handed_on {
            self.socket.shut_down();
        }
    }
}

/// What posts and flushes do with the queues.
impl Outgoing {
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Bytes posted that have not left this process.
    pub fn weight(&self) -> usize {
        self.outbox.len().saturating_add(self.pending.weight())
    }

    /// Descriptors that have not left.
    pub fn descriptors(&self) -> usize {
        self.outbox.descriptors()
    }

    /// The same, as long as some are not this process's own.
    pub fn descriptors_brought(&self) -> usize {
        if self.brought {
            self.descriptors()
        } else {
            0
        }
    }

    pub fn is_flushed(&self) -> bool {
        self.outbox.is_empty() && self.pending.is_empty()
    }

    /// Posts a message without parts.
    pub fn post(&mut self, body: Body<'_>, coalesce: bool, end: &Handle) {
        let idle = self.is_flushed();
        self.pending.post(body, &mut self.outbox);
        if idle && !coalesce {
            self.write(end);
        } else {
            self.list(end, Urgency::Soon);
        }
        if !coalesce {
            self.batch = COALESCE_LEAST;
        }
    }

    /// Posts messages without parts, whole frames one behind the other, which wait for what follows.
    pub fn post_run(&mut self, frames: &[u8], end: &Handle) {
        if !frames.is_empty() {
            self.pending.post_run(frames, &mut self.outbox);
            self.list(end, Urgency::Soon);
        }
    }

    /// Whether as much waits as is written at once, and nobody has found the socket full yet.
    pub fn is_batch(&self) -> bool {
        self.outbox.len() >= self.batch && self.duty <= Duty::Listed(Urgency::Soon)
    }

    /// Moves what needs no packing from what is pending to the outbox, and takes out what does.
    pub fn next_pending(&mut self) -> Next {
        self.pending.next(&mut self.outbox)
    }

    /// Takes in what was packed, and answers with the ends that have waited for that.
    pub fn take_in(&mut self, packed: Outbox<Descriptor>) -> Vec<Handle> {
        self.outbox.append(packed);
        self.pending.release()
    }

    /// Writes at once, and leaves to the backstop what the kernel does not take. What follows in a burst waits for more
    /// company: the peer has something to read by now.
    pub fn write(&mut self, end: &Handle) {
        if self.full && self.duty > Duty::Listed(Urgency::Soon) {
            return;
        }
        self.batch = COALESCE_BYTES.min(self.batch * COALESCE_STEP);
        self.flush();
        if !self.is_flushed() {
            self.list(end, Urgency::Now);
        }
    }

    /// The flush of the backstop's `job`, whose poller is `poller`.
    pub fn flush_for(&mut self, job: usize, poller: &Poller) -> (usize, Flushed) {
        let (moved, mut flushed) = self.flush();
        let waits_for_more = flushed == Flushed::Done && !self.pending.is_empty();
        if waits_for_more || (flushed == Flushed::Blocked && !self.wait(job, poller)) {
            flushed = Flushed::Later;
        }
        match flushed {
            Flushed::Done => self.rest(poller),
            Flushed::Later => self.retry(poller),
            Flushed::Blocked | Flushed::Unfinished | Flushed::Refused => {}
        }
        (moved, flushed)
    }

    /// Writes what the kernel takes of the outbox, up to a fair share; answers how many bytes that were, and how it
    /// ended.
    pub fn flush(&mut self) -> (usize, Flushed) {
        let (mut moved, mut flushed) = self.send();
        if flushed == Flushed::Blocked && self.widen_for(self.outbox.len()) {
            let more = self.send();
            (moved, flushed) = (moved + more.0, more.1);
        }
        self.full = flushed == Flushed::Blocked;
        (moved, flushed)
    }

    /// Has the kernel hold more, if so much waits that it would be filled and emptied by turns. `false`: it holds what it held.
    fn widen_for(&mut self, waiting: usize) -> bool {
        let widens = !self.wide && waiting >= WIDE_FROM;
        if widens {
            self.socket.widen(SOCKET_BYTES);
            self.wide = true;
        }
        widens
    }

    fn send(&mut self) -> (usize, Flushed) {
        let (moved, flushed) = send(&self.socket, &mut self.outbox);
        let flushed = self.end_if_refused(flushed);
        self.brought = self.brought && !self.outbox.is_empty();
        (moved, flushed)
    }

    /// Where a message cannot be sent none that is behind it may be, and half of it may have left: the conversation is over for
    /// both sides.
    fn end_if_refused(&mut self, flushed: Flushed) -> Flushed {
        if flushed != Flushed::Refused {
            return flushed;
        }
        self.socket.shut_down();
        self.discard();
        self.refused = true;
        Flushed::Done
    }

    /// Whether the system has refused to send what was posted, once.
    pub fn take_refusal(&mut self) -> bool {
        std::mem::take(&mut self.refused)
    }

    /// Keeps the place of a message that is not packed yet, if nothing is in front of it.
    pub fn keep_place(&mut self, weight: usize) -> bool {
        let is_free = self.is_flushed() && !self.full;
        if is_free {
            self.pending.keep_place(weight);
        }
        is_free
    }

    /// Sends what the kernel takes of a message whose place is kept, from where it lies. The rest is to be
    /// [taken in](Self::take_in).
    pub fn send_packed(&mut self, packed: &mut Outbox<Descriptor>) {
        self.widen_for(packed.len());
        let (_, flushed) = send(&self.socket, packed);
        if flushed == Flushed::Refused {
            *packed = Outbox::default();
        }
        self.full = self.end_if_refused(flushed) == Flushed::Blocked;
    }

    /// Forgets what would have been written.
    pub fn discard(&mut self) {
        self.outbox = Outbox::default();
        self.brought = false;
    }

    /// Nobody will have what arrives from now on. If the peer went on writing, it and this end, while it has a backlog
    /// of its own, could wait for each other for ever; and what is in the kernel would keep its ports open.
    pub fn stop_reading(&self) {
        self.socket.shut_down_reading();
        let (mut buffer, mut descriptors) = ([0; DISCARD_BYTES], Vec::new());
        while let Received::Bytes(_) | Received::DescriptorsLost | Received::Foreign =
            self.socket.receive(&mut buffer, &mut descriptors)
        {
            descriptors.clear();
        }
    }
}

/// Writes what the kernel takes, up to a fair share.
fn send(socket: &Socket, outbox: &mut Outbox<Descriptor>) -> (usize, Flushed) {
    let mut moved = 0;
    loop {
        let mut room = [IoSlice::new(&[]); PIECES];
        let Some((count, length, descriptors)) = outbox.gather(&mut room) else {
            return (moved, Flushed::Done);
        };
        if moved >= WRITE_BYTES {
            return (moved, Flushed::Unfinished);
        }
        match socket.send(&room[..count], descriptors) {
            Ok(count) => {
                outbox.advance(count);
                moved += count;
                // To be told so by another send would cost one.
                if count < length {
                    return (moved, Flushed::Blocked);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return (moved, Flushed::Blocked),
            Err(error) if sys::is_transient(&error) => return (moved, Flushed::Later),
            // What was posted to it is lost, as it must be, and so is what would be posted later: if somebody reads there all the
            // same, that ends here. Reading tells the rest.
            Err(error) if sys::is_peer_gone(&error) => {
                socket.shut_down_writing();
                *outbox = Outbox::default();
            }
            Err(_) => return (moved, Flushed::Refused),
        }
    }
}

/// Written at once: a message with a few parts in memory of their own, and what is before and between them.
const PIECES: usize = 16;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::channel::{Channel, End, Shared};

    /// A backstop that writes down what it is told, while it can be told anything.
    #[derive(Debug, Clone, Default)]
    struct Notes(Arc<Mutex<Vec<String>>>, bool);

    impl Backstop for Notes {
        fn stand_by(&self) -> io::Result<()> {
            Ok(())
        }

        fn take_over(&self, _: Handle, urgency: Urgency) -> bool {
            self.0.lock().unwrap().push(format!("{urgency:?}"));
            self.1
        }

        fn forget(&self, _: &Socket, job: usize) {
            self.0.lock().unwrap().push(format!("forget {job}"));
        }
    }

    impl Notes {
        fn take(&self) -> Vec<String> {
            std::mem::take(&mut *self.0.lock().unwrap())
        }
    }

    struct Setup {
        notes: Notes,
        end: End,
        outgoing: Outgoing,
        poller: Poller,
        reader: Socket,
    }

    const JOB: usize = 7;

    /// More bytes than the kernel takes, by far.
    const MUCH: usize = 16 << 20;

    fn setup(works: bool) -> Setup {
        let notes = Notes(Arc::default(), works);
        let shared = crate::sync::Arc::new(Shared::new(Box::new(notes.clone())));
        let (end, _) = Channel::create(&shared);
        let (socket, reader) = Socket::pair().unwrap();
        let outgoing = Outgoing::new(socket, Outbox::default(), Inbox::default());
        Setup { notes, end, outgoing, poller: Poller::new().unwrap(), reader }
    }

    impl Setup {
        fn list(&mut self, urgency: Urgency) -> Vec<String> {
            self.outgoing.list(self.end.handle(), urgency);
            self.notes.take()
        }

        /// Posts more than the kernel takes, and lets the job find that out.
        fn block(&mut self) {
            self.outgoing.post(vec![1; MUCH].into(), false, self.end.handle());
            assert_eq!(self.notes.take(), ["Now"]);
            while self.flush() == Flushed::Unfinished {}
            assert_eq!(self.outgoing.duty, Duty::Blocked(JOB));
        }

        fn flush(&mut self) -> Flushed {
            self.outgoing.flush_for(JOB, &self.poller).1
        }

        fn read(&self) {
            let mut buffer = vec![0; 1 << 20];
            while let Received::Bytes(_) = self.reader.receive(&mut buffer, &mut Vec::new()) {}
        }

        /// Whether the poller has anything to tell the job.
        fn is_woken(&self) -> bool {
            let mut woken = false;
            self.poller.wait(&mut Poller::events(), Some(Duration::ZERO), |key| woken |= key == JOB).unwrap();
            woken
        }
    }

    #[test]
    fn the_backstop_is_told_once_and_again_only_when_it_is_more_urgent() {
        let mut it = setup(true);
        assert_eq!(it.list(Urgency::Soon), ["Soon"]);
        assert_eq!(it.list(Urgency::Soon).len(), 0);
        assert_eq!(it.list(Urgency::Now), ["Now"]);
        assert_eq!(it.list(Urgency::Now).len(), 0);
        assert_eq!(it.list(Urgency::Soon).len(), 0);
        assert_eq!(it.flush(), Flushed::Done);
        assert_eq!(it.list(Urgency::Soon), ["Soon"], "it has found everything written");
    }

    #[test]
    fn the_backstop_is_told_of_a_run_and_not_of_an_empty_one() {
        let mut it = setup(true);
        it.outgoing.post_run(&[], it.end.handle());
        assert_eq!(it.notes.take().len(), 0);
        let mut run = crate::wire::log::ByteLog::default();
        crate::wire::frame::push_plain(&mut run, b"body");
        it.outgoing.post_run(run.as_slice(), it.end.handle());
        assert_eq!((it.notes.take(), it.outgoing.weight()), (vec!["Soon".into()], run.len()));
    }

    #[test]
    fn a_backstop_that_cannot_is_asked_every_time() {
        let mut it = setup(false);
        assert_eq!(it.list(Urgency::Soon), ["Soon"]);
        assert_eq!(it.list(Urgency::Soon), ["Soon"]);
        assert_eq!(it.outgoing.duty, Duty::Idle);
    }

    #[test]
    fn who_waits_for_the_socket_is_woken_by_it_until_everything_is_written() {
        let mut it = setup(true);
        it.block();
        assert!(!it.is_woken());
        assert_eq!(it.list(Urgency::Now).len(), 0, "the poller tells it");
        while it.outgoing.duty == Duty::Blocked(JOB) {
            it.read();
            assert!(it.is_woken());
            it.flush();
        }
        assert_eq!(it.outgoing.duty, Duty::Idle);
        assert!(it.outgoing.is_flushed() && !it.is_woken());
    }

    #[test]
    fn a_socket_that_was_full_is_left_to_whoever_is_told_when_it_is_not() {
        let mut it = setup(true);
        it.outgoing.post(vec![1; MUCH].into(), false, it.end.handle());
        assert_eq!(it.notes.take(), ["Now"]);
        for duty in [Duty::Listed(Urgency::Now), Duty::Blocked(JOB)] {
            it.read();
            assert_eq!(it.outgoing.duty, duty);
            let left = it.outgoing.weight();
            it.outgoing.write(it.end.handle());
            it.outgoing.post(vec![1; 10].into(), true, it.end.handle());
            assert!(!it.outgoing.is_batch() && it.outgoing.weight() > left, "{duty:?}: nothing was written");
            it.flush();
            assert!(it.outgoing.weight() < left, "{duty:?}: the job writes");
        }
        while it.outgoing.duty != Duty::Idle {
            it.read();
            it.flush();
        }
        it.outgoing.post(vec![1; 10].into(), false, it.end.handle());
        assert!(it.outgoing.is_flushed(), "it is not full any more");
    }

    #[test]
    fn a_socket_that_nobody_waits_for_is_tried_by_every_flush() {
        let mut it = setup(false);
        it.outgoing.post(vec![1; MUCH].into(), false, it.end.handle());
        it.read();
        let left = it.outgoing.weight();
        it.outgoing.write(it.end.handle());
        assert!(it.outgoing.weight() < left);
    }

    #[test]
    fn a_burst_leaves_in_growing_batches_and_the_next_begins_anew() {
        let mut it = setup(true);
        for _ in 0..2 {
            it.outgoing.post(vec![1; 10].into(), false, it.end.handle());
            assert!(it.outgoing.is_flushed(), "its first message leaves at once");
            let mut batches = Vec::new();
            while batches.len() < 4 {
                it.outgoing.post(vec![1; 1000].into(), true, it.end.handle());
                if it.outgoing.is_batch() {
                    batches.push(it.outgoing.weight());
                    it.outgoing.write(it.end.handle());
                    it.read();
                }
            }
            for (batch, least) in batches.into_iter().zip([4 << 10, 16 << 10, 64 << 10, 64 << 10]) {
                assert!((least..least + 1100).contains(&batch), "{batch} of {least}");
            }
        }
    }

    /// Posts so many bytes in small messages and writes what the kernel takes of them; answers how many it has taken.
    fn taken_of(bytes: usize) -> usize {
        let mut it = setup(true);
        for _ in 0..bytes / 1000 {
            it.outgoing.post(vec![1; 1000].into(), true, it.end.handle());
        }
        let waiting = it.outgoing.weight();
        while it.flush() == Flushed::Unfinished {}
        assert_eq!(it.outgoing.duty, Duty::Blocked(JOB));
        waiting - it.outgoing.weight()
    }

    #[test]
    fn the_kernel_holds_more_of_a_backlog() {
        let few = taken_of(WIDE_FROM);
        let many = taken_of(MUCH);
        // At least twice as much anywhere: what a program may ask for is what a socket begins with, and the kernel doubles it.
        assert!(many > few + few / 2, "{few} bytes, and {many} of a backlog");
    }

    #[test]
    fn who_goes_by_the_clock_is_not_woken_by_a_socket_that_is_writable() {
        let mut it = setup(true);
        it.block();
        it.outgoing.pending.push(b"waits for descriptors".into(), vec![Part::ClosedPort]);
        loop {
            it.read();
            if it.flush() == Flushed::Later {
                break;
            }
        }
        assert_eq!(it.outgoing.duty, Duty::Listed(Urgency::Now));
        assert!(!it.is_woken());
    }

    #[test]
    fn a_job_is_told_when_its_socket_goes_and_one_that_is_only_listed_is_not() {
        let mut it = setup(true);
        it.list(Urgency::Soon);
        it.outgoing.release(&it.notes.clone());
        assert_eq!((it.notes.take().len(), it.outgoing.duty), (0, Duty::Idle));
        it.block();
        it.outgoing.release(&it.notes.clone());
        assert_eq!((it.notes.take(), it.outgoing.duty), (vec![format!("forget {JOB}")], Duty::Idle));
    }
}
