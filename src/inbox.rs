//! A queue of messages inside the process: frames as on the wire, with the parts beside them instead of in a tail.

use std::collections::VecDeque;

use crate::wire::frame::{self, Header, HEADER};
use crate::wire::log::ByteLog;

/// Invariant: the frames' part counts, in order, partition `parts`.
#[derive(Debug)]
pub struct Inbox<P> {
    frames: ByteLog,
    parts: VecDeque<P>,
    memory: usize,
}

impl<P> Default for Inbox<P> {
    fn default() -> Self {
        Inbox { frames: ByteLog::default(), parts: VecDeque::new(), memory: 0 }
    }
}

/// What a part adds to the weight of its queue.
pub trait Weigh {
    fn weight(&self) -> usize;
}

impl<P> Inbox<P> {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes queued, the memory that travels with the messages included.
    pub fn weight(&self) -> usize {
        self.frames.len() + self.memory
    }

    pub fn push_plain(&mut self, body: &[u8]) {
        frame::push_plain(&mut self.frames, body);
    }

    pub fn push(&mut self, body: &[u8], parts: Vec<P>)
    where
        P: Weigh,
    {
        let header = Header::Message { body: body.len(), parts: parts.len(), tail: 0 };
        self.frames.push(&header.to_bytes());
        frame::push_padded(&mut self.frames, body);
        self.memory += parts.iter().map(Weigh::weight).sum::<usize>();
        self.parts.extend(parts);
    }

    /// The longest run of messages without parts at the front; see [`frame::plain_run`].
    pub fn plain(&self, most: usize, most_single: usize) -> &[u8] {
        let bytes = self.frames.as_slice();
        &bytes[..frame::plain_run(bytes, most, most_single)]
    }

    /// Drops `bytes` of delivered messages without parts.
    pub fn consume_plain(&mut self, bytes: usize) {
        self.frames.consume(bytes);
    }

    /// The body and the parts of the message at the front.
    pub fn peek(&self) -> Option<(&[u8], impl Iterator<Item = &P>)> {
        let (body, parts) = frame::queued(self.frames.as_slice())?;
        let body = &self.frames.as_slice()[HEADER..HEADER + body];
        Some((body, self.parts.iter().take(parts)))
    }

    /// Takes the message at the front; `take` reads the body in place and gets the parts.
    pub fn pop<T>(&mut self, take: impl FnOnce(&[u8], Vec<P>) -> T) -> Option<T>
    where
        P: Weigh,
    {
        let (body, parts) = frame::queued(self.frames.as_slice())?;
        let parts: Vec<P> = self.parts.drain(..parts).collect();
        self.memory -= parts.iter().map(Weigh::weight).sum::<usize>();
        let taken = take(&self.frames.as_slice()[HEADER..HEADER + body], parts);
        self.frames.consume(HEADER + frame::padded(body));
        Some(taken)
    }

    /// The parts of all queued messages.
    pub fn parts(&self) -> impl Iterator<Item = &P> {
        self.parts.iter()
    }

    /// The queue with its parts turned into something else.
    pub fn map_parts<Q>(self, map: impl FnMut(P) -> Q) -> Inbox<Q> {
        Inbox { frames: self.frames, parts: self.parts.into_iter().map(map).collect(), memory: self.memory }
    }

    pub fn into_parts(self) -> VecDeque<P> {
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A part that weighs what it says.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Stone(usize);

    impl Weigh for Stone {
        fn weight(&self) -> usize {
            self.0
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Plain(Vec<u8>),
        Parts(Vec<u8>, Vec<usize>),
        Run { most: usize, most_single: usize, keep: prop::sample::Index },
        Pop,
    }

    fn step() -> impl Strategy<Value = Step> {
        let body = || prop::collection::vec(any::<u8>(), 0..40);
        prop_oneof![
            body().prop_map(Step::Plain),
            (body(), prop::collection::vec(0usize..100, 1..4)).prop_map(|(body, parts)| Step::Parts(body, parts)),
            (0usize..200, 0usize..200, any::<prop::sample::Index>()).prop_map(|(most, most_single, keep)| Step::Run {
                most,
                most_single,
                keep
            }),
            Just(Step::Pop),
        ]
    }

    type Model = VecDeque<(Vec<u8>, Vec<Stone>)>;

    fn framed(body: &[u8]) -> Vec<u8> {
        let mut log = ByteLog::default();
        frame::push_plain(&mut log, body);
        log.as_slice().to_vec()
    }

    fn weight(model: &Model) -> usize {
        let weigh = |(body, parts): &(Vec<u8>, Vec<Stone>)| {
            HEADER + frame::padded(body.len()) + parts.iter().map(|stone| stone.0).sum::<usize>()
        };
        model.iter().map(weigh).sum()
    }

    proptest! {
        #[test]
        fn messages_come_out_in_order_with_their_own_parts(steps in prop::collection::vec(step(), 0..60)) {
            let (mut inbox, mut model) = (Inbox::default(), Model::new());
            for step in steps {
                match step {
                    Step::Plain(body) => {
                        inbox.push_plain(&body);
                        model.push_back((body, vec![]));
                    }
                    Step::Parts(body, parts) => {
                        let parts: Vec<Stone> = parts.into_iter().map(Stone).collect();
                        inbox.push(&body, parts.clone());
                        model.push_back((body, parts));
                    }
                    Step::Run { most, most_single, keep } => {
                        let run = inbox.plain(most, most_single).to_vec();
                        let mut expected = Vec::new();
                        let mut ends = vec![0];
                        for (body, _) in model.iter().take_while(|(_, parts)| parts.is_empty()) {
                            let frame = framed(body);
                            let next = expected.len() + frame.len();
                            if next > most && !(expected.is_empty() && next <= most_single) {
                                break;
                            }
                            expected.extend(frame);
                            ends.push(expected.len());
                        }
                        prop_assert_eq!(run, expected);
                        // Only some of the run gets delivered.
                        let delivered = keep.index(ends.len());
                        inbox.consume_plain(ends[delivered]);
                        model.drain(..delivered);
                    }
                    Step::Pop => {
                        let front = inbox.peek().map(|(body, parts)| (body.to_vec(), parts.cloned().collect()));
                        prop_assert_eq!(front.as_ref(), model.front());
                        let popped = inbox.pop(|body, parts| (body.to_vec(), parts));
                        prop_assert_eq!(popped, model.pop_front());
                    }
                }
                prop_assert_eq!(inbox.is_empty(), model.is_empty());
                prop_assert_eq!(inbox.weight(), weight(&model));
                prop_assert!(inbox.parts().eq(model.iter().flat_map(|(_, parts)| parts)));
            }
            let mut mapped = inbox.map_parts(|stone| Stone(stone.0));
            while let Some(message) = mapped.pop(|body, parts| (body.to_vec(), parts)) {
                prop_assert_eq!(Some(message), model.pop_front());
            }
            prop_assert!(model.is_empty());
            prop_assert_eq!(mapped.weight(), 0);
        }
    }
}
